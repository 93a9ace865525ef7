"""In the child: makes of what all parts told what the whole has but once.

The folder has for each part, by its number with six digits, ``N.told.zip`` (``outputs.TOLD``) and
``N.sizes.json``. It receives reports, index, and what stands before and behind the parts' bytes in
VCF, TSV and Parquet: the name of the result with ``.head`` and ``.tail``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, NonNegativeInt

from annotator.bundle import Bundle
from annotator.diagnostics import Diagnostics
from annotator.normalize.info_keys import rename_in_header
from annotator.output import csi, table
from annotator.output.parquet import renumbering, writer
from annotator.output.parquet.footers import MAGIC, Footers, Instead
from annotator.output.tags import Tags, known_fields
from annotator.report import documents
from annotator.runner import protocol
from annotator.runner.finishing import counts, finish
from annotator.runner.work import Tally
from annotator.scatter import facts, outputs, tasks
from annotator.scatter.plan import SURVEY, SplitPlan
from annotator.validate.contigs import Contigs
from annotator.validate.findings import Survey
from annotator.validate.survey import conclude, read_header
from annotator.vcf import bgzf
from annotator.vcf.reading import Input

Tick = Callable[[float, int], None]

HEAD, TAIL = "head", "tail"
SIZES = "sizes.json"


class Unlike(Exception):
    """The file is not what the plan supposes."""


class Sizes(BaseModel):
    """How many bytes a part made: blocks of VCF, and pages of Parquet."""

    vcf: NonNegativeInt
    pages: NonNegativeInt


@dataclass
class _Whole:
    """What was gathered of the parts so far; places in the VCF count from the first one's bytes.

    ``lines`` are before the next part. Numbers of records and contigs in the Parquet file are put
    right in the file ``numbers``, which is to follow the pages of all parts, at ``numbers_at``.
    """

    survey: Survey
    numbers: Path
    numbers_at: int
    lines: int
    tally: Tally | None = None
    index: csi.Index = field(default_factory=csi.Index)
    footers: Footers = field(default_factory=Footers)
    vcf_bytes: int = 0

    def take(self, folder: Path, sizes: Sizes, plan: SplitPlan, bundle: Bundle) -> None:
        """Add the next part, whose files are in ``folder``."""
        header, lines, instead = self.survey.header, self.lines, None
        if not plan.is_surveyed:
            later = facts.read_survey(folder / outputs.FINDINGS, header, bundle)
            if not plan.is_counted:
                instead = self._renumbered(folder, later)
                self.lines += later.lines
            self.survey.take(later, lines)
        contigs = self.survey.contigs
        tally = facts.read_tally(folder / outputs.TALLY, contigs, header.samples, bundle)
        tally.unanswered.move(lines)
        if self.tally is None:
            self.tally = tally
        else:
            self.tally.add(tally)
        self.index.add(csi.read(folder / outputs.INDEX), self.vcf_bytes)
        self.vcf_bytes += sizes.vcf
        footer = (folder / outputs.FOOTER).read_bytes()
        self.footers.add(footer, sizes.pages, instead)

    def _renumbered(self, folder: Path, later: Survey) -> Instead:
        """Where in the Parquet file the numbers of a part's records and contigs are put right."""
        pages = folder / "numbers.pages"
        contigs = self.survey.contigs.take(later.contigs)
        records = self.survey.records
        footer = renumbering.renumber(folder / outputs.NUMBERS, pages, records, contigs)
        with self.numbers.open("ab") as out:
            at = self.numbers_at + out.tell()
            out.write(pages.read_bytes())
        return Instead(footer, at)


def merge(task: tasks.JoinTask, bundle: Bundle, tick: Tick) -> dict[str, int]:
    """Write into the task's folder what is described above. Raises Rejected, Unlike."""
    folder, plan = Path(task.folder), task.plan
    sizes = [
        Sizes.model_validate_json(path_of(folder, number, SIZES).read_bytes())
        for number in range(plan.parts)
    ]
    numbers = folder / f"{protocol.RESULT_VARIANTS}.{TAIL}"
    numbers_at = len(MAGIC) + sum(size.pages for size in sizes)
    whole = _Whole(_survey(task, bundle), numbers, numbers_at, plan.first_line - 1)
    found, supposed = whole.survey, Tags.of(whole.survey.header, bundle)
    part = folder / "part"
    part.mkdir()
    for number in range(plan.parts):
        outputs.unpack(path_of(folder, number, outputs.TOLD), part)
        whole.take(part, sizes[number], plan, bundle)
        tick(number / plan.parts, 0)
    if whole.tally is None:
        raise Unlike("the plan has no parts")
    if not plan.is_surveyed:
        _judge(found, plan, bundle)
    tags = Tags.of(found.header, bundle)
    if tags != supposed:
        raise Unlike("keys that the header does not define are like those of the result")
    rename_in_header(found.header, tags.renamed, found.diagnostics)
    whole.tally.summary.remarks += plan.remarks
    about = documents.About(
        filename=plan.filename,
        sha256=plan.upload_sha256,
        size_bytes=plan.upload_bytes,
        engine=plan.engine,
        bundle=bundle,
        commands=plan.commands,
        began=plan.began_at,
    )
    finish(found, tags, whole.tally, about, folder)
    _write_ends(folder, whole, bundle)
    return counts(found, whole.tally)


def path_of(folder: Path, number: int, name: str) -> Path:
    """Where that file of a part is."""
    return folder / f"{number:06d}.{name}"


def _survey(task: tasks.JoinTask, bundle: Bundle) -> Survey:
    """What is known before parts are read: all, or the header alone."""
    diagnostics = Diagnostics()
    blocks = Input(Path(task.input), task.max_inflated_bytes).blocks()
    header, _ = read_header(blocks, diagnostics)
    if task.plan.is_surveyed:
        return facts.read_survey(Path(task.folder) / SURVEY, header, bundle)
    return Survey(header, diagnostics, Contigs(bundle, header.contigs))


def _judge(found: Survey, plan: SplitPlan, bundle: Bundle) -> None:
    """Judge the whole file, now that all parts are known. Raises Rejected, Unlike."""
    found.line_ends |= set(plan.line_ends)
    if found.records and not found.is_sorted:
        raise Unlike("the records are not in order")
    if plan.is_counted and facts.names_of(found.contigs) != plan.contigs:
        raise Unlike("the contigs are not those that were seen")
    conclude(found, bundle)
    found.must_fit(bundle)


def _write_ends(folder: Path, whole: _Whole, bundle: Bundle) -> None:
    fields = [field.id for field in known_fields(bundle)]
    for name, text in (
        (protocol.RESULT_TSV, table.header(fields).encode()),
        (protocol.RESULT_VCF, whole.survey.header.text()),
    ):
        path = folder / f"{name}.{HEAD}"
        with bgzf.Writer(path) as out:
            out.write(text)
            out.flush()
        path.with_suffix(f".{TAIL}").write_bytes(bgzf.END)
    index = csi.Index()
    index.add(whole.index, (folder / f"{protocol.RESULT_VCF}.{HEAD}").stat().st_size)
    index.write(folder / protocol.RESULT_INDEX)
    (folder / f"{protocol.RESULT_VARIANTS}.{HEAD}").write_bytes(MAGIC)
    names = writer.contig_names(whole.survey.contigs.names)
    with whole.numbers.open("ab") as tail:
        whole.footers.write_end(tail, {writer.CONTIGS: names})
