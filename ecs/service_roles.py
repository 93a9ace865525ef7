"""The roles with which services of AWS act in the account; a new account has none of them."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from gas.aws.errors import error_code

# In an account that never had a cluster, the first deployment can fail without the first of these:
# ECS creates it in the background while CloudFormation already uses it. That of autoscaling is made
# before it is used. docs.aws.amazon.com/AmazonECS/latest/developerguide, "service-linked roles".
SERVICES = ("ecs.amazonaws.com", "elasticloadbalancing.amazonaws.com")


def create_service_roles(iam: Any) -> list[str]:
    """Create the roles that are missing; returns the services that got one."""
    return [service for service in SERVICES if _create(iam, service)]


def _create(iam: Any, service: str) -> bool:
    try:
        iam.create_service_linked_role(AWSServiceName=service)
    except ClientError as error:
        # IAM has no code of its own for a role that exists: it calls the input invalid.
        if error_code(error) == "EntityAlreadyExists" or "has been taken" in str(error):
            return False
        raise
    return True
