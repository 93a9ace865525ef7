"""What a survey finds out about a file, or about a slice of one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from annotator import builds
from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics
from annotator.rejection import wrong_build
from annotator.validate.contigs import Contigs
from annotator.validate.identifiers import Seen
from annotator.validate.status import Status
from annotator.vcf.blocks import Place
from annotator.vcf.header import Header
from annotator.vcf.words import shown


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where the file may be cut in two: before record ``record``, which is in ``line``."""

    record: int
    line: int
    place: Place
    contig: int


@dataclass
class Survey:
    """What is known of a file; ``cuts`` begin with that of the first record.

    ``first`` and ``last`` are the contig and position of those records; ``line_ends`` are those
    that were made Unix ones. ``agreeing`` records for the engine have the bases of the reference.
    """

    header: Header
    diagnostics: Diagnostics
    contigs: Contigs
    records: int = 0
    lines: int = 0
    agreeing: int = 0
    statuses: Counter[Status] = field(default_factory=Counter)
    is_sorted: bool = True
    is_seekable: bool = True
    line_ends: set[str] = field(default_factory=set)
    cuts: list[Cut] = field(default_factory=list)
    first_line: dict[Status, int] = field(default_factory=dict)
    mismatch: str = ""
    identifiers: Seen = field(default_factory=Seen)
    undefined_filters: set[bytes] = field(default_factory=set)
    undefined_keys: set[tuple[str, bytes]] = field(default_factory=set)
    first: tuple[int, int] | None = None
    last: tuple[int, int] = (-1, 0)

    def must_fit(self, bundle: Bundle) -> None:
        """Raises Rejected where the file seems to be of another genome build.

        What a bundle that has only windows lacks tells nothing of the build.
        """
        if bundle.is_partial:
            return
        unknown = self.statuses[Status.UNKNOWN_CONTIG]
        if self.records and unknown == self.records:
            names = ", ".join(contig.name for contig in bundle.manifest.contigs[:5])
            raise wrong_build(
                f"No record lies on a contig of {bundle.manifest.title}, which has {names};"
                f" the first is on {shown(self.contigs.names[0])}.{builds.sentence(self.header)}"
                " Choose the bundle of the genome build that the file was made with.",
                self.first_line[Status.UNKNOWN_CONTIG],
            )

    def take(self, later: Survey, lines: int) -> None:
        """Add what was found in the next slice, before which there are so many lines."""
        numbers = self.contigs.take(later.contigs)
        if later.first is not None:
            self._seam(later, [int(number) for number in numbers])
        for cut in later.cuts:
            contig = int(numbers[cut.contig])
            # The first record of a slice changes the contig only if that of the last is another.
            if cut.record or contig != self.last[0]:
                self.cuts.append(
                    Cut(self.records + cut.record, lines + cut.line, cut.place, contig)
                )
        self.diagnostics.take(later.diagnostics, lines)
        for status, line in later.first_line.items():
            self.first_line.setdefault(status, lines + line)
        self.mismatch = self.mismatch or later.mismatch
        self.statuses += later.statuses
        self.line_ends |= later.line_ends
        self.identifiers.take(later.identifiers, lines)
        self.undefined_filters |= later.undefined_filters
        self.undefined_keys |= later.undefined_keys
        self.records += later.records
        self.agreeing += later.agreeing
        self.lines += later.lines
        if later.first is not None:
            self.last = (int(numbers[later.last[0]]), later.last[1])

    def _seam(self, later: Survey, numbers: list[int]) -> None:
        assert later.first is not None
        first = (numbers[later.first[0]], later.first[1])
        # Contigs that begin in the later slice must be new, in their order there.
        is_in_order = numbers == sorted(set(numbers)) and numbers[0] >= self.last[0]
        self.is_sorted &= later.is_sorted and is_in_order and first >= self.last
