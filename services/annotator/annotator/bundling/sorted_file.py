"""Files of a bundle that are looked up by place: sorted, bgzipped, indexed TSVs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pysam

from annotator.bundle import Contig

KEYS = ("CHROM", "POS", "REF", "ALT")
REGION_KEYS = ("CHROM", "START", "END")


def names_of(contigs: Iterable[Contig]) -> dict[str, str]:
    """The bundle's own name of each contig, by every name that it has."""
    return {name: contig.name for contig in contigs for name in (contig.name, *contig.aliases)}


def sorted_lines(rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[str]:
    """Rows, each with the number of its contig, as sorted lines: by contig, position, the rest.

    GNU sort needs little memory whatever the size.
    """
    with subprocess.Popen(
        ["sort", "-t", "\t", "-k1,1n", "-k3,3n", "-k4,4", "-k5,5", "-S", "256M"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"},
    ) as sorter:
        assert sorter.stdin is not None
        assert sorter.stdout is not None
        with sorter.stdin as to:
            for rank, row in rows:
                to.write(("\t".join([str(rank), *row]) + "\n").encode())
        for line in sorter.stdout:
            yield line.partition(b"\t")[2].decode()


def write_indexed(header: Sequence[str], lines: Iterable[str], to: Path) -> int:
    """Write sorted lines with their index; gives how many there are.

    The third column is the last position if the header says so, or else there is one position.
    """
    to.parent.mkdir(exist_ok=True)
    plain = to.with_suffix("")
    count = 0
    with plain.open("w", encoding="utf-8") as out:
        out.write("#" + "\t".join(header) + "\n")
        for line in lines:
            out.write(line)
            count += 1
    pysam.tabix_compress(str(plain), str(to), force=True)
    plain.unlink()
    end = 2 if tuple(header[:3]) == REGION_KEYS else 1
    pysam.tabix_index(str(to), seq_col=0, start_col=1, end_col=end, meta_char="#", force=True)
    return count
