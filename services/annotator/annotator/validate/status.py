"""What becomes of a record, and what the log says of it."""

from enum import IntEnum

from annotator.rules import records as rules
from annotator.rules.rule import Rule


class Status(IntEnum):
    """What becomes of a record."""

    JUDGED = 0
    NO_ALTERNATE = 1
    UNKNOWN_CONTIG = 2
    OTHER_REFERENCE = 3
    AMBIGUOUS = 4
    SAME_AS_REFERENCE = 5
    SYMBOLIC = 6
    TELOMERE = 7
    OUTSIDE_WINDOWS = 8
    STRUCTURAL = 9
    NO_INTERVAL = 10
    OFF_CONTIG = 11
    UNREADABLE_ALLELE = 12


WHY = {
    Status.UNKNOWN_CONTIG: "the contig is not in the reference bundle: kept, not annotated",
    Status.OTHER_REFERENCE: "REF is not what the reference has there: kept, not annotated",
    Status.AMBIGUOUS: "an allele has ambiguous bases (IUPAC): kept, not annotated",
    Status.SAME_AS_REFERENCE: "ALT is the same as REF: kept, not annotated",
    Status.SYMBOLIC: "the alleles are symbolic: kept, consequences are not computed for them",
    Status.NO_INTERVAL: (
        "the allele is symbolic, and END and SVLEN do not say where it ends: kept, not annotated"
    ),
    Status.TELOMERE: "the position is a telomere: kept, not annotated",
    Status.OFF_CONTIG: "POS is beyond the end of the contig: kept, not annotated",
    Status.UNREADABLE_ALLELE: "REF or ALT cannot be read as alleles: kept, not annotated",
    Status.OUTSIDE_WINDOWS: (
        "the place is not in this demo bundle, which has only parts of the contig: kept, not"
        " annotated"
    ),
}
"""What the log says of a record of that status."""

RULE_OF: dict[Status, Rule] = {
    Status.AMBIGUOUS: rules.ALT_ALLELES,
    Status.SAME_AS_REFERENCE: rules.ALT_TWICE,
    Status.OFF_CONTIG: rules.POS_ON_CONTIG,
    Status.UNREADABLE_ALLELE: rules.ALT_ALLELES,
}
"""The rule that a record of that status breaks."""
