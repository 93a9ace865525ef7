"""``variants.parquet`` against the annotated VCF, joined from parts, and read by DuckDB."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pysam
import pytest

from annotator.output.parquet import footers, joining, schema, writer
from annotator.output.parquet.entries import csq_name
from annotator.runner import job, protocol
from annotator.validate.findings import Survey
from annotator.vcf.blocks import START
from annotator.vcf.part_reader import Part
from tests.support.variants import DATA, annotate, vcf

_NUMBERS = {"cdna": "cDNA_position", "cds": "CDS_position", "protein": "Protein_position"}
_FEW_ROWS = 700
_FEW_RECORDS = 1_500


@pytest.fixture(scope="module", params=["random.vcf.gz", "sample.vcf"])
def result(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return annotate(DATA / request.param, tmp_path_factory.mktemp("result"))


def position_text(start: int | None, end: int | None) -> str:
    if start is None and end is None:
        return ""
    if start == end:
        return str(start)
    return f"{'?' if start is None else start}-{'?' if end is None else end}"


def as_text(entry: dict[str, Any], field: str) -> str:
    """What CSQ would say of a field of an entry of the table."""
    for stem, name in _NUMBERS.items():
        if field == name:
            return position_text(entry[f"{stem}_start"], entry[f"{stem}_end"])
    value = entry[field.lower()]
    if isinstance(value, bool):
        return {"CANONICAL": "YES", "PICK": "1"}[field] if value else ""
    return "" if value is None else str(value)


def test_only_columns_that_vary_are_packed_with_zstd(result: Path) -> None:
    group = pq.ParquetFile(result / protocol.RESULT_VARIANTS).metadata.row_group(0)
    columns = [group.column(number) for number in range(group.num_columns)]
    codec_of = {column.path_in_schema.split(".")[0]: column.compression for column in columns}
    assert codec_of["hgvsg"] == codec_of["pos"] == codec_of["transcripts_hgvsc"] == "ZSTD"
    assert codec_of["impact"] == codec_of["transcripts_symbol"] == "SNAPPY"
    assert {codec for name, codec in codec_of.items() if name.startswith("known_")} == {"ZSTD"}


def query(sql: str) -> list[Any]:
    """The rows of a query."""
    found = duckdb.sql(sql)
    assert found is not None
    return found.fetchall()


def unescaped(text: str) -> str:
    return text.replace("%3D", "=").replace("%3B", ";")


def csq_of(path: Path) -> dict[tuple[int, int], list[dict[str, str]]]:
    """All entries of CSQ of each record and allele of a VCF."""
    entries: dict[tuple[int, int], list[dict[str, str]]] = {}
    with pysam.VariantFile(str(path)) as file:
        names = str(file.header.info["CSQ"].description).split("Format: ")[1].split("|")
        for number, record in enumerate(file, start=1):
            for text in record.info.get("CSQ", ()):
                entry = dict(zip(names, text.split("|"), strict=True))
                entries.setdefault((number, int(entry["ALLELE_NUM"])), []).append(entry)
    return entries


def rows_with_transcripts(result: Path) -> list[dict[str, Any]]:
    """The rows of the table, ``transcripts`` of each as structures."""
    rows: list[dict[str, Any]] = pq.read_table(result / protocol.RESULT_VARIANTS).to_pylist()
    fields = [column.name.removeprefix("transcripts_") for column in schema.TRANSCRIPTS]
    for row in rows:
        lists = [row[f"transcripts_{field}"] for field in fields]
        row["transcripts"] = [dict(zip(fields, v, strict=True)) for v in zip(*lists, strict=True)]
    return rows


def test_every_entry_of_csq_is_in_the_table(result: Path) -> None:
    told = csq_of(result / protocol.RESULT_VCF)
    table = rows_with_transcripts(result)
    assert {(row["record"], row["allele"]) for row in table if row["term"]} == set(told)
    shared = [column.name for column in (*schema.TRANSCRIPT, schema.PICK)]
    fields = [csq_name(name) for name in shared if name != "term" and name[-6:] != "_start"]
    fields = [field for field in fields if not field.endswith("_END")] + [*_NUMBERS.values()]
    for row in table:
        entries = told[row["record"], row["allele"]]
        assert len(row["transcripts"]) == len(entries)
        for found, entry in zip(row["transcripts"], entries, strict=True):
            for field in fields:
                value = unescaped(entry.get(field, ""))
                assert unescaped(as_text(found, field)).replace(",", "&") == value, field
            if entry["PICK"]:
                assert {name: row[name] for name in shared if name != "pick"} == {
                    name: found[name] for name in shared if name != "pick"
                }
        assert (row["hgvsg"] or "") == unescaped(entries[0]["HGVSg"])
        assert (row["existing_variation"] or "") == entries[0]["Existing_variation"]
        assert row["max_af"] == (float(entries[0]["MAX_AF"]) if entries[0]["MAX_AF"] else None)


def test_terms_over_all_transcripts(result: Path) -> None:
    for row in rows_with_transcripts(result):
        terms = {term for one in row["transcripts"] for term in one["consequence"].split("&")}
        symbols = {one["symbol"] for one in row["transcripts"] if one["symbol"]}
        assert set(row["all_terms"].split("&")) == terms
        assert row["all_terms"].split("&")[0] == row["worst_term"]
        assert set((row["all_symbols"] or "").split("&")) - {""} == symbols
        assert row["consequence"].split("&")[0] == row["term"]


def test_types_are_those_of_the_summary(result: Path) -> None:
    counts = json.loads((result / protocol.RESULT_SUMMARY).read_text())["variant_types"]
    found = query(f"SELECT type, count(*) FROM '{result / protocol.RESULT_VARIANTS}' GROUP BY type")
    assert dict(found) == counts


def test_the_metadata_tell_version_and_samples(result: Path) -> None:
    metadata = pq.read_metadata(result / protocol.RESULT_VARIANTS)
    assert metadata.metadata[b"gas.variants.version"] == schema.VERSION.encode()
    assert json.loads(metadata.metadata[b"gas.contigs"]) == ["21"]
    assert "DBSNP_ID" in json.loads(metadata.metadata[b"gas.known"])


def test_duckdb_answers_what_a_page_asks(result: Path) -> None:
    file = result / protocol.RESULT_VARIANTS
    rows = pq.read_table(file).to_pylist()
    gene = query(f"SELECT record FROM '{file}' WHERE symbol = 'APP'")
    assert len(gene) == sum(row["symbol"] == "APP" for row in rows)
    region = query(
        f"SELECT record FROM '{file}' WHERE contig = '21'"
        " AND pos <= 25600000 AND end_pos >= 25590000"
    )
    wanted = [r for r in rows if r["pos"] <= 25_600_000 and r["end_pos"] >= 25_590_000]
    assert [number for (number,) in region] == [row["record"] for row in wanted]
    assert wanted
    rare = query(
        f"SELECT record FROM '{file}' WHERE impact = 'HIGH' AND coalesce(max_af, 0) < 0.01"
    )
    high = [r for r in rows if r["impact"] == "HIGH" and (r["max_af"] or 0) < 0.01]
    assert len(rare) == len(high)


def test_a_variant_with_one_consequence_of_each_reader(result: Path) -> None:
    told = csq_of(result / protocol.RESULT_VCF)
    missense = {
        record
        for (record, _), entries in told.items()
        if any("missense_variant" in entry["Consequence"].split("&") for entry in entries)
    }
    found = query(
        f"SELECT DISTINCT record FROM '{result / protocol.RESULT_VARIANTS}'"
        " WHERE list_contains(string_split(all_terms, '&'), 'missense_variant')"
    )
    assert {record for (record,) in found} == missense


def in_parts(found: Survey, _workers: int, _smallest: int) -> list[Part]:
    """Parts of a file, however small it is; each is read from the beginning on."""
    before = found.cuts[0].line - 1
    starts = [*range(0, found.records, _FEW_RECORDS), found.records]
    return [
        Part(number, START, 1, before + first, after - first, first + 1)
        for number, (first, after) in enumerate(pairwise(starts))
    ]


def test_parts_give_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "ROWS", _FEW_ROWS)
    source = DATA / "random.vcf.gz"
    whole = annotate(source, tmp_path / "whole") / protocol.RESULT_VARIANTS
    monkeypatch.setattr(job, "plan", in_parts)
    parts = annotate(source, tmp_path / "parts") / protocol.RESULT_VARIANTS
    assert pq.read_table(whole).equals(pq.read_table(parts))
    sizes = row_groups(whole)
    assert sizes[:-1] == [_FEW_ROWS] * (len(sizes) - 1)
    assert len(row_groups(parts)) > len(sizes)


def row_groups(path: Path) -> list[int]:
    metadata = pq.read_metadata(path)
    return [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]


def test_joined_row_groups_are_the_same_bytes_moved(tmp_path: Path) -> None:
    paths = [tmp_path / f"part{n}.parquet" for n in range(3)]
    one = annotate(DATA / "sample.vcf", tmp_path / "one") / protocol.RESULT_VARIANTS
    for path in paths:
        path.write_bytes(one.read_bytes())
    joining.join(paths, tmp_path / "joined.parquet")
    table = pq.read_table(one)
    joined = pq.ParquetFile(tmp_path / "joined.parquet")
    assert joined.metadata.num_row_groups == len(paths)
    assert joined.metadata.metadata == pq.read_metadata(one).metadata
    for number in range(len(paths)):
        assert joined.read_row_group(number).equals(table)
        column = joined.metadata.row_group(number).column(4)
        assert column.statistics.min == table["pos"].to_pylist()[0]
    count = query(f"SELECT count(*) FROM '{tmp_path / 'joined.parquet'}' WHERE symbol = 'MRPL39'")
    here = sum(symbol == "MRPL39" for symbol in table["symbol"].to_pylist())
    assert count == [(here * len(paths),)]


def test_a_damaged_part_is_refused(tmp_path: Path) -> None:
    part = tmp_path / "part0.parquet"
    part.write_bytes(b"PAR1 and nothing more")
    with pytest.raises(footers.NotParquet, match="part0"):
        joining.join([part], tmp_path / "joined.parquet")


def test_a_file_without_records_has_a_table_without_rows(tmp_path: Path) -> None:
    folder = annotate(vcf(tmp_path / "in.vcf", [], samples=2), tmp_path / "out")
    table = pq.read_table(folder / protocol.RESULT_VARIANTS)
    assert table.num_rows == 0
    assert "s2_gt" in table.column_names


def test_rows_are_in_order_of_contig_and_position(tmp_path: Path) -> None:
    records = ["21 25891796 . C T . . .", "X 5 . A T . . .", "21 25891784 . C T . . ."]
    folder = annotate(vcf(tmp_path / "in.vcf", records), tmp_path / "out")
    table = pq.read_table(folder / protocol.RESULT_VARIANTS)
    places = list(zip(table["contig_number"].to_pylist(), table["pos"].to_pylist(), strict=True))
    assert places == sorted(places)
    assert set(table["contig"].to_pylist()) == {"21", "X"}
