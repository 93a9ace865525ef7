"""Has the public sample annotated on AWS: one task of the web service, with another command.

The task goes where the service's tasks go, with the same image, role and settings, and ends by
itself (docs/operations.md).
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ecs.environment import NotDeployed

SERVICE = "web"
"""The name of the service and of its container (``web.yaml``)."""


def start_sample(ecs: Any, cluster: str, release: str) -> str:
    """Start the task for that release; returns its ARN. Raises NotDeployed if it does not start.

    ``ecs`` is boto3's client of ECS. The task waits for the annotator; nobody waits for the task.
    """
    try:
        found = ecs.describe_services(cluster=cluster, services=[SERVICE])["services"]
        if not found:
            raise NotDeployed(f"the cluster {cluster} has no service {SERVICE}")
        answer = ecs.run_task(
            cluster=cluster,
            taskDefinition=found[0]["taskDefinition"],
            launchType="FARGATE",
            count=1,
            networkConfiguration=found[0]["networkConfiguration"],
            overrides={"containerOverrides": [{"name": SERVICE, "command": _command(release)}]},
            startedBy="sample",
        )
    except (BotoCoreError, ClientError) as error:
        raise NotDeployed(f"the sample's task did not start: {error}") from None
    if not answer["tasks"]:
        reasons = ", ".join(failure.get("reason", "unknown") for failure in answer["failures"])
        raise NotDeployed(f"the sample's task did not start: {reasons}")
    arn: str = answer["tasks"][0]["taskArn"]
    return arn


def _command(release: str) -> list[str]:
    return ["python", "-m", "web.sample", "--release", release]
