"""Which addresses files are fetched from: names, ports, and IP addresses."""

import pytest

from annotator.fetching.public import addresses_of, is_public
from gas.domain.source_url import BadUrl, parse


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700::6810:84e5", "64:ff9b::808:808"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "169.254.170.2", "100.64.0.1", "192.0.2.1", "198.18.0.1"),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1/x", ""),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("2001:db8::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"),
        *("::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::1"),
    ],
)
def test_what_leads_back_inward_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
def test_other_spellings_of_loopback_are_resolved_to_it(host: str) -> None:
    assert not any(map(is_public, addresses_of(host, 80)))


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "target"),
    [
        ("https://Example.ORG/a/b.vcf.gz", "https", "example.org", 443, "/a/b.vcf.gz"),
        ("http://example.org", "http", "example.org", 80, "/"),
        ("https://example.org:443/x?sig=a%2Fb&y=1#part", "https", "example.org", 443,
         "/x?sig=a%2Fb&y=1"),
        ("https://bücher.example/ä b.vcf".replace(" ", "%20"), "https", "xn--bcher-kva.example",
         443, "/%C3%A4%20b.vcf"),
        ("https://[2606:4700::1]/x", "https", "2606:4700::1", 443, "/x"),
    ],
)  # fmt: skip
def test_addresses_are_read(text: str, scheme: str, host: str, port: int, target: str) -> None:
    url = parse(text)
    assert (url.scheme, url.host, url.port, url.target) == (scheme, host, port, target)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ftp://example.org/x", "must begin with https"),
        ("file:///etc/passwd", "must begin with https"),
        ("example.org/x.vcf", "must begin with https"),
        ("https://", "names no host"),
        ("https:///x", "names no host"),
        ("https://me:secret@example.org/x", "name or password"),
        ("https://example.org:22/x", "ports 80 and 443 only, not from 22"),
        ("https://example.org:99999/x", "no address"),
        ("https://[::1/x", "no address"),
        ("https://exa mple.org/x", "blanks"),
        ("https://example.org\\@inside/x", "backslashes"),
        ("https://example.org/\r\nHost: inside", "blanks"),
        ("https://example.org/\u202ex", "control"),
        ("https://ex<script>.org/", "names no host"),
        ("https://example.org/" + "x" * 5_000, "4,000 characters"),
    ],
)
def test_what_is_no_address_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadUrl) as bad:
        parse(text)
    assert reason in str(bad.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://example.org/a/my.vcf.gz?sig=secret", "my.vcf.gz"),
        ("https://example.org/a/", "example.org"),
        ("https://example.org/a%2F..%2Fb.vcf", "a_.._b.vcf"),
        ("https://example.org/%E2%80%AEx.vcf", "x.vcf"),
        ("https://example.org/" + "x" * 300 + ".vcf", "x" * 251 + ".vcf"),
    ],
)
def test_a_file_is_named_by_its_path(text: str, name: str) -> None:
    assert parse(text).filename == name


def test_an_address_does_not_show_its_secrets() -> None:
    assert "secret" not in repr(parse("https://example.org/secret/x?sig=secret"))
