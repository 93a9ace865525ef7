"""The INFO keys that a result gains, and their definitions in its header."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.bundle import Bundle, KnownField
from annotator.consequences.csq_format import header_lines
from annotator.haplotypes.haplo_format import header_line as haplo_header_line
from annotator.vcf.header import Header

CSQ = "CSQ"
HAPLO = "HAPLO"


def known_fields(bundle: Bundle) -> list[KnownField]:
    """The fields of all known-variant sources of a bundle, in order."""
    return [field for source in bundle.manifest.known for field in source.fields]


@dataclass(frozen=True, slots=True)
class Tags:
    """How our INFO keys are named in a file: as ours, unless the user has keys of that name."""

    names: dict[str, str]

    @classmethod
    def of(cls, header: Header, bundle: Bundle) -> Tags:
        """Names that the header does not define. A CSQ of the user's own gives way: see ``job``."""
        fields = [field.id for field in known_fields(bundle)]
        return cls({key: _free(key, header) for key in (*fields, HAPLO)} | {CSQ: CSQ})


def _free(key: str, header: Header) -> str:
    name = key
    while name.encode() in header.info:
        name = f"GAS_{name}"
    return name


def describe(
    header: Header, tags: Tags, fields: tuple[str, ...], tool: str, bundle: Bundle
) -> None:
    """Add the definitions of our keys to the header. ``fields`` are those of CSQ."""
    for line in header_lines(fields, tool, bundle.manifest.assembly):
        header.add_line(line.encode())
    if header.samples:
        header.add_line(haplo_header_line(tags.names[HAPLO]).encode())
    for source in bundle.manifest.known:
        for field in source.fields:
            about = f"{field.description} ({source.name} {source.version})".replace('"', "'")
            header.add_line(
                f"##INFO=<ID={tags.names[field.id]},Number={field.number},Type={field.type},"
                f'Description="{about}">'.encode()
            )
