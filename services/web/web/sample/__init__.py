"""The public sample: its file, and the command ``python -m web.sample`` that has it annotated.

What pages and API show of it is in ``web.jobs.sample``.
"""

from pathlib import Path

BUNDLE = "grch38-21q21"
FILE = Path(__file__).parent / "grch38-21q21-sample.vcf"
