"""The search for a Python, on machines made of fake interpreters that answer the probe."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack import ROOT

FINDER = ROOT / "local" / "find-python.sh"


class Machine:
    """A home and a PATH with nothing but what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.bin = folder / "bin"
        self.second_bin = folder / "bin2"
        for made in (self.home, self.bin, self.second_bin):
            made.mkdir()
        for tool in ("sort", "cat"):
            found = shutil.which(tool)
            assert found
            (self.bin / tool).symlink_to(found)
        self.environment = {"PATH": f"{self.bin}:{self.second_bin}", "HOME": str(self.home)}

    def interpreter(self, path: Path, answer: str, status: int = 0) -> Path:
        """A fake; ``answer`` is the verdict and the version that the probe would print."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho '{answer} {path}'\nexit {status}\n")
        path.chmod(0o755)
        return path

    def shim(self, name: str) -> None:
        """What pyenv puts on PATH for a version that is not switched on."""
        self.interpreter(self.bin / name, f"pyenv: {name}: command not found", status=127)

    def find(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(FINDER), *words],
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def found(self, *words: str, **more: str) -> Path:
        done = self.find(*words, **more)
        assert done.returncode == 0, done.stderr
        return Path(done.stdout.strip())

    def complaint(self, **more: str) -> str:
        done = self.find(**more)
        assert done.returncode == 1
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        return line


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_newest_that_fits_is_taken_and_named(machine: Machine) -> None:
    machine.interpreter(machine.bin / "python3", "ok 3.11.7")
    machine.interpreter(machine.bin / "python3.12", "ok 3.12.1")
    best = machine.interpreter(machine.second_bin / "python3.13", "ok 3.13.2")
    done = machine.find()
    assert done.stdout == f"{best}\n"
    assert done.stderr == f"Python 3.13.2: {best}\n"


def test_python3_is_taken_where_it_is_the_only_one(machine: Machine) -> None:
    only = machine.interpreter(machine.bin / "python3", "ok 3.11.2")
    assert machine.found() == only


def test_a_shim_that_does_not_run_is_passed_by_for_the_next_on_the_path(machine: Machine) -> None:
    machine.shim("python3.13")
    real = machine.interpreter(machine.second_bin / "python3.13", "ok 3.13.0")
    assert machine.found() == real


def test_pyenvs_own_versions_are_looked_at_the_newest_first(machine: Machine) -> None:
    machine.shim("python3.13")
    machine.interpreter(machine.bin / "python3", "ok 3.11.7")
    versions = machine.home / ".pyenv" / "versions"
    machine.interpreter(versions / "3.13.9" / "bin" / "python3.13", "ok 3.13.9")
    newest = machine.interpreter(versions / "3.13.10" / "bin" / "python3.13", "ok 3.13.10")
    assert machine.found() == newest


def test_pyenv_may_be_elsewhere(machine: Machine, tmp_path: Path) -> None:
    path = tmp_path / "root" / "versions" / "3.12.1" / "bin" / "python3.12"
    there = machine.interpreter(path, "ok 3.12.1")
    assert machine.found(PYENV_ROOT=str(tmp_path / "root")) == there


@pytest.mark.parametrize("variable", ["", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"])
def test_uvs_versions_are_looked_at(machine: Machine, variable: str) -> None:
    folder = {
        "": machine.home / ".local/share/uv/python",
        "UV_PYTHON_INSTALL_DIR": machine.home / "pythons",
        "XDG_DATA_HOME": machine.home / "data/uv/python",
    }[variable]
    name = "cpython-3.13.1-linux-x86_64-gnu/bin/python3.13"
    there = machine.interpreter(folder / name, "ok 3.13.1")
    value = {"XDG_DATA_HOME": str(machine.home / "data")}.get(variable, str(folder))
    assert machine.found(**({variable: value} if variable else {})) == there


def test_condas_environments_are_looked_at(machine: Machine) -> None:
    environment = machine.home / "conda envs" / "work"
    there = machine.interpreter(environment / "bin" / "python3.12", "ok 3.12.4")
    listing = machine.home / ".conda" / "environments.txt"
    listing.parent.mkdir()
    listing.write_text(f"{machine.home}/gone\n{environment}\n")
    assert machine.found() == there


def test_what_cannot_make_environments_is_passed_by(machine: Machine) -> None:
    machine.interpreter(machine.bin / "python3.13", "no-venv 3.13.5")
    other = machine.interpreter(machine.bin / "python3.11", "ok 3.11.2")
    assert machine.found() == other


def test_where_no_other_is_there_the_missing_package_is_named(machine: Machine) -> None:
    machine.interpreter(machine.bin / "python3", "no-venv 3.11.2")
    assert "sudo apt install python3-venv (or python3.11-venv)" in machine.complaint()


def test_scripts_that_install_nothing_need_no_venv(machine: Machine) -> None:
    there = machine.interpreter(machine.bin / "python3", "no-venv 3.11.2")
    done = machine.find("--any-use")
    assert (done.stdout, done.stderr) == (f"{there}\n", "")


@pytest.mark.parametrize("version", ["3.14.0", "3.10.13", "2.7.18"])
def test_too_new_and_too_old_ones_are_refused(machine: Machine, version: str) -> None:
    machine.interpreter(machine.bin / "python3", f"version {version}")
    line = machine.complaint()
    assert f"no Python 3.11 to 3.13 here (python3 is {version})" in line
    for system in ("Debian", "Ubuntu", "macOS"):
        assert system in line


def test_free_threaded_builds_and_other_implementations_are_passed_by(machine: Machine) -> None:
    versions = machine.home / ".pyenv" / "versions"
    machine.interpreter(versions / "3.13.5t" / "bin" / "python3.13", "other 3.13.5")
    usual = machine.interpreter(machine.bin / "python3.12", "ok 3.12.1")
    assert machine.found() == usual


def test_a_given_python_is_the_only_candidate(machine: Machine) -> None:
    machine.interpreter(machine.bin / "python3.13", "ok 3.13.0")
    given = machine.interpreter(machine.bin / "mine", "ok 3.11.7")
    assert machine.found(PYTHON="mine") == given


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        ("version 3.14.0", 0, "PYTHON=mine is Python 3.14.0; GAS needs 3.11 to 3.13"),
        ("other 3.13.0", 0, "PYTHON=mine is not a usual CPython; GAS needs CPython 3.11 to 3.13"),
        ("pyenv: command not found", 127, "PYTHON=mine does not run"),
    ],
)
def test_a_given_python_that_does_not_fit_is_refused_in_one_line(
    machine: Machine, answer: str, status: int, says: str
) -> None:
    machine.interpreter(machine.bin / "python3.13", "ok 3.13.0")
    machine.interpreter(machine.bin / "mine", answer, status)
    assert machine.complaint(PYTHON="mine") == says


def test_a_real_python_answers_with_the_one_behind_its_environment(machine: Machine) -> None:
    found = machine.found(PYTHON=sys.executable)
    assert found.resolve() == Path(sys.executable).resolve()
    assert not found.is_relative_to(sys.prefix) or sys.prefix == sys.base_prefix


class Checkout:
    """A folder with an environment in it, as `make` would find it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stamp = folder / ".venv" / ".installed"
        (folder / ".venv" / "bin").mkdir(parents=True)
        self.stamp.touch()

    def made_with(self, version: str, interpreter: str) -> None:
        (self.folder / ".venv" / "pyvenv.cfg").write_text(f"home = /x\nversion = {version}\n")
        (self.folder / ".venv" / "bin" / "python").symlink_to(interpreter)

    def look(self, **more: str) -> str:
        done = subprocess.run(
            [str(ROOT / "local" / "stale-venvs.sh")],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **more},
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        return done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_an_environment_that_works_is_left_alone(checkout: Checkout) -> None:
    checkout.made_with("3.12.1", sys.executable)
    assert checkout.look() == ""
    assert checkout.stamp.exists()


def test_an_environment_whose_python_has_gone_is_made_anew(checkout: Checkout) -> None:
    checkout.made_with("3.12.1", "/nonexistent/python3.12")
    assert checkout.look() == ".venv is made anew: its Python 3.12 is gone\n"
    assert not checkout.stamp.exists()


def test_an_environment_of_a_python_that_does_not_fit_is_made_anew(checkout: Checkout) -> None:
    checkout.made_with("3.14.0", sys.executable)
    assert checkout.look() == ".venv is made anew: it has Python 3.14\n"


def test_an_environment_of_another_version_than_asked_for_is_made_anew(checkout: Checkout) -> None:
    asked = f"{sys.version_info.major}.{sys.version_info.minor}"
    other = "3.11.0" if asked != "3.11" else "3.12.0"
    checkout.made_with(other, sys.executable)
    assert f"it has Python {other[:4]}, not {asked}" in checkout.look(PYTHON=sys.executable)
