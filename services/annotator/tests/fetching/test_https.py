"""Files over https: the certificate is that of the name in the address, wherever it is."""

import datetime
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from annotator.fetching.reading import Fetcher, FetchFailed
from gas.domain.source_url import parse
from tests.support.file_server import FileServer, ok, serving

PUBLIC = "93.184.216.34"


def certificate(host: str, folder: Path) -> Path:
    """A certificate of that host, signed by itself, with its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate("files.example", tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server(pem: Path) -> Iterator[FileServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with serving(context) as running:
        running.answers["/x"] = ok(b"content")
        yield running


def fetched(host: str, server: FileServer, folder: Path, tls: ssl.SSLContext) -> bytes:
    fetcher = Fetcher(resolve=lambda *_: [PUBLIC], dial=server.dial, tls=tls)
    fetcher.fetch(parse(f"https://{host}/x"), folder / "file", 1_000, lambda *_: None)
    return (folder / "file").read_bytes()


def test_the_name_of_the_address_is_what_the_certificate_must_have(
    server: FileServer, pem: Path, tmp_path: Path
) -> None:
    trusting = ssl.create_default_context(cafile=str(pem))
    assert fetched("files.example", server, tmp_path, trusting) == b"content"
    assert "Host: files.example\r\n" in server.asked[0]
    with pytest.raises(FetchFailed, match=r"certificate of other\.example is not valid"):
        fetched("other.example", server, tmp_path, trusting)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    server: FileServer, tmp_path: Path
) -> None:
    with pytest.raises(FetchFailed, match=r"certificate of files\.example") as failed:
        fetched("files.example", server, tmp_path, Fetcher().tls)
    assert not failed.value.may_pass
    assert not server.asked
