"""What all parts of a file need to know, and what they count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from annotator.bundle import Bundle
from annotator.consequences.bundled import models_of
from annotator.consequences.engine import Engine
from annotator.consequences.gene_model_engine import GeneModels
from annotator.consequences.pick import Selection
from annotator.output.parquet.writer import About
from annotator.output.tags import Tags
from annotator.report import documents
from annotator.report.summary import Summary
from annotator.report.unanswered import Unanswered
from annotator.runner.local_engine import LocalEngine
from annotator.validate.contigs import Contigs
from annotator.vcf.header import Header
from annotator.vcf.part_reader import Part


@dataclass(frozen=True)
class Work:
    """What every part needs to know.

    ``contigs`` are those of the whole file, ``lines`` is a file of the lines that its records, from
    number ``lines_from`` on, had in the upload, if they were others
    (``normalize.sorting.lines_file``). The source may be cut out of another file.
    """

    engine: Engine
    bundle: Bundle
    folder: Path
    source: Path
    lines: Path | None
    max_bytes: int
    header: Header
    contigs: Contigs
    tags: Tags
    transcripts: Selection
    lines_from: int = 1
    is_from_within: bool = False

    @property
    def about(self) -> About:
        """What is told of the whole file in a Parquet file of any part."""
        return About(
            bundle=self.bundle,
            tool=documents.tool(self.engine.version),
            samples=[name.decode("utf-8", "replace") for name in self.header.samples],
            contigs=self.contigs.names,
        )

    def load_models(self) -> Callable[[], GeneModels | None]:
        """What gives the gene models; of a whole genome they take 120 MB, so an engine's serve too.

        None for snpEff's bundles.
        """
        engine = self.engine
        if isinstance(engine, LocalEngine):
            return lambda: engine.models
        return cache(partial(models_of, self.bundle))

    def file_of(self, part: Part, suffix: str) -> Path:
        """Where a part's output of that kind is: vcf, tsv or parquet."""
        return self.folder / f"part{part.number}.{suffix}"


@dataclass
class Tally:
    """The counts of a part or of several, and what the engine had no answer to, with its lines.

    ``csq_fields`` are those of CSQ in this result.
    """

    summary: Summary
    csq_fields: tuple[str, ...]
    unanswered: Unanswered = field(default_factory=Unanswered)

    def add(self, later: Tally) -> None:
        """Add those of the next part of the same file."""
        self.summary.add(later.summary)
        self.unanswered.add(later.unanswered)
