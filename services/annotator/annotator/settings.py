"""The annotator's settings."""

from pathlib import Path

from pydantic import Field

from gas.platform.settings import WorkerSettings


class AnnotatorSettings(WorkerSettings):
    """Limits of one annotation, and where its files lie meanwhile."""

    concurrency: int = Field(2, ge=1, le=64)
    work_folder: Path | None = None
    max_inflated_bytes: int = Field(64 << 30, ge=1 << 20)
    max_annotation_seconds: int = Field(6 * 3600, ge=10)
