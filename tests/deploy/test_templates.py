"""What cfn-lint cannot check: that the services start with the values of the templates."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import load

from annotator.settings import AnnotatorSettings
from gas.settings import ColdSettings, Settings
from notifier.settings import NotifierSettings
from restorer.settings import RestorerSettings
from tests.support.settings import PRODUCTION
from web.settings import WebSettings

ECS = Path(__file__).resolve().parents[2] / "ecs"
MOST_STOP_SECONDS = 120  # Fargate's own limit, which cfn-lint does not know
GIVEN = {
    "Prefix": "gas-staging",
    "AWS::AccountId": "123456789012",
    "AWS::Region": "eu-central-1",
    "GraceSeconds": "300",
    "PublicUrl": "https://gas.example.org",
    "MailFrom": "gas@example.org",
    "OidcIssuer": "https://auth.example.org",
    "OidcClientId": "client",
    "Billing": "operator",
    "OperatorContact": "ops@example.org",
    "Operators": "grace@example.org,ada@example.org",
    "FreeOpenUploads": "50",
    "PremiumOpenUploads": "500",
    "FreeWaitingJobs": "100",
    "PremiumWaitingJobs": "1000",
    "FreeStoredBytes": "50000000000",
    "PremiumStoredBytes": "2000000000000",
    "FreeRequests": "600/minute",
    "PremiumRequests": "1800/minute",
    "Logins": "60/minute",
    "Visits": "1200/minute",
    "ApiTokens": "20",
    "SessionSecretArn": "s" * 64,
    "OidcSecretArn": "o" * 40,
    "BundleBucket": "bundles",
    "SplitBytes": "0",
    "PartBytes": "67108864",
    "FreeParts": "8",
    "PremiumParts": "200",
    "Service": "archiver",
    "RestoreTiers": "standard,bulk",
    "ArchiveStore": "vault",
    "Vault": "results",
    "MinArchiveBytes": "0",
    "TraceEndpoint": "http://collector.internal:4318",
}
LIMITS = (
    *("free_open_uploads", "premium_open_uploads", "free_waiting_jobs", "premium_waiting_jobs"),
    *("free_stored_bytes", "premium_stored_bytes"),
    *("free_requests", "premium_requests", "logins", "api_tokens"),
)
WORKERS: dict[str, type[Settings]] = {
    "notifier": NotifierSettings,
    "annotator": AnnotatorSettings,
    "archiver": ColdSettings,
    "restorer": RestorerSettings,
    "thawer": ColdSettings,
}


def container(name: str) -> Any:
    (found,) = load(str(ECS / name))["Resources"]["Task"]["Properties"]["ContainerDefinitions"]
    return found


def environment(name: str) -> dict[str, str]:
    """The environment variables of a task of that template."""
    found = container(name)
    pairs = [(pair["Name"], pair["Value"]) for pair in map(chosen, found["Environment"])]
    pairs += [(pair["Name"], pair["ValueFrom"]) for pair in found.get("Secrets", [])]
    return {key: given(value) for key, value in pairs}


def given(value: Any) -> str:
    """The value that CloudFormation would put there."""
    if not isinstance(value, dict):
        return str(value)
    if "Ref" in value:
        return GIVEN[value["Ref"]]
    return re.sub(r"\$\{(\w+)\}", lambda name: GIVEN[name[1]], value["Fn::Sub"])


def chosen(value: Any) -> Any:
    """The first branch of a condition: the value where every option is chosen."""
    return value["Fn::If"][1] if isinstance(value, dict) and "Fn::If" in value else value


@pytest.mark.parametrize(
    ("template", "settings"),
    [("web.yaml", WebSettings), *(("worker.yaml", kind) for kind in WORKERS.values())],
)
def test_a_service_starts_in_production_with_what_its_template_gives(
    template: str, settings: type[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(template).items():
        monkeypatch.setenv(name, value)
    loaded = settings()
    assert loaded.env == "production"
    assert loaded.bucket("inputs") == "gas-staging-inputs-123456789012-eu-central-1"


def test_on_aws_operators_give_plans_and_the_page_says_whom_to_ask() -> None:
    given = environment("web.yaml")
    assert given["GAS_BILLING"] == "operator"
    assert given["GAS_OPERATOR_CONTACT"] == "ops@example.org"
    for template in ("web.yaml", "gas.yaml"):
        billing = load(str(ECS / template))["Parameters"]["Billing"]
        assert billing["Default"] == "operator"
        for allowed in billing["AllowedValues"]:
            WebSettings(**{**PRODUCTION, "billing": allowed})
    passed = load(str(ECS / "gas.yaml"))["Resources"]["Web"]["Properties"]["Parameters"]
    assert passed["Billing"] == {"Ref": "Billing"}
    assert passed["OperatorContact"] == {"Ref": "OperatorContact"}


def test_on_aws_nobody_is_an_operator_unless_the_environment_names_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for template in ("web.yaml", "gas.yaml"):
        assert load(str(ECS / template))["Parameters"]["Operators"]["Default"] == ""
    passed = load(str(ECS / "gas.yaml"))["Resources"]["Web"]["Properties"]["Parameters"]
    assert passed["Operators"] == {"Ref": "Operators"}
    for name, value in environment("web.yaml").items():
        monkeypatch.setenv(name, value)
    assert WebSettings().operators == ("grace@example.org", "ada@example.org")
    monkeypatch.setenv("GAS_OPERATORS", "")
    assert WebSettings().operators == ()


def test_the_limits_are_parameters_with_the_defaults_of_the_settings() -> None:
    given = environment("web.yaml")
    passed = load(str(ECS / "gas.yaml"))["Resources"]["Web"]["Properties"]["Parameters"]
    for name in LIMITS:
        parameter = name.title().replace("_", "")
        default = WebSettings.model_fields[name].default
        for template in ("web.yaml", "gas.yaml"):
            assert load(str(ECS / template))["Parameters"][parameter]["Default"] == default
        assert passed[parameter] == {"Ref": parameter}
        assert given[f"GAS_{name.upper()}"] == str(default)


@pytest.mark.parametrize("template", ["web.yaml", "worker.yaml"])
def test_no_task_is_killed_before_it_has_stopped(template: str) -> None:
    assert int(container(template)["StopTimeout"]) <= MOST_STOP_SECONDS
    gone_after = float(environment(template).get("GAS_STOP_SECONDS", 0))
    assert gone_after < int(container(template)["StopTimeout"])


@pytest.mark.parametrize("template", ["web.yaml", "worker.yaml"])
def test_tasks_cannot_write_to_their_image_and_hold_no_secret_in_plain_text(template: str) -> None:
    found = container(template)
    assert found["ReadonlyRootFilesystem"] is True
    plain = {pair["Name"] for pair in map(chosen, found["Environment"])}
    assert not {name for name in plain if "SECRET" in name}


@pytest.mark.parametrize("template", ["web.yaml", "worker.yaml"])
def test_the_user_of_the_image_can_write_to_the_only_writable_folder(template: str) -> None:
    (mount,) = container(template)["MountPoints"]
    dockerfile = (ECS.parent / "services" / "Dockerfile").read_text()
    assert f'VOLUME ["{mount["ContainerPath"]}"]' in dockerfile


def test_every_worker_has_a_command_and_a_role() -> None:
    worker = load(str(ECS / "worker.yaml"))
    command = worker["Resources"]["Task"]["Properties"]["ContainerDefinitions"][0]["Command"]
    assert command == ["python", "-m", {"Ref": "Service"}]
    assert all(importlib.util.find_spec(f"{name}.__main__") for name in WORKERS)
    assert set(worker["Parameters"]["Service"]["AllowedValues"]) == set(WORKERS)
    roles = load(str(ECS / "roles.yaml"))["Outputs"]
    assert {key.removesuffix("RoleArn").lower() for key in roles} == {*WORKERS, "web"}


def scaling_metrics() -> dict[str, Any]:
    resources = load(str(ECS / "worker.yaml"))["Resources"]
    policy = resources["ScaleByLoad"]["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    return {m["Id"]: m for m in policy["CustomizedMetricSpecification"]["Metrics"]}


def test_the_scaling_counts_the_queue_and_the_tasks_of_the_service_itself() -> None:
    metrics = scaling_metrics()
    returned = [name for name, metric in metrics.items() if metric["ReturnData"]]
    assert returned == ["load"]
    service = metrics["cpu"]["MetricStat"]["Metric"]["Dimensions"]
    assert service == metrics["tasks"]["MetricStat"]["Metric"]["Dimensions"]
    for name in ("waiting", "age"):
        queue = metrics[name]["MetricStat"]["Metric"]["Dimensions"][0]
        assert queue == {"Name": "QueueName", "Value": {"Fn::Sub": "${Prefix}-${Service}"}}


def test_every_queue_has_an_alarm_for_its_dead_letters() -> None:
    queues = {
        resource["Properties"]["QueueName"]["Fn::Sub"]
        for resource in load(str(ECS / "data.yaml"))["Resources"].values()
        if resource["Type"] == "AWS::SQS::Queue"
    }
    alarm = load(str(ECS / "alarms.yaml"))["Resources"]["DeadLettersAlarm"]["Properties"]
    watched = {
        metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Fn::Sub"]
        for metric in alarm["Metrics"]
        if "MetricStat" in metric
    }
    assert watched == {queue for queue in queues if queue.endswith("-dlq")}


def test_the_root_stack_passes_every_required_parameter() -> None:
    root = load(str(ECS / "gas.yaml"))
    for resource in root["Resources"].values():
        name = resource["Properties"]["TemplateURL"]["Fn::Sub"].rsplit("/", 1)[1]
        parameters = load(str(ECS / name))["Parameters"]
        given = set(resource["Properties"]["Parameters"])
        needed = {key for key, parameter in parameters.items() if "Default" not in parameter}
        assert given <= set(parameters), name
        assert needed <= given, name


def test_browsers_may_send_uploads_and_read_parts_of_results_from_our_pages_only() -> None:
    resources = load(str(ECS / "data.yaml"))["Resources"]

    def rule(bucket: str) -> dict[str, Any]:
        (found,) = resources[bucket]["Properties"]["CorsConfiguration"]["CorsRules"]
        assert found["AllowedOrigins"] == [{"Ref": "WebOrigin"}]
        return dict(found)

    assert rule("InputsBucket")["AllowedMethods"] == ["POST", "PUT"]
    assert rule("ResultsBucket")["AllowedMethods"] == ["GET", "HEAD"]
    assert "Content-Range" in rule("ResultsBucket")["ExposedHeaders"]


def test_the_health_of_web_is_asked_on_the_port_that_its_image_has_for_it() -> None:
    resources = load(str(ECS / "web.yaml"))["Resources"]
    port = resources["Targets"]["Properties"]["HealthCheckPort"]
    dockerfile = (ECS.parent / "services" / "Dockerfile").read_text()
    assert f"GAS_HEALTH_PORT={port}" in dockerfile
    assert f"http://127.0.0.1:{port}/healthz" in container("web.yaml")["HealthCheck"]["Command"]
    opened = resources["WebSecurityGroup"]["Properties"]["SecurityGroupIngress"]
    assert {int(port), 8000} == {rule["FromPort"] for rule in opened}


def test_no_file_that_a_job_needs_is_deleted_for_its_age() -> None:
    resources = load(str(ECS / "data.yaml"))["Resources"]
    buckets = {name: one for name, one in resources.items() if one["Type"] == "AWS::S3::Bucket"}
    assert {"InputsBucket", "ResultsBucket", "ArchiveBucket"} <= set(buckets)
    # Parts are made anew from the input.
    del buckets["AccessLogsBucket"], buckets["PartsBucket"]
    for bucket in buckets.values():
        for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]:
            assert not [key for key in rule if key.startswith("Expiration")]
            assert {move["StorageClass"] for move in rule.get("Transitions", [])} <= {"STANDARD_IA"}
