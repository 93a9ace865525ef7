"""One bcftools command of a pipeline: ``python -m annotator.engine.stage csq …``."""

import sys

import pysam.bcftools


def main() -> int:
    """Run it between standard input and output."""
    name, *arguments = sys.argv[1:]
    getattr(pysam.bcftools, name)(*arguments, catch_stdout=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
