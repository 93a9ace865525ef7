"""Files over HTTP: what is fetched, from where, and within which bounds."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from annotator.fetching.reading import Fetcher, FetchFailed, Rules, TooLarge
from gas.domain.source_url import parse
from tests.support.file_server import FileServer, ok, serving, to

PUBLIC = "93.184.216.34"
CONTENT = b"##fileformat=VCFv4.2\n" * 20_000


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving() as running:
        yield running


class Names:
    """A resolver: what each host is, one answer after the other, the last one again and again."""

    def __init__(self, **hosts: list[list[str]]) -> None:
        self.hosts = hosts
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self.hosts.get(host.partition(".")[0], [[PUBLIC]])
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Dials:
    """Connects to the server, and notes to which addresses it was to connect."""

    def __init__(self, server: FileServer) -> None:
        self.addresses: list[str] = []
        self._server = server

    def __call__(self, address: str, port: int, seconds: float) -> socket.socket:
        self.addresses.append(address)
        return self._server.dial(address, port, seconds)


def fetched(
    server: FileServer, path: str, to: Path, fetcher: Fetcher | None = None, most: int = 1 << 30
) -> bytes:
    fetcher = fetcher or Fetcher(resolve=Names(), dial=server.dial)
    fetcher.fetch(parse(f"http://files.example{path}"), to / "file", most, lambda *_: None)
    return (to / "file").read_bytes()


def why_not(*given: object, **more: object) -> FetchFailed:
    with pytest.raises(FetchFailed) as failed:
        fetched(*given, **more)  # type: ignore[arg-type]
    return failed.value


def test_a_file_is_fetched_with_its_progress(server: FileServer, tmp_path: Path) -> None:
    server.answers["/a?sig=1"] = ok(CONTENT)
    told: list[tuple[int, int | None]] = []
    fetcher = Fetcher(resolve=Names(), dial=server.dial)
    fetcher.fetch(
        parse("http://files.example/a?sig=1"),
        tmp_path / "file",
        len(CONTENT),
        lambda size, total: told.append((size, total)),
    )
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    (request,) = server.asked
    assert "Host: files.example\r\n" in request
    assert "Accept-Encoding: identity" in request


def test_a_body_in_chunks_and_one_that_ends_with_its_connection(
    server: FileServer, tmp_path: Path
) -> None:
    head = b"HTTP/1.1 200 OK\r\n"
    server.answers["/chunks"] = (
        head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    server.answers["/end"] = head + b"Connection: close\r\n\r\nabcde"
    assert fetched(server, "/chunks", tmp_path) == b"abcde"
    assert fetched(server, "/end", tmp_path) == b"abcde"


@pytest.mark.parametrize("inward", ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fd00::1"])
def test_a_host_with_an_inward_address_is_never_connected_to(
    inward: str, server: FileServer, tmp_path: Path
) -> None:
    dials = Dials(server)
    fetcher = Fetcher(resolve=Names(files=[[PUBLIC, inward]]), dial=dials)
    failed = why_not(server, "/", tmp_path, fetcher)
    assert "not on the public internet" in str(failed)
    assert not failed.may_pass
    assert not dials.addresses


def test_the_connection_is_to_the_address_that_was_judged(
    server: FileServer, tmp_path: Path
) -> None:
    server.answers["/"] = ok(b"x")
    names, dials = Names(files=[[PUBLIC], ["127.0.0.1"]]), Dials(server)
    assert fetched(server, "/", tmp_path, Fetcher(resolve=names, dial=dials)) == b"x"
    assert dials.addresses == [PUBLIC]
    assert names.asked == ["files.example"], "the name is looked up once"


def test_a_redirect_is_followed_and_judged_anew(server: FileServer, tmp_path: Path) -> None:
    server.answers["/first"] = to("/second")
    server.answers["/second"] = to("http://other.example/third")
    server.answers["/third"] = ok(b"x")
    names = Names()
    assert fetched(server, "/first", tmp_path, Fetcher(resolve=names, dial=server.dial)) == b"x"
    assert names.asked == ["files.example", "files.example", "other.example"]


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://inside.example/x", "inside.example is not on the public internet"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254 is not on the public"),
        ("http://files.example:8080/x", "ports 80 and 443 only"),
        ("file:///etc/passwd", "must begin with https"),
        ("http://me:secret@files.example/", "name or password"),
        ("", "redirected more than 5 times"),
    ],
)
def test_a_redirect_that_leads_inward_is_refused(
    location: str, reason: str, server: FileServer, tmp_path: Path
) -> None:
    server.answers["/x"] = to(location)
    server.answers["/latest/meta-data"] = ok(b"secret")
    names = Names(inside=[["10.0.0.1"]], **{"169": [["169.254.169.254"]]})
    fetcher = Fetcher(resolve=names, dial=server.dial)
    assert reason in str(why_not(server, "/x", tmp_path, fetcher))
    assert not any("meta-data" in request for request in server.asked)


def test_a_redirect_from_https_to_http_is_refused() -> None:
    with pytest.raises(ValueError, match="from https to http"):
        parse("https://a.example/x").redirected("http://a.example/y")


@pytest.mark.parametrize(
    ("status", "reason", "may_pass"),
    [
        ("404 Not Found", "404: there is no such file", False),
        ("403 Forbidden", "a signed one may have expired", False),
        ("401 Unauthorized", "wants a login", False),
        ("503 Busy", "503", True),
        ("206 Partial Content", "206", False),
    ],
)
def test_a_refusal_is_told(
    status: str, reason: str, *, may_pass: bool, server: FileServer, tmp_path: Path
) -> None:
    server.answers["/x"] = ok(b"", status=status)
    failed = why_not(server, "/x", tmp_path)
    assert reason in str(failed)
    assert failed.may_pass is may_pass


def test_a_file_that_says_that_it_is_too_large_is_not_read(
    server: FileServer, tmp_path: Path
) -> None:
    server.answers["/x"] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"
    failed = why_not(server, "/x", tmp_path, most=1_000)
    assert isinstance(failed, TooLarge)
    assert "1,000,000,000,000 bytes or more; you may send 1,000" in str(failed)


def endless(piece: bytes, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Callable[..., None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return answer


def test_a_file_that_never_ends_is_given_up(server: FileServer, tmp_path: Path) -> None:
    server.answers["/x"] = endless(b"x" * 1_000)
    assert isinstance(why_not(server, "/x", tmp_path, most=100_000), TooLarge)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
        b"HTTP/1.1 200 OK\r\nX-",
        b"",
    ],
)
def test_a_server_that_falls_silent_is_given_up_wherever_it_is(
    head: bytes, server: FileServer, tmp_path: Path
) -> None:
    silence = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        silence.wait(60)

    server.answers["/x"] = answer
    rules = Rules(patience_seconds=0.2)
    fetcher = Fetcher(rules, resolve=Names(), dial=server.dial)
    failed = why_not(server, "/x", tmp_path, fetcher)
    silence.set()
    assert failed.may_pass


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                                  b"chunked\r\n\r\n3\r\nabc\r\n0\r\n"])  # fmt: skip
def test_headers_and_trailers_that_drip_for_ever_are_given_up(
    head: bytes, server: FileServer, tmp_path: Path
) -> None:
    ended = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while not ended.wait(0.01):
            connection.sendall(b"x")

    server.answers["/x"] = answer
    fetcher = Fetcher(Rules(patience_seconds=0.3), resolve=Names(), dial=server.dial)
    assert why_not(server, "/x", tmp_path, fetcher).may_pass
    ended.set()


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(most_seconds=600), "did not come within 10 minutes"),
        (Rules(most_seconds=1e9, least_bytes_per_second=1_000), "less than 1,000 bytes a second"),
    ],
)
def test_a_file_that_drips_is_given_up(
    rules: Rules, reason: str, server: FileServer, tmp_path: Path
) -> None:
    server.answers["/x"] = endless(b"x")
    seconds = itertools.count(0, 7)  # each look at the clock is seven seconds later
    fetcher = Fetcher(rules, resolve=Names(), dial=server.dial, clock=lambda: float(next(seconds)))
    least = replace(rules, least_bytes_per_second=0) if rules.most_seconds < 1e9 else rules
    failed = why_not(server, "/x", tmp_path, replace(fetcher, rules=least))
    assert reason in str(failed)


def test_a_cut_off_file_is_not_taken_for_a_whole_one(server: FileServer, tmp_path: Path) -> None:
    server.answers["/x"] = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
    failed = why_not(server, "/x", tmp_path)
    assert "ended after 3 bytes" in str(failed)
    assert failed.may_pass


def test_what_is_no_http_and_who_does_not_listen(server: FileServer, tmp_path: Path) -> None:
    server.answers["/x"] = b"SSH-2.0-OpenSSH\r\n"
    assert why_not(server, "/x", tmp_path).may_pass
    refused = Fetcher(Rules(allows_private=True, ports=None))
    with pytest.raises(FetchFailed, match="does not accept connections"):
        refused.fetch(parse("http://127.0.0.1:1/", None), tmp_path / "f", 9, lambda *_: None)


def test_names_that_nobody_knows(server: FileServer, tmp_path: Path) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(host, port)

    fetcher = Fetcher(resolve=unknown, dial=server.dial)
    assert "files.example is not known" in str(why_not(server, "/x", tmp_path, fetcher))
