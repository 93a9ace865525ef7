"""A process that used polars must not fork one that will."""

import subprocess
import sys

import pytest

TRIED = """
import polars as pl
from annotator.processes.forking import NotForkable, must_be_forkable
must_be_forkable()
pl.DataFrame({"a": [1, 2]}).lazy().select(pl.col("a").sum()).collect()
pl.DataFrame({"a": range(100_000)}).sort("a", descending=True)
try:
    must_be_forkable()
except NotForkable as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell")
def test_the_import_is_harmless_and_the_first_use_is_not() -> None:
    found = subprocess.run([sys.executable, "-c", TRIED], capture_output=True, check=True)
    assert b"has begun threads of a pool" in found.stdout
