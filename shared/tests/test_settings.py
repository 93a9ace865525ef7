import pytest

from gas.settings import ColdSettings, Settings, WorkerSettings, load


def test_resource_names_are_derived_from_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAS_PREFIX", "gas-staging")
    monkeypatch.setenv("GAS_ACCOUNT_ID", "123456789012")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    settings = load(Settings)
    assert settings.named("events") == "gas-staging-events"
    assert settings.bucket("inputs") == "gas-staging-inputs-123456789012-eu-central-1"
    assert settings.topic_arn("events") == (
        "arn:aws:sns:eu-central-1:123456789012:gas-staging-events"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GAS_GRACE_SECONDS", "soon"),
        ("GAS_POLL_SECONDS", "21"),
        ("GAS_PREFIX", "Not A Prefix"),
        ("GAS_RESTORE_TIERS", "warp"),
        ("GAS_RESTORE_TIERS", ""),
        ("GAS_RESTORE_TIERS", "expedited"),
        ("GAS_RESTORE_TIERS", "standard,expedited"),
        ("GAS_RESTORE_TIERS", "bulk,bulk"),
        ("GAS_RESTORE_TIER", "standard"),
        ("GAS_ENV", "moon"),
    ],
)
def test_an_invalid_setting_ends_the_process_with_a_line_that_names_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        load(ColdSettings)
    assert ended.value.code == 2
    message = capsys.readouterr().err
    assert name in message
    assert message.count("\n") == 1


def test_development_defaults_are_refused_in_production(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GAS_ENV", "production")
    with pytest.raises(SystemExit):
        load(WorkerSettings)
    assert "GAS_ACCOUNT_ID" in capsys.readouterr().err
    monkeypatch.setenv("GAS_ACCOUNT_ID", "123456789012")
    assert load(WorkerSettings).env == "production"


def test_the_policy_of_archiving_is_what_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAS_GRACE_SECONDS", "60")
    monkeypatch.setenv("GAS_MIN_ARCHIVE_BYTES", "100000")
    policy = load(WorkerSettings).archive_policy
    assert (policy.grace.total_seconds(), policy.min_bytes) == (60, 100_000)
