"""Stop codons of NCBI's translation tables (ncbi.nlm.nih.gov/Taxonomy/Utils/wprintgc.cgi)."""

_STANDARD = frozenset({"TAA", "TAG", "TGA"})
_STOPS = {
    1: _STANDARD,
    2: frozenset({"TAA", "TAG", "AGA", "AGG"}),
    3: frozenset({"TAA", "TAG"}),
    4: frozenset({"TAA", "TAG"}),
    5: frozenset({"TAA", "TAG"}),
    6: frozenset({"TGA"}),
    9: frozenset({"TAA", "TAG"}),
    10: frozenset({"TAA", "TAG"}),
    11: _STANDARD,
    13: frozenset({"TAA", "TAG"}),
    14: frozenset({"TAG"}),
    16: frozenset({"TAA", "TGA"}),
    21: frozenset({"TAA", "TAG"}),
}


def stops_of(table: int) -> frozenset[str]:
    """The stop codons of a translation table; those of the standard code where it is not listed."""
    return _STOPS.get(table, _STANDARD)
