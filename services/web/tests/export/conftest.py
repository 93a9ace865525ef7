"""Completed jobs with the real files of an annotation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.exports import Exports, of
from tests.support.variants import DATA, annotate
from tests.support.web_server import WebServer


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
def random(server: WebServer, random_result: Path) -> Exports:
    return of(server, random_result)


@pytest.fixture
def sample(server: WebServer, sample_result: Path) -> Exports:
    return of(server, sample_result)
