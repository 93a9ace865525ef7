"""Each format gives back what the job's own Parquet file has: rows, columns, order."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from tests.support.web_server import problem

COLUMNS = (
    "contig,pos,ref,alt,qual,consequence,impact,symbol,hgvsc,hgvsp,max_af,is_pathogenic,"
    "canonical,transcripts_feature,transcripts_tsl"
)
QUESTION = {"gene": "APP", "columns": COLUMNS, "sort": "-pos"}
SQL = f"SELECT {COLUMNS} FROM t WHERE symbol = 'APP' ORDER BY pos DESC NULLS LAST, record, allele"


def text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(text(item).replace(",", "%2C") for item in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(("format_", "delimiter"), [("tsv", "\t"), ("csv", ",")])
def test_a_text_file_has_the_shown_rows_in_the_shown_order(
    random: Any, format_: str, delimiter: str
) -> None:
    answer = random.get(format_, **QUESTION, formulas="as_is")
    assert answer.status_code == 200, answer.text
    header, *lines = csv.reader(io.StringIO(answer.text), delimiter=delimiter)
    assert header == COLUMNS.split(",")
    expected = [[text(value) for value in row] for row in random.rows(SQL)]
    assert len(expected) > 1000
    assert lines == expected


def test_json_is_an_array_of_objects(random: Any) -> None:
    found = json.loads(random.get("json", **QUESTION).data)
    assert [list(item) for item in found[:3]] == [COLUMNS.split(",")] * 3
    assert [tuple(item.values()) for item in found] == random.rows(SQL)


def test_ndjson_has_an_object_on_each_line(random: Any) -> None:
    lines = random.get("ndjson", **QUESTION).text.splitlines()
    assert [tuple(json.loads(line).values()) for line in lines] == random.rows(SQL)


@pytest.mark.parametrize("format_", ["json", "ndjson", "csv", "tsv", "xlsx", "parquet", "vcf"])
def test_no_row_is_a_valid_file(random: Any, format_: str) -> None:
    answer = random.get(format_, gene="APP", min_qual="1e9", columns="pos,alt")
    assert answer.status_code == 200, answer.text
    if format_ == "json":
        assert json.loads(answer.data) == []
    if format_ in ("csv", "tsv"):
        assert answer.text.split() in (["pos,alt"], ["pos", "alt"])


def test_parquet_keeps_types_and_says_what_it_is(random: Any, tmp_path: Path) -> None:
    path = tmp_path / "my.parquet"
    path.write_bytes(random.get("parquet", **QUESTION).data)
    assert duckdb.execute(f"FROM '{path}'").fetchall() == random.rows(SQL)
    types = duckdb.execute(f"DESCRIBE FROM '{path}'").fetchall()
    assert [t[:2] for t in types] == [t[:2] for t in random.rows(f"DESCRIBE {SQL}")]
    keys = f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{path}')"
    metadata = dict(duckdb.execute(keys).fetchall())
    assert metadata["gas.variants.version"] == "1"
    assert "gene=APP" in metadata["gas.export.question"]
    assert metadata["gas.export.command"].startswith("curl ")


def test_a_workbook_has_the_rows_and_says_what_it_is(random: Any) -> None:
    answer = random.get("xlsx", **QUESTION)
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    sheet = book["Variants"]
    header, *lines = sheet.iter_rows(values_only=True)
    assert list(header) == COLUMNS.split(",")
    lists = [
        tuple((text(value) or None) if isinstance(value, list) else value for value in row)
        for row in random.rows(SQL)
    ]
    assert lines == lists
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:O{len(lines) + 1}"
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert about["Rows"] == f"{len(lines):,}"
    assert about["Filter"] == "Gene is APP"
    assert about["Order"] == "pos descending"
    assert about["Job"] == random.job.job_id
    assert "$TOKEN" in about["Repeat with"]
    assert "research use" in about["Limits"]


def test_a_workbook_says_whose_genotypes_it_has(sample: Any) -> None:
    def about(columns: str) -> dict[Any, Any]:
        book = openpyxl.load_workbook(io.BytesIO(sample.get("xlsx", columns=columns).data))
        return {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}

    assert about("record,s1_gt,s1_zygosity")["Sample"] == "s1 is SAMPLE"
    assert "Sample" not in about("record,symbol")


def test_genotypes_and_all_rows_are_exported_without_a_question(sample: Any) -> None:
    answer = sample.get("tsv", columns="record,allele,s1_gt,s1_zygosity")
    lines = list(csv.reader(io.StringIO(answer.text), delimiter="\t"))[1:]
    expected = sample.rows("SELECT record, allele, s1_gt, s1_zygosity FROM t ")
    assert lines == [[text(value) for value in row] for row in expected]
    assert len(lines) == 132


def test_the_file_has_a_name_and_a_link_that_repeats_it(random: Any) -> None:
    answer = random.get("csv", **QUESTION)
    assert "my.filtered.csv" in answer.headers["Content-Disposition"]
    link = answer.headers["Link"]
    path = link.partition("/api/v1")[2].partition(">")[0]
    again = random.user.call("GET", path)
    assert again.data == answer.data
    assert len(again.data) > 1000


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"format": "docx"}, "format"),
        ({"format": ""}, "format"),
        ({"format": "csv", "formulas": "yes"}, "formulas"),
        ({"format": "csv", "colour": "red"}, "colour"),
        ({"format": "csv", "columns": "pos,nothing"}, "columns"),
    ],
)
def test_what_cannot_be_exported_is_a_400_that_names_it(
    random: Any, parameters: dict[str, str], field: str
) -> None:
    answer = random.get(parameters.pop("format"), **parameters)
    assert problem(answer, 400, "invalid-request")["errors"][0]["field"] == field


def test_another_user_an_archived_job_and_none_at_all_have_no_export(random: Any) -> None:
    path = f"/jobs/{random.job.job_id}/variants/export?format=csv"
    problem(random.user.server.user("eve").call("GET", path), 404, "not-found")
    random.user.server.world.archive(random.job)
    problem(random.user.call("GET", path), 409, "result-archived")


def test_a_share_opens_the_export_and_the_report_and_is_written_nowhere(random: Any) -> None:
    job_path = f"/jobs/{random.job.job_id}"
    token = random.user.call("POST", f"{job_path}/shares", json={"days": 7}).json["token"]
    visitor = random.user.server.app.test_client()
    path = f"/api/v1{job_path}/variants/export?format=vcf&gene=APP"
    assert visitor.get(path).status_code == 401
    answer = visitor.get(f"{path}&share={token}")
    assert answer.status_code == 200
    assert "##GAS_filter_command=curl" in answer.text
    assert token not in answer.text
    assert token not in answer.headers["Link"]
    assert visitor.get(f"{job_path}/report?keys=1.1&share={token}").status_code == 200
