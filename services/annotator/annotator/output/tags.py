"""The INFO keys that a result gains, and their definitions in its header."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.bundle import Bundle, KnownField
from annotator.consequences.csq_format import header_lines
from annotator.haplotypes.haplo_format import header_line as haplo_header_line
from annotator.normalize.info_keys import Names, new_names
from annotator.vcf.header import Header

CSQ = "CSQ"
HAPLO = "HAPLO"


def known_fields(bundle: Bundle) -> list[KnownField]:
    """The fields of all known-variant sources of a bundle, in order."""
    return [field for source in bundle.manifest.known for field in source.fields]


@dataclass(frozen=True, slots=True)
class Tags:
    """How INFO keys are named in a result.

    ``names`` has ours: as they are, unless the user has keys of that name. ``renamed`` are those of
    the user that must give way to CSQ.
    """

    names: dict[str, str]
    renamed: Names

    @classmethod
    def of(cls, header: Header, bundle: Bundle) -> Tags:
        """Names that the header does not define."""
        fields = [field.id for field in known_fields(bundle)]
        names = {key: _free(key, header) for key in (*fields, HAPLO)} | {CSQ: CSQ}
        return cls(names, new_names(header))


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
