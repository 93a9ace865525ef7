"""Continuous integration on hosts with and without an engine, with commands that do nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from local.stack import ROOT

ON_AN_ENGINE = {"images", "test-compose", "test-localstack", "test-deploy"}
WITHOUT = {"lint", "check-templates", "test", "simulate", "crash", "demo"}


class Host:
    """A checkout of `.ci/run` alone; ``make`` writes down its targets."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "checkout"
        self.bin = folder / "bin"
        self.targets = folder / "targets"
        self.running = folder / "engine-runs"
        self.bin.mkdir()
        (self.checkout / ".ci").mkdir(parents=True)
        shutil.copy(ROOT / ".ci" / "run", self.checkout / ".ci" / "run")
        (self.checkout / "local").mkdir()
        script = ROOT / "local" / "install-chromium.sh"
        shutil.copy(script, self.checkout / "local" / script.name)
        self.command("chromium", "true")
        self.command("make", f'echo "$1" >> {self.targets}; [ "$1" != "${{FAILING:-}}" ]')
        self.command("docker", f"[ -e {self.running} ]")
        self.command("bcftools", "true")

    def command(self, name: str, script: str) -> Path:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.checkout / ".ci" / "run")],
            env={"PATH": f"{self.bin}:/usr/bin:/bin"} | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def made(self) -> set[str]:
        return set(self.targets.read_text().split())


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_an_engine_that_answers_is_taken(host: Host) -> None:
    host.running.touch()
    assert host.run(GAS_ENGINE_UP="false").returncode == 0
    assert host.made == WITHOUT | ON_AN_ENGINE


def test_without_one_the_given_command_starts_it(host: Host) -> None:
    assert host.run(GAS_ENGINE_UP=f"touch {host.running}").returncode == 0
    assert host.made == WITHOUT | ON_AN_ENGINE


def test_the_container_tool_beside_the_checkout_is_the_default(host: Host) -> None:
    tool = host.checkout.parent / "shared" / "tools" / "containers" / "up"
    tool.parent.mkdir(parents=True)
    host.command("up", f'[ "$1" = localstack ] && touch {host.running}').rename(tool)
    assert host.run().returncode == 0
    assert host.made == WITHOUT | ON_AN_ENGINE


@pytest.mark.parametrize("up", ["", "false"])
def test_where_none_can_be_had_it_says_at_the_end_what_was_not_tested(host: Host, up: str) -> None:
    done = host.run(GAS_ENGINE_UP=up)
    assert done.returncode == 0
    assert host.made == WITHOUT
    assert "NOT TESTED: images, compose" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("failing", ["lint", "demo", "images", "test-compose", "test-localstack"])
def test_whatever_fails_is_a_failure(host: Host, failing: str) -> None:
    host.running.touch()
    assert host.run(FAILING=failing).returncode != 0


def test_the_workflow_calls_the_script_and_nothing_else() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert workflow.count("run: ") == 1
    assert "run: .ci/run\n" in workflow


def test_bcftools_that_is_missing_is_installed_or_named(host: Host) -> None:
    host.running.touch()
    (host.bin / "bcftools").unlink()
    needed = ("bash", "sh", "timeout", "dirname", "touch", "rm", "mktemp", "cat", "setsid", "nice")
    for name in needed:
        found = shutil.which(name)
        assert found
        (host.bin / name).symlink_to(found)
    host.command("id", "echo 0")
    host.command("apt-get", f'[ "$1" = update ] || touch {host.bin}/installed')
    assert "NO BCFTOOLS" not in host.run(PATH=str(host.bin)).stderr
    assert (host.bin / "installed").exists()
    host.command("apt-get", "exit 1")
    done = host.run(PATH=str(host.bin))
    assert done.returncode == 0
    assert "NOT TESTED: results read by bcftools" in done.stderr


def test_chromium_that_is_missing_is_installed_or_named(host: Host) -> None:
    host.running.touch()
    chromium = str(host.bin / "browser-of-this-test")
    host.command("id", "echo 0")
    host.command("apt-get", "exit 1")
    done = host.run(GAS_CHROMIUM=chromium)
    assert done.returncode == 0
    assert "NOT TESTED: pages in a real browser" in done.stderr.splitlines()[-1]
    host.command("apt-get", f"touch {chromium}; chmod +x {chromium}")
    assert "NO CHROMIUM" not in host.run(GAS_CHROMIUM=chromium).stderr
