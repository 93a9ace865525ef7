"""The formats of an export, and the names of its files."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """The value of ``format``, which is also how the file's name ends."""

    TSV = "tsv"
    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    PARQUET = "parquet"
    XLSX = "xlsx"
    VCF = "vcf"
    VCF_BGZIP = "vcf.gz"

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPES[self]

    @property
    def is_vcf(self) -> bool:
        """True for whole records in the order of the file, without columns of their own."""
        return self in (Format.VCF, Format.VCF_BGZIP)


_CONTENT_TYPES = {
    Format.TSV: "text/tab-separated-values; charset=utf-8",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.JSON: "application/json",
    Format.NDJSON: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.VCF: "text/plain; charset=utf-8",
    Format.VCF_BGZIP: "application/gzip",
}


def export_name(filename: str, format_: Format) -> str:
    """``my.filtered.tsv`` for the upload ``my.vcf.gz``."""
    stem = filename
    for suffix in (".gz", ".bgz", ".vcf"):
        if stem.lower().endswith(suffix):
            stem = stem[: -len(suffix)]
    return f"{stem}.filtered.{format_.value}"
