"""A warm engine for tests, whose engine does what the ALT of an allele names.

``C`` crashes, ``CC`` hangs, ``CCC`` raises, ``CCCC`` answers nonsense, ``CCCCC`` floods its
standard error; with all others it answers at once. Started as the real one, by its module's name.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time

import polars as pl

from annotator.consequences.engine import Answer
from annotator.consequences.pick import Selection
from annotator.runner.warm.loader import Loader
from annotator.runner.warm.server import serve

CRASH, HANG, RAISE, NONSENSE, FLOOD = ("C" * n for n in range(1, 6))
FLOOD_BYTES = 4 << 20


class FaultyEngine:
    """Answers with the process id, or fails."""

    version = "faulty 1"

    def annotate(self, alleles: pl.DataFrame, transcripts: Selection = "all") -> Answer:
        given = set(alleles["alt"].to_list())
        if CRASH in given:
            os.kill(os.getpid(), signal.SIGSEGV)
        if HANG in given:
            time.sleep(3600)
        if RAISE in given:
            raise RuntimeError("the allele is not to my taste")
        if FLOOD in given:
            os.write(2, b"a line of warning\n" * (FLOOD_BYTES // 18))
        rows = pl.DataFrame({"row": range(alleles.height)}, schema={"row": pl.Int64})
        rows = rows.with_columns(
            Consequence=pl.lit("intergenic_variant"),
            SYMBOL=pl.lit(str(os.getpid())),
            PICK=pl.lit(transcripts),
        )
        if NONSENSE in given:
            rows = rows.with_columns(pl.col("row") + 1)
        return Answer(rows, pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String}))


def stillborn() -> FaultyEngine:
    os._exit(3)


def main(arguments: list[str]) -> int:
    _, name, servers, seconds, descriptor = arguments
    worker = socket.socket(fileno=int(descriptor))
    if name == "silent":
        print("I would rather not", file=sys.stderr)
        return 1
    make = stillborn if name == "stillborn" else FaultyEngine
    loader = Loader(worker, int(servers), lambda words: serve(words, make), float(seconds))
    loader.start()
    worker.sendall(json.dumps({"ready": os.getpid()}).encode() + b"\n")
    loader.run()
    loader.stop()
    return 0


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
