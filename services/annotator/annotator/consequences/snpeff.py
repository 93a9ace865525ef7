"""snpEff as an engine, for bundles that were built for it on a machine that has it.

Facts: snpEff's manual, "Input & output files", "ANN field".
"""

from __future__ import annotations

import subprocess
from functools import cached_property
from pathlib import Path

import polars as pl

from annotator.consequences import alleles as allele_checks
from annotator.consequences.engine import Answer, EngineMissing, unanswered
from annotator.consequences.genome import Genome
from annotator.consequences.pick import Selection
from annotator.consequences.vocabulary import consequence_of, finer_terms, impact_of_terms

PROGRAM = "snpEff"
FOLDER = "snpeff"
CONFIG = f"{FOLDER}/snpEff.config"
GENOME = "bundle"
_QUIET = ["-noLog", "-noStats", "-nodownload"]
_MEMORY = "-Xmx3g"
_SECONDS = 60
_RUN_SECONDS = 3600
