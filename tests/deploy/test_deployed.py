"""The templates can be deployed on the back ends of the tests, as far as these know the resources.

The emulator of the tests has no elastic addresses, no Application Auto Scaling, no alarms on metric
math and no keys of buckets. So network and encryption are deployed on moto, the services without
their scaling, and the alarms only by ``make test-deploy``, which deploys everything on LocalStack.
"""

import json
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.decode.cfn_yaml import load
from mypy_boto3_cloudformation import CloudFormationClient

from local.deploy import put_stack
from local.ports import HOST, choose
from local.stack import CREDENTIALS, EMULATORS, REGION

pytestmark = pytest.mark.integration

ECS = Path(__file__).resolve().parents[2] / "ecs"
UNKNOWN = ("AWS::ApplicationAutoScaling::", "AWS::WAFv2::")
IMAGE = "registry.test/image@sha256:" + "a" * 64
Outputs = dict[str, str]


@pytest.fixture(scope="module", autouse=True)
def credentials() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def prefix() -> str:
    return f"r{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
def cloudformation(emulator: str) -> CloudFormationClient:
    return boto3.client("cloudformation", endpoint_url=emulator, region_name=REGION)


@pytest.fixture(scope="module")
def roles(cloudformation: CloudFormationClient, prefix: str) -> Outputs:
    given = {"Prefix": prefix, "MailDomain": "example.org"}
    return put_stack(cloudformation, f"{prefix}-roles", ECS / "roles.yaml", given)


@pytest.fixture(scope="module")
def vpc(emulator: str) -> Outputs:
    """A VPC with subnets, in the form of the outputs of the network template."""
    ec2 = boto3.client("ec2", endpoint_url=emulator, region_name=REGION)
    id = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=id, CidrBlock=f"10.7.{n}.0/24")["Subnet"]["SubnetId"]
        for n in range(4)
    ]
    return {
        "VpcId": id,
        "PublicSubnets": ",".join(subnets[:2]),
        "PrivateSubnets": ",".join(subnets[2:]),
    }


@pytest.fixture(scope="module")
def cluster(cloudformation: CloudFormationClient, prefix: str, vpc: Outputs) -> Outputs:
    given = {"Prefix": prefix, "VpcId": vpc["VpcId"]}
    return put_stack(cloudformation, f"{prefix}-cluster", ECS / "cluster.yaml", given)


def known(name: str, folder: Path) -> Path:
    """The template without the resources that the emulator does not know."""
    template: dict[str, Any] = json.loads(json.dumps(load(str(ECS / name))))
    template["Resources"] = {
        key: resource
        for key, resource in template["Resources"].items()
        if not resource["Type"].startswith(UNKNOWN)
    }
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::ECS::Service":
            resource["Properties"]["DesiredCount"] = 1  # it cannot calculate with a parameter
    path = folder / f"{name}.json"
    path.write_text(json.dumps(template))
    return path


def picked(outputs: Outputs, *names: str) -> Outputs:
    return {name: outputs[name] for name in names}


def test_the_roles_are_created_with_their_policies(
    emulator: str, prefix: str, roles: Outputs
) -> None:
    assert len(roles) == 6
    iam = boto3.client("iam", endpoint_url=emulator, region_name=REGION)
    for key, arn in roles.items():
        service = key.removesuffix("RoleArn").lower()
        name = arn.rsplit("/", 1)[1]
        document = iam.get_role_policy(RoleName=name, PolicyName=service)["PolicyDocument"]
        text = json.dumps(document)
        assert f"table/{prefix}-" in text
        assert "${" not in text
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        assert len(attached) == 1


def test_the_registry_has_a_repository_for_each_image(
    cloudformation: CloudFormationClient, emulator: str, prefix: str
) -> None:
    put_stack(cloudformation, f"{prefix}-registry", ECS / "registry.yaml", {"Prefix": prefix})
    ecr = boto3.client("ecr", endpoint_url=emulator, region_name=REGION)
    names = {found["repositoryName"] for found in ecr.describe_repositories()["repositories"]}
    services = ("web", "annotator", "archiver", "restorer", "thawer")
    assert {f"{prefix}/{name}" for name in services} <= names


def test_a_worker_is_created_with_its_task(
    cloudformation: CloudFormationClient,
    emulator: str,
    prefix: str,
    roles: Outputs,
    cluster: Outputs,
    vpc: Outputs,
    tmp_path: Path,
) -> None:
    given = {
        "Prefix": prefix,
        "Service": "annotator",
        "Image": IMAGE,
        "TaskRoleArn": roles["AnnotatorRoleArn"],
        "Subnets": vpc["PrivateSubnets"],
        "SecurityGroup": cluster["WorkerSecurityGroup"],
        "PublicUrl": "https://gas.example.org",
        "MailFrom": "gas@example.org",
        "BundleBucket": "bundles",
        **picked(cluster, "ClusterName", "ExecutionRoleArn", "LogGroup"),
    }
    put_stack(cloudformation, f"{prefix}-annotator", known("worker.yaml", tmp_path), given)
    ecs = boto3.client("ecs", endpoint_url=emulator, region_name=REGION)
    (service,) = ecs.describe_services(cluster=prefix, services=["annotator"])["services"]
    task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    (container,) = task["containerDefinitions"]
    assert container["command"] == ["python", "-m", "annotator"]
    assert {"name": "GAS_BUNDLE_BUCKET", "value": "bundles"} in container["environment"]


