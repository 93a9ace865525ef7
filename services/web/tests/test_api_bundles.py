"""Reference bundles in the REST API."""

from __future__ import annotations

from pathlib import Path

from tests.support.web_server import WebServer
from web.bundles import described


def test_the_bundles_are_listed_with_what_they_hold(server: WebServer) -> None:
    mitochondrion, piece = server.user().call("GET", "/bundles").json["bundles"]
    assert (mitochondrion["name"], mitochondrion["default"]) == ("human-mt", True)
    assert (piece["name"], piece["default"]) == ("grch38-21q21", False)
    assert mitochondrion["contigs"][0]["length"] == 16_569
    assert mitochondrion["contigs"][0]["genetic_code"] == 2
    (contig,) = piece["contigs"]
    assert (contig["name"], contig["length"]) == ("21", 46_709_983)
    assert {"chr21", "NC_000021.9"} <= set(contig["aliases"])
    assert len(contig["windows"]) == 10
    assert (piece["species"], piece["assembly"]) == ("Homo sapiens", "GRCh38")
    assert [source["name"] for source in piece["known"]] == ["clinvar", "dbsnp"]
    for bundle in (mitochondrion, piece):
        assert bundle["version"]
        assert bundle["title"]
        assert all(source["version"] for source in bundle["known"])
        assert all(source["licence"] and source["citation"] for source in bundle["known"])
        assert bundle["licence"]
        assert bundle["genes"] > 20
    assert mitochondrion["known"][0]["rows"] == {"kept": 87}
    assert [source["rows"]["kept"] for source in piece["known"]] == [56, 34_675]


def test_a_job_names_any_of_the_bundles_and_without_one_gets_the_default(server: WebServer) -> None:
    user = server.user()
    body = {"upload_id": user.uploaded(), "bundle": "grch38-21q21"}
    assert user.call("POST", "/jobs", json=body).json["bundle"] == "grch38-21q21"
    body = {"upload_id": user.uploaded()}
    assert user.call("POST", "/jobs", json=body).json["bundle"] == "human-mt"


def test_bundles_of_an_operator_are_described_by_a_catalogue(tmp_path: Path) -> None:
    own = tmp_path / "catalogue.json"
    own.write_text('[{"name": "mouse", "version": "1", "title": "Mouse"}]')
    first, second, third = described(("mouse", "human-mt", "rat"), own)
    assert (first.title, first.version) == ("Mouse", "1")
    assert second.title == "Human mitochondrion (rCRS)"
    assert (third.title, third.version) == ("rat", None), "of it only the name is known"
