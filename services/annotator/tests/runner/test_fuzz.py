"""Mutants of valid files: each is annotated without loss, or refused with a clear message."""

import gzip
import random
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator import bundle as bundles
from annotator.consequences.bundled import engine_of
from annotator.consequences.engine import Engine
from annotator.rejection import Rejected
from annotator.runner import protocol
from annotator.runner.job import annotate
from gas.events import FailureCode
from tests.support.annotation import COLUMNS, vcf

HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=chrM,length=16569>\n"
    '##FILTER=<ID=q10,Description="low">\n'
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="depth">\n'
    '##INFO=<ID=AF,Number=A,Type=Float,Description="frequency">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="genotype">\n'
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="depth">\n'
)
ROWS = (
    "chrM\t73\t.\tA\tG\t50\tPASS\tDP=7;AF=0.5\tGT:DP\t0/1:7\t1|1:3",
    "chrM\t3460\trs1\tG\tA\t9.5\tq10\tDP=9\tGT:DP\t0/0:7\t./.:.",
    "chrM\t8993\t.\tT\tG,C\t.\t.\tAF=0.1,0.2\tGT\t1/2\t0/2",
    "chrM\t9000\t.\tA\tAC\t1e3\tPASS\t.\tGT\t1\t0",
    "chrM\t11778\t.\tG\tA\t.\t.\t.\tGT:DP\t0|1:4\t1|0:5",
    "chrM\t12000\t.\tC\t<DEL>\t.\t.\tDP=1\tGT\t0/1\t0/0",
    "chrM\t15452\t.\tC\tA\t99\tPASS\tDP=3\tGT\t0/1\t0/1",
)
VALID = vcf(*ROWS, header=HEADER, columns=f"{COLUMNS}\tFORMAT\tone\ttwo")
BYTES = b'\t\n.,;:=<>|/0129ACGTNacgt*#-\r\x00\xff "'


def mutate(content: bytes, seed: int) -> bytes:
    """The content with one to three random changes."""
    rng = random.Random(seed)
    text = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(text))
        match rng.randrange(5):
            case 0:
                text[at] = rng.choice(BYTES)
            case 1:
                text.insert(at, rng.choice(BYTES))
            case 2:
                del text[at : at + rng.randint(1, 12)]
            case 3:
                lines = bytes(text).split(b"\n")
                rng.shuffle(lines) if rng.random() < 0.1 else lines.insert(
                    rng.randrange(len(lines)), rng.choice(lines)
                )
                text = bytearray(b"\n".join(lines))
            case _:
                other = rng.randrange(len(text))
                text[at : at + 4] = text[other : other + 4]
        if not text:
            return b""
    return bytes(text)


def records(text: bytes) -> list[bytes]:
    text = text.replace(b"\r\n", b"\n")
    return [line for line in text.split(b"\n") if line and not line.startswith(b"#")]


def without_annotation(line: bytes) -> bytes:
    """The record without the INFO entries that the service adds."""
    ours = (b"CSQ=", b"MITOMAP_", b"GAS_MITOMAP_")
    fields = line.split(b"\t")
    kept = [entry for entry in fields[7].split(b";") if not entry.startswith(ours)]
    fields[7] = b";".join(kept) or b"."
    return b"\t".join(fields)


@cache
def engine() -> Engine:
    """Loaded once for all mutants."""
    return engine_of(bundles.find("human-mt"))


def refusal_of(task: protocol.Task) -> Rejected | None:
    try:
        annotate(task, engine(), bundles.find("human-mt"), lambda *_: None)
    except Rejected as rejected:
        return rejected
    return None


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_a_mutant_loses_no_record_or_is_refused(pack: type[bytes], seed: int) -> None:
    content = mutate(VALID, seed)
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "input"
        source.write_bytes(pack(content))
        task = protocol.Task(
            input=str(source),
            filename="m.vcf",
            bundle="human-mt",
            folder=name,
            max_inflated_bytes=1 << 24,
            max_seconds=60,
        )
        rejected = refusal_of(task)
        if rejected:
            assert rejected.message.endswith(".")
            assert rejected.code is not FailureCode.INTERNAL
            assert rejected.line or rejected.code is not FailureCode.INVALID_VCF
            return
        result = gzip.decompress((Path(name) / protocol.RESULT_VCF).read_bytes())
    assert Counter(map(without_annotation, records(result))) == Counter(records(content))
