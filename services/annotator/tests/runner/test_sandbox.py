"""What the process that reads an upload is kept from."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from annotator import start_up
from annotator.runner import sandbox, syscall_filter
from annotator.runner.sandbox import Grant
from tests.support.annotation import record, vcf

linux = pytest.mark.skipif(sys.platform != "linux", reason="the measures are Linux's")

INSIDE = """
import json, os, resource, socket, sys
from annotator.runner import sandbox
granted = [grant.measure for grant in sandbox.enter() if grant.is_granted]

def tried(work):
    try:
        work()
    except OSError as error:
        return error.errno
    return 0

def reach():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.settimeout(2)
        stream.connect(("127.0.0.1", int(sys.argv[1])))

def write():
    open("made", "w").close()
    os.unlink("made")

print(json.dumps({
    "granted": granted,
    "network": tried(reach),
    "write": tried(write),
    "pair": tried(socket.socketpair),
    "user": os.getuid(),
    "status": open("/proc/self/status").read(),
    "files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    "processes": resource.getrlimit(resource.RLIMIT_NPROC)[0],
    "environment": dict(os.environ),
    "secret": tried(lambda: open(f"/proc/{os.getppid()}/environ").read()),
}))
"""


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a process finds that has shut itself in, with a server of ours to reach."""
    folder = tmp_path_factory.mktemp("inside")
    with pytest.MonkeyPatch.context() as patch, socket.create_server(("127.0.0.1", 0)) as server:
        patch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")
        patch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials")
        patch.setenv("GAS_PREFIX", "gas")
        found = subprocess.run(
            [sys.executable, "-P", "-c", INSIDE, str(server.getsockname()[1])],
            env=sandbox.environment(folder),
            cwd=folder,
            capture_output=True,
            check=True,
        )
    answer: dict[str, object] = json.loads(found.stdout)
    return answer


@linux
def test_the_network_is_out_of_reach(inside: dict[str, object]) -> None:
    granted = inside["granted"]
    assert isinstance(granted, list)
    if not {"network namespace", "no internet sockets"} & set(granted):
        pytest.skip("the kernel grants neither measure")
    assert inside["network"], "a server on this machine was reached"


@linux
def test_nothing_of_aws_and_no_setting_is_in_its_environment(inside: dict[str, object]) -> None:
    environment = inside["environment"]
    assert isinstance(environment, dict)
    assert not [name for name in environment if name.startswith(("AWS_", "ECS_", "GAS_"))]
    assert "secret" not in json.dumps(environment)
    assert environment["TMPDIR"] == environment["HOME"]


@linux
def test_it_can_still_work(inside: dict[str, object]) -> None:
    assert inside["write"] == 0
    assert inside["pair"] == 0
    assert inside["user"] == os.getuid()


@linux
def test_it_gains_no_privileges_and_has_none(inside: dict[str, object]) -> None:
    status = str(inside["status"])
    assert "NoNewPrivs:\t1" in status
    assert "CapEff:\t0000000000000000" in status


@linux
def test_processes_and_files_are_bounded(inside: dict[str, object]) -> None:
    files, processes = inside["files"], inside["processes"]
    assert isinstance(files, int)
    assert isinstance(processes, int)
    assert 0 < files <= 512
    assert 0 < processes < 100_000


@linux
def test_the_filter_alone_keeps_from_the_network(tmp_path: Path) -> None:
    """As in a container that denies namespaces."""
    text = (
        "import socket; from annotator.runner import sandbox, syscall_filter as f\n"
        "sandbox._no_new_privileges(); f.forbid_internet_sockets()\n"
        "socket.socketpair()\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):\n"
        "    try: socket.socket(family, socket.SOCK_DGRAM)\n"
        "    except PermissionError: print('denied')\n"
    )
    found = subprocess.run(
        [sys.executable, "-P", "-c", text], cwd=tmp_path, capture_output=True, check=True
    )
    assert found.stdout.split() == [b"denied"] * 3


def test_what_is_not_granted_is_told_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied() -> None:
        raise PermissionError(1, "Operation not permitted")

    nothing: Callable[[], None] = lambda: None  # noqa: E731
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sandbox, "_leave_network", denied)
    monkeypatch.setattr(syscall_filter, "forbid_internet_sockets", denied)
    for name in ("_no_new_privileges", "_drop_capabilities", "_limit_processes", "_limit_files"):
        monkeypatch.setattr(sandbox, name, nothing)
    grants = sandbox.enter()
    assert [grant.is_granted for grant in grants] == [False, True, True, False, True, True]
    assert "not permitted" in grants[0].why
    assert not sandbox.is_off_network(grants)


def test_a_worker_logs_loudly_what_it_is_not_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    grants = [Grant("network namespace", is_granted=False, why="denied"), Grant("other", True)]
    monkeypatch.setattr(sandbox, "probe", lambda _: grants)
    with capture_logs() as logs:
        start_up.look_at_sandbox()
    levels = [(log["log_level"], log.get("measure")) for log in logs]
    assert levels == [("warning", "network namespace"), ("error", None), ("info", None)]


@linux
def test_the_operators_command_shows_the_same() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "annotator", "sandbox"], capture_output=True, check=False, text=True
    )
    rows = found.stdout.splitlines()
    assert len(rows) == 6
    assert all("granted" in row for row in rows)


@linux
def test_a_worker_hides_its_environment_from_children_of_its_user(tmp_path: Path) -> None:
    text = (
        "import os, subprocess, sys; from annotator.runner import sandbox\n"
        "sandbox.hide_from_children()\n"
        "print(oct(os.stat('/proc/self/environ').st_uid), os.getuid())\n"
        "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n"
    )
    found = subprocess.run(
        [sys.executable, "-P", "-c", text], cwd=tmp_path, capture_output=True, check=True
    )
    assert found.stdout.split()[-1] == b"0", "it can be dumped and read"


DENIED = """
import ctypes, os, platform, struct, sys
from annotator.runner import sandbox
number = {"x86_64": 272, "aarch64": 97}[platform.machine()]
rules = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]
text = b"".join(struct.pack("<HBBI", *rule) for rule in rules)
buffer = ctypes.create_string_buffer(text, len(text))
program = sandbox.syscall_filter._Program(len(rules), ctypes.addressof(buffer))
sandbox._no_new_privileges()
ctypes.CDLL(None).prctl(22, ctypes.c_ulong(2), ctypes.byref(program), 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@linux
def test_where_namespaces_are_denied_all_else_is_in_force_and_it_works(tmp_path: Path) -> None:
    """As on Fargate and in Docker, which deny ``unshare`` by a filter of theirs."""
    source, out = tmp_path / "in.vcf", tmp_path / "out.vcf.gz"
    source.write_bytes(vcf(record("3460\t.\tG\tA")))
    denied = [sys.executable, "-c", DENIED, "-m", "annotator"]
    shown = subprocess.run([*denied, "sandbox"], capture_output=True, check=True, text=True)
    rows = shown.stdout.splitlines()
    assert "not granted" in rows[0]
    assert "not permitted" in rows[0]
    assert all("not granted" not in row for row in rows[1:])
    subprocess.run([*denied, "annotate", source, "-o", out, "--quiet"], check=True)
    assert out.exists()
