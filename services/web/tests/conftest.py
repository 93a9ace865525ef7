"""A server with a user, and results as the annotator writes them: tables, jobs to export."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.exports import Exports, of
from tests.support.family_vcf import SAMPLES, family_vcf
from tests.support.variant_tables import OpenTable, annotated
from tests.support.variants import DATA, annotate
from tests.support.web_server import User, WebServer
from web.variants.engine import Engine, Limits
from web.variants.opening import read_schema
from web.variants.table import Table

SITES, SEED = 1_200, 7
COPIES = 5


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("variants")


@pytest.fixture(scope="session")
def family_text() -> str:
    return family_vcf(SITES, SEED)


@pytest.fixture(scope="session")
def family_result(folder: Path, family_text: str) -> Path:
    return annotated(folder, "family", family_text)


@pytest.fixture(scope="session")
def family_file(family_result: Path) -> Path:
    """Four samples, so each has columns of its own."""
    return family_result.with_name("family.parquet")


@pytest.fixture(scope="session")
def cohort_file(folder: Path, family_text: str) -> Path:
    """The same family five times: so many samples are in lists."""
    lines = []
    for line in family_text.splitlines():
        if line.startswith("##"):
            lines.append(line)
            continue
        fields = line.split("\t")
        cells = fields[9:]
        if line.startswith("#CHROM"):
            copies = [[f"{name}_{n}" for name in SAMPLES] for n in range(2, COPIES + 1)]
            lines.append("\t".join(fields + [name for copy in copies for name in copy]))
        else:
            lines.append("\t".join(fields[:9] + cells * COPIES))
    return annotated(folder, "cohort", "\n".join(lines) + "\n").with_name("cohort.parquet")


@pytest.fixture(scope="session")
def engine(folder: Path) -> Engine:
    return Engine(folder, Limits(memory="200MB"))


@pytest.fixture(scope="session")
def open_table(engine: Engine) -> OpenTable:
    """Opens a file of the folder as a table."""

    @contextlib.contextmanager
    def opened(path: Path) -> Iterator[Table]:
        with engine.session() as session:
            yield Table(path, read_schema(path, session.rows, session.describe), session)

    return opened


@pytest.fixture(scope="session")
def random_result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return annotate(DATA / "random.vcf.gz", tmp_path_factory.mktemp("random"))


@pytest.fixture(scope="session")
def sample_result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return annotate(DATA / "sample.vcf", tmp_path_factory.mktemp("sample"))


@pytest.fixture
def server() -> WebServer:
    return WebServer()


@pytest.fixture
def user(server: WebServer) -> User:
    return server.user()


@pytest.fixture
def random(server: WebServer, random_result: Path) -> Exports:
    return of(server, random_result)


@pytest.fixture
def sample(server: WebServer, sample_result: Path) -> Exports:
    return of(server, sample_result)
