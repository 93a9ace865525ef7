"""Everything that stops Compose from starting is reported in one line that says what to do."""

from collections.abc import Sequence

import pytest

from local.containers.preflight import IMAGES, faults


class Machine:
    """A machine with an engine, all images and free ports, unless a test changes it."""

    def __init__(self) -> None:
        self.compose = "2.30.1"
        self.failing: set[str] = set()
        self.running = ""
        self.used: set[int] = set()
        self.environment: dict[str, str] = {}

    def run(self, command: Sequence[str]) -> tuple[int, str]:
        words = " ".join(command[1:])
        if any(words.startswith(word) for word in self.failing):
            return 1, ""
        if words.startswith("compose version"):
            return 0, self.compose
        return 0, self.running if words.startswith("compose ps") else ""

    def is_free(self, port: int) -> bool:
        return port not in self.used

    def faults(self, *, images: bool = False) -> list[str]:
        return list(faults(self.environment, self.run, self.is_free, images=images))


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_ready_machine_has_no_faults(machine: Machine) -> None:
    assert machine.faults(images=True) == []


@pytest.mark.parametrize(
    ("failing", "message"),
    [
        ("--version", "there is no docker here: install"),
        ("info", "the container engine does not answer: start Docker"),
        ("compose version", "Docker Compose 2.20 or newer is needed (found none): update it"),
    ],
)
def test_without_an_engine_nothing_else_is_checked(
    machine: Machine, failing: str, message: str
) -> None:
    machine.failing = {failing}
    machine.used = {5000}
    (fault,) = machine.faults()
    assert message in fault


def test_an_old_compose_is_reported(machine: Machine) -> None:
    machine.compose = "1.29.2"
    assert machine.faults() == ["Docker Compose 2.20 or newer is needed (found 1.29.2): update it"]


def test_a_port_in_use_is_reported_with_how_to_choose_another(machine: Machine) -> None:
    machine.used = {5000, 4567}
    assert machine.faults() == [
        "port 5000 on 127.0.0.1 is in use; choose another: make up PORT=5001"
    ]
    machine.environment = {"GAS_WEB_PORT": "5001", "COMPOSE_PROFILES": "vault"}
    (fault,) = machine.faults()
    assert "port 4567" in fault
    assert "GAS_VAULT_PORT=4568 make up STORE=vault" in fault


def test_the_ports_of_our_own_running_stack_are_not_reported(machine: Machine) -> None:
    machine.used, machine.running = {5000, 4566}, "0a1b2c\n"
    assert machine.faults() == []


def test_missing_images_are_reported_unless_they_will_be_built(machine: Machine) -> None:
    machine.failing = {f"image inspect {IMAGES[1]}"}
    assert machine.faults() == []
    assert machine.faults(images=True) == ["the image gas-annotator is not there: make images"]


@pytest.mark.parametrize(
    ("image", "token", "is_fault"),
    [
        ("localstack/localstack:4.14.0", "", False),
        ("localstack/localstack:4.15.0", "", True),
        ("localstack/localstack:latest", "", True),
        ("localstack/localstack:latest", "ls-1", False),
        ("ministack/ministack:1", "", False),
    ],
)
def test_a_localstack_that_needs_a_token_is_reported(
    machine: Machine, image: str, token: str, is_fault: bool
) -> None:
    machine.environment = {"GAS_AWS_IMAGE": image, "LOCALSTACK_AUTH_TOKEN": token}
    assert bool(machine.faults()) is is_fault
    if is_fault:
        assert "LOCALSTACK_AUTH_TOKEN" in machine.faults()[0]
