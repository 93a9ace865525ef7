"""The state machine that spreads parts: what neither cfn-lint nor an emulator notices."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode.cfn_yaml import load

from annotator.settings import AnnotatorSettings

ECS = Path(__file__).resolve().parents[2] / "ecs"
TEMPLATE: Any = load(str(ECS / "scatter.yaml"))
MOST_BODY_BYTES = (
    51_200  # of a template in a request, which is how `make deploy` sends the data stack
)
MOST_OF_A_MAP_BYTES = 262_144
MOST_CHILDREN = 10_000


def definition() -> Any:
    """The definition as Step Functions gets it, with the defaults of the parameters."""
    text = TEMPLATE["Resources"]["Scatter"]["Properties"]["DefinitionString"]["Fn::Sub"]
    values = {name: each.get("Default") for name, each in TEMPLATE["Parameters"].items()}
    return json.loads(re.sub(r"\$\{([\w:]+)\}", lambda name: str(values.get(name[1], "x")), text))


STATES = definition()["States"]
PART = STATES["Parts"]["ItemProcessor"]["States"]["Annotate"]


@pytest.mark.parametrize("state", [PART, STATES["Join"]])
def test_what_waits_for_an_answer_has_both_limits_and_is_repeated_a_few_times(state: Any) -> None:
    assert state["Resource"].endswith(":sqs:sendMessage.waitForTaskToken")
    assert 0 < state["HeartbeatSeconds"] < state["TimeoutSeconds"]
    over, others = state["Retry"]
    assert over == {"ErrorEquals": ["Job.Over"], "MaxAttempts": 0}
    assert others["ErrorEquals"] == ["States.ALL"]
    assert 1 <= others["MaxAttempts"] <= 5
    assert state["Parameters"]["MessageGroupId.$"] == "$.user_id", "queues are fair between users"
    assert state["Parameters"]["MessageBody"]["token.$"] == "$$.Task.Token"


def test_the_answers_of_the_most_parts_do_not_fill_what_a_map_may_give_back() -> None:
    assert PART["OutputPath"] is None, "each part gives an empty object back"
    assert MOST_CHILDREN * len("{},") < MOST_OF_A_MAP_BYTES


def test_numbers_are_numbers_and_one_failure_ends_the_map() -> None:
    assert STATES["Parts"]["MaxConcurrency"] == 200
    assert not [key for key in STATES["Parts"] if key.startswith("Tolerated")]


def test_a_part_is_sent_again_only_long_after_the_queue_has_noticed_a_lost_worker() -> None:
    silent = TEMPLATE["Parameters"]["SilentSeconds"]
    settings = AnnotatorSettings()
    assert silent["MinValue"] > settings.visibility_seconds * settings.max_receives
    alarm = load(str(ECS / "alarms.yaml"))["Resources"]["WaitingPartsAlarm"]["Properties"]
    assert alarm["Threshold"] + 15 * 60 <= silent["Default"], "operators are told before it happens"


def test_parts_outlive_every_job_that_could_still_need_them_and_end_by_themselves() -> None:
    bucket = load(str(ECS / "data.yaml"))["Resources"]["PartsBucket"]["Properties"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    longest = timedelta(seconds=int(TEMPLATE["Parameters"]["PartSeconds"]["MaxValue"]))
    assert timedelta(days=int(rule["ExpirationInDays"])) > 3 * longest
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1
    assert "VersioningConfiguration" not in bucket, "what is deleted there is not paid for"


def test_the_limits_are_parameters_with_the_defaults_of_the_settings() -> None:
    root, worker = load(str(ECS / "gas.yaml")), load(str(ECS / "worker.yaml"))
    passed = root["Resources"]["Annotator"]["Properties"]["Parameters"]
    for name in ("split_bytes", "part_bytes", "free_parts", "premium_parts"):
        parameter = name.title().replace("_", "")
        default = AnnotatorSettings.model_fields[name].default
        for template in (root, worker):
            assert template["Parameters"][parameter]["Default"] == default
        assert passed[parameter] == {"Ref": parameter}
    assert root["Parameters"]["SplitBytes"]["Default"] == 0, "nothing is split unless asked for"
    most = root["Resources"]["Scatter"]["Properties"]["Parameters"]["MostParts"]
    assert most == {"Ref": "MostParts"}
    assert root["Parameters"]["MostParts"] == {
        **TEMPLATE["Parameters"]["MostParts"],
        "Description": root["Parameters"]["MostParts"]["Description"],
    }


@pytest.mark.parametrize("template", ["data.yaml", "gas.yaml", "registry.yaml"])
def test_a_template_that_is_sent_in_a_request_is_short_enough(template: str) -> None:
    assert (ECS / template).stat().st_size < MOST_BODY_BYTES


def test_the_role_of_the_state_machine_may_do_what_a_map_does_and_nothing_else() -> None:
    (policy,) = TEMPLATE["Resources"]["Role"]["Properties"]["Policies"]
    allowed: set[str] = set()
    for statement in policy["PolicyDocument"]["Statement"]:
        actions = statement["Action"]
        allowed |= {actions} if isinstance(actions, str) else set(actions)
        assert statement["Resource"]["Fn::Sub"].count("${Prefix}") == 1
    assert allowed == {
        "s3:GetObject",
        "sqs:SendMessage",
        "states:StartExecution",
        "states:DescribeExecution",
        "states:StopExecution",
    }
