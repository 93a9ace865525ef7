"""Rules of the templates whose breach shows only on AWS, after months."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.decode.cfn_yaml import load

from gas.settings import Settings

ECS = Path(__file__).resolve().parents[2] / "ecs"
WORKERS = ("Notifier", "Annotator", "Archiver", "Restorer", "Thawer")
COLD = {"Archiver", "Restorer", "Thawer"}
KEPT_BUCKETS = ("InputsBucket", "ResultsBucket", "ArchiveBucket")


def resources(template: str) -> dict[str, Any]:
    """The resources of a template, by logical id."""
    return dict(load(str(ECS / template))["Resources"])


def of_type(template: str, kind: str) -> dict[str, Any]:
    """The properties of the resources of that type, by logical id."""
    found = resources(template).items()
    return {name: each["Properties"] for name, each in found if each["Type"] == kind}


@pytest.mark.parametrize("template", ["web.yaml", "worker.yaml"])
def test_a_deployment_does_not_reset_what_scaling_chose(template: str) -> None:
    (service,) = of_type(template, "AWS::ECS::Service").values()
    # CloudFormation leaves the count of a running service alone only where the template has none.
    assert "DesiredCount" not in service
    assert of_type(template, "AWS::ApplicationAutoScaling::ScalableTarget")


@pytest.mark.parametrize("template", ["web.yaml", "worker.yaml"])
def test_tasks_name_the_platform_that_images_are_built_for(template: str) -> None:
    (task,) = of_type(template, "AWS::ECS::TaskDefinition").values()
    assert task["RuntimePlatform"] == {
        "CpuArchitecture": "X86_64",
        "OperatingSystemFamily": "LINUX",
    }


@pytest.mark.parametrize("stack", ["Roles", "Cluster", "Scatter", "Web", "Alarms"])
def test_what_the_root_stack_is_given_reaches_the_stack_that_asks_for_it(stack: str) -> None:
    main = load(str(ECS / "gas.yaml"))
    properties = main["Resources"][stack]["Properties"]
    template = properties["TemplateURL"]["Fn::Sub"].rsplit("/", 1)[1]
    for name in set(load(str(ECS / template))["Parameters"]) & set(main["Parameters"]):
        given = properties["Parameters"].get(name, {})
        # A vault that is not named has another word in roles, which must name one.
        assert {"Ref": name} in (given, *given.get("Fn::If", ())), (template, name)


def test_who_tells_users_when_results_are_archived_knows_the_policy() -> None:
    main = load(str(ECS / "gas.yaml"))
    for service in (*WORKERS, "Web"):
        given = main["Resources"][service]["Properties"]["Parameters"]
        for name in ("GraceSeconds", "MinArchiveBytes"):
            assert given.get(name) == {"Ref": name}, (service, name)
    for template in ("web.yaml", "worker.yaml"):
        (task,) = of_type(template, "AWS::ECS::TaskDefinition").values()
        environment = str(task["ContainerDefinitions"][0]["Environment"])
        assert "GAS_GRACE_SECONDS" in environment
        assert "GAS_MIN_ARCHIVE_BYTES" in environment


def test_the_ways_of_archiving_are_parameters_that_reach_every_worker_that_needs_them() -> None:
    main = load(str(ECS / "gas.yaml"))
    for name in ("RestoreTiers", "ArchiveStore", "Vault", "MinArchiveBytes", "GraceSeconds"):
        assert name in main["Parameters"]
        for worker in COLD:
            given = main["Resources"][worker]["Properties"]["Parameters"]
            assert given[name] == {"Ref": name}, (worker, name)
    (task,) = of_type("worker.yaml", "AWS::ECS::TaskDefinition").values()
    environment = str(task["ContainerDefinitions"][0]["Environment"])
    for variable in ("RESTORE_TIERS", "ARCHIVE_STORE", "VAULT", "MIN_ARCHIVE_BYTES"):
        assert f"GAS_{variable}" in environment


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        (region, partition)
        for partition in ("aws", "aws-cn", "aws-us-gov")
        for region in boto3.Session().get_available_regions("sns", partition)
    ],
)
def test_arns_name_the_partition_of_their_region(
    region: str, partition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", region)
    assert Settings().topic_arn("events").startswith(f"arn:{partition}:sns:{region}:")


def denials(policy: Any) -> list[dict[str, Any]]:
    """The statements that refuse something to everybody."""
    statements = policy["PolicyDocument"]["Statement"]
    return [each for each in statements if each["Effect"] == "Deny" and each["Principal"] == "*"]


def refuses_plain_http(policy: Any) -> bool:
    """True if it refuses what does not come over TLS."""
    wanted = {"Bool": {"aws:SecureTransport": False}}
    return any(str(each.get("Condition")) == str(wanted) for each in denials(policy))


def refuses_strangers(policy: Any) -> bool:
    """True if it refuses principals of other accounts that are no service of AWS."""
    wanted = {
        "StringNotEquals": {"aws:PrincipalAccount": {"Ref": "AWS::AccountId"}},
        "BoolIfExists": {"aws:PrincipalIsAWSService": False},
    }
    return any(str(each.get("Condition")) == str(wanted) for each in denials(policy))


def policies() -> dict[str, Any]:
    """Every resource policy of the data stack, by logical id."""
    kinds = ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
    return {name: each for kind in kinds for name, each in of_type("data.yaml", kind).items()}


@pytest.mark.parametrize("name", sorted(policies()))
def test_buckets_queues_and_topics_refuse_plain_http_and_strangers(name: str) -> None:
    assert refuses_plain_http(policies()[name])
    # Vaults publish notices from accounts of AWS; that topic allows our own retrievals alone.
    assert refuses_strangers(policies()[name]) or name == "RestoreNoticesTopicPolicy"


def test_every_bucket_queue_and_topic_has_a_policy() -> None:
    buckets = {
        policy["Bucket"]["Ref"] for policy in of_type("data.yaml", "AWS::S3::BucketPolicy").values()
    }
    assert {*KEPT_BUCKETS, "PartsBucket"} <= buckets
    queues = {
        queue["Ref"]
        for policy in of_type("data.yaml", "AWS::SQS::QueuePolicy").values()
        for queue in policy["Queues"]
    }
    assert queues == set(of_type("data.yaml", "AWS::SQS::Queue"))
    topics = {
        topic["Ref"]
        for policy in of_type("data.yaml", "AWS::SNS::TopicPolicy").values()
        for topic in policy["Topics"]
    }
    assert topics == set(of_type("data.yaml", "AWS::SNS::Topic"))


@pytest.mark.parametrize("bucket", KEPT_BUCKETS)
def test_what_is_deleted_or_overwritten_can_be_brought_back_for_some_days(bucket: str) -> None:
    found = of_type("data.yaml", "AWS::S3::Bucket")[bucket]
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = found["LifecycleConfiguration"]["Rules"]
    kept = [
        rule["NoncurrentVersionExpiration"] for rule in rules if "NoncurrentVersion" in str(rule)
    ]
    assert kept == [{"NoncurrentDays": {"Ref": "OldVersionsDays"}}]


def logged_buckets() -> dict[str, Any]:
    """How the requests to each bucket of data are logged, by logical id."""
    found = of_type("data.yaml", "AWS::S3::Bucket")
    return {name: one.get("LoggingConfiguration") for name, one in found.items()}


def test_who_read_or_wrote_an_object_is_logged_where_nobody_is_logged_in_turn() -> None:
    logged = logged_buckets()
    # A bucket that logs into itself grows for ever: each delivery is a write.
    assert logged.pop("AccessLogsBucket") is None
    assert set(KEPT_BUCKETS) <= set(logged)
    for bucket, to in logged.items():
        assert to is not None, bucket
        assert to["DestinationBucketName"] == {"Ref": "AccessLogsBucket"}, bucket
    prefixes = [to["LogFilePrefix"] for to in logged.values()]
    assert len(set(prefixes)) == len(prefixes)
    assert all(prefix.endswith("/") for prefix in prefixes)


def test_s3_may_deliver_the_logs_for_our_account_and_they_end() -> None:
    logs = of_type("data.yaml", "AWS::S3::Bucket")["AccessLogsBucket"]
    # Source: Amazon S3 user guide, "Enabling Amazon S3 server access logging".
    (rule,) = logs["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert "ObjectLockEnabled" not in logs
    (ends,) = logs["LifecycleConfiguration"]["Rules"]
    assert ends["Status"] == "Enabled"
    assert ends["ExpirationInDays"] >= 90
    (policy,) = (
        one["PolicyDocument"]
        for one in of_type("data.yaml", "AWS::S3::BucketPolicy").values()
        if one["Bucket"] == {"Ref": "AccessLogsBucket"}
    )
    (allowed,) = [one for one in policy["Statement"] if one["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert allowed["Action"] == "s3:PutObject"
    assert allowed["Resource"] == {"Fn::Sub": "${AccessLogsBucket.Arn}/*"}
    account = {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert allowed["Condition"] == {"StringEquals": account}
