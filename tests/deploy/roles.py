"""The roles of the services, as the template makes them, and the ARNs of what they touch."""

from tests.deploy.policies import Roles

ACCOUNT, REGION = "000000000000", "us-east-1"
PLACE = f"{REGION}:{ACCOUNT}"
SERVICES = ("web", "notifier", "annotator", "archiver", "restorer", "thawer")


def roles_of(prefix: str) -> Roles:
    return Roles(
        {
            "Prefix": prefix,
            "Vault": f"{prefix}-archive",
            "MailDomain": "example.org",
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::Partition": "aws",
        }
    )


def table(name: str) -> str:
    return f"arn:aws:dynamodb:{PLACE}:table/gas-{name}"


def queue(name: str) -> str:
    return f"arn:aws:sqs:{PLACE}:gas-{name}"


def key(bucket: str) -> str:
    return f"arn:aws:s3:::gas-{bucket}-{ACCOUNT}-{REGION}/user/job/file"
