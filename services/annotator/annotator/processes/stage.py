"""One bcftools command of a pipeline: ``python -m annotator.processes.stage norm …``."""

import sys
from collections.abc import Sequence

import pysam.bcftools


def run(words: Sequence[str]) -> None:
    """Run it between standard input and output. Raises pysam.SamtoolsError."""
    name, *arguments = words
    getattr(pysam.bcftools, name)(*arguments, catch_stdout=False)


if __name__ == "__main__":
    run(sys.argv[1:])
