"""The summary: types of changes, consequences by worst and by pick, genes."""

import pytest

from annotator.report.summary import variant_type


@pytest.mark.parametrize(
    ("ref", "alt", "kind"),
    [
        ("A", "G", "SNV"),
        ("AT", "GC", "MNV"),
        ("A", "AT", "insertion"),
        ("AT", "A", "deletion"),
        ("AT", "GCC", "indel"),
        ("A", "<DEL>", "symbolic"),
        ("A", ".", "none"),
    ],
)
def test_a_change_has_the_type_of_its_alleles(ref: str, alt: str, kind: str) -> None:
    assert variant_type(ref, alt) == kind
