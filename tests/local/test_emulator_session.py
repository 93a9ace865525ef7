"""The tools of development reach the emulator, whatever the machine is configured with."""

import os

import pytest

from local.emulator_session import session

URL = "http://127.0.0.1:1234"


@pytest.mark.parametrize("elsewhere", [None, "http://127.0.0.1:9999"])
def test_the_address_that_is_given_counts(
    monkeypatch: pytest.MonkeyPatch, elsewhere: str | None
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    if elsewhere:
        monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere)
    assert session(URL).client("sqs").meta.endpoint_url == URL
    assert os.environ.get("AWS_ENDPOINT_URL") == elsewhere


def test_without_one_it_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", URL)
    assert session().client("cloudformation").meta.endpoint_url == URL


def test_without_any_it_is_this_machine_and_never_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert session().client("s3").meta.endpoint_url == "http://localhost:4566"