def test_web_is_created_behind_its_load_balancer(
    cloudformation: CloudFormationClient,
    emulator: str,
    prefix: str,
    roles: Outputs,
    cluster: Outputs,
    vpc: Outputs,
    tmp_path: Path,
) -> None:
    given = {
        "Prefix": prefix,
        "Image": IMAGE,
        "TaskRoleArn": roles["WebRoleArn"],
        "CertificateArn": f"arn:aws:acm:{REGION}:000000000000:certificate/one",
        "OidcClientId": "client",
        "PublicUrl": "https://gas.example.org",
        **vpc,
        **{key: value for key, value in cluster.items() if key != "WorkerSecurityGroup"},
    }
    outputs = put_stack(cloudformation, f"{prefix}-web", known("web.yaml", tmp_path), given)
    elb = boto3.client("elbv2", endpoint_url=emulator, region_name=REGION)
    (balancer,) = elb.describe_load_balancers(Names=[prefix])["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert {listener["Port"] for listener in listeners} == {80, 443}
    assert outputs["BalancerName"] in balancer["LoadBalancerArn"]


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("moto")
    port = choose(("moto",), folder / "ports.json")["moto"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(EMULATORS / "moto_server"), "-H", HOST, "-p", str(port)], stdout=log, stderr=log
        )
        yield f"http://{HOST}:{port}"
        process.terminate()
        process.wait(20)


def test_the_network_is_created_with_a_nat_gateway_for_each_zone(moto: str) -> None:
    client = boto3.client("cloudformation", endpoint_url=moto, region_name=REGION)
    outputs = put_stack(client, "net", ECS / "network.yaml", {"NatInEachZone": "yes"})
    ec2 = boto3.client("ec2", endpoint_url=moto, region_name=REGION)
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [outputs["VpcId"]]}])
    routes = [table["Routes"] for table in tables["RouteTables"]]
    gateways = [
        {route["NatGatewayId"] for route in table if "NatGatewayId" in route} for table in routes
    ]
    assert sorted(len(ids) for ids in gateways) == [0, 0, 1, 1]
    assert len(set().union(*gateways)) == 2
    endpoints = [
        table
        for table, ids in zip(routes, gateways, strict=True)
        if ids and sum(route.get("GatewayId", "").startswith("vpce-") for route in table) == 2
    ]
    assert len(endpoints) == 2, "S3 and DynamoDB are not reached through the NAT gateways"


@pytest.mark.parametrize(("own_key", "algorithm"), [("no", "AES256"), ("yes", "aws:kms")])
def test_all_stored_data_is_encrypted_with_the_chosen_key(
    moto: str, own_key: str, algorithm: str
) -> None:
    session = boto3.Session(region_name=REGION)
    s3 = session.client("s3", endpoint_url=moto)
    sqs = session.client("sqs", endpoint_url=moto)
    sns = session.client("sns", endpoint_url=moto)
    cloudformation = session.client("cloudformation", endpoint_url=moto)
    prefix = f"own-{own_key}"
    given = {"Prefix": prefix, "OwnKey": own_key}
    put_stack(cloudformation, prefix, ECS / "data.yaml", given)
    account = session.client("sts", endpoint_url=moto).get_caller_identity()["Account"]
    keys: dict[str, str | None] = {}
    for name in ("inputs", "results", "archive"):
        answer = s3.get_bucket_encryption(Bucket=f"{prefix}-{name}-{account}-{REGION}")
        (rule,) = answer["ServerSideEncryptionConfiguration"]["Rules"]
        chosen = rule["ApplyServerSideEncryptionByDefault"]
        assert chosen["SSEAlgorithm"] == algorithm
        keys[name] = chosen.get("KMSMasterKeyID")
    for url in sqs.list_queues(QueueNamePrefix=prefix)["QueueUrls"]:
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        keys[url] = queue["Attributes"].get("KmsMasterKeyId")
    for name in ("events", "mail-feedback"):
        topic = f"arn:aws:sns:{REGION}:{account}:{prefix}-{name}"
        attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        keys[topic] = attributes.get("KmsMasterKeyId")
    kinds = [one["Type"] for one in load(str(ECS / "data.yaml"))["Resources"].values()]
    assert len(keys) == 3 + kinds.count("AWS::SQS::Queue") + 2
    ids = {key.rsplit("/", 1)[-1] if key else None for key in keys.values()}
    assert len(ids) == 1
    if own_key == "no":
        assert ids == {None}
        return
    (key,) = ids
    assert key is not None
    kms = session.client("kms", endpoint_url=moto)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
