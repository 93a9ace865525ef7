"""Makes text of BCF, the binary form of VCF, with bcftools."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

from annotator.processes.pipes import EngineFailed, Pipeline
from annotator.processes.stages import stage
from annotator.rejection import damaged, too_large
from annotator.vcf import bcf, bgzf

COMMAND = ["view"]
_NAME = "upload.vcf.gz"
_PIECE_BYTES = 1 << 20


def as_text(upload: Path, folder: Path, max_bytes: int) -> Path:
    """The upload itself if it is text, or what BCF says as a VCF in ``folder``. Raises Rejected."""
    if not bcf.is_bcf(upload):
        return upload
    path = folder / _NAME
    try:
        with bgzf.Writer(path) as out:
            total = 0
            for text in _said(upload, folder):
                total += len(text)
                if total > max_bytes:
                    raise too_large(f"The file holds more than {max_bytes >> 20} MiB as VCF.")
                out.write(text)
            out.end()
    except EngineFailed as failure:
        reason = str(failure).splitlines()[-1].rpartition("] ")[2][:200]
        raise damaged(f"The BCF file cannot be read ({reason}). Upload it again.") from None
    return path


def _said(upload: Path, folder: Path) -> Iterator[bytes]:
    """What bcftools writes, piece by piece."""
    with Pipeline([stage(COMMAND)], folder) as pipeline:

        def feed() -> None:
            with contextlib.suppress(BrokenPipeError), upload.open("rb") as file:
                while piece := file.read(_PIECE_BYTES):
                    pipeline.stdin.write(piece)
            with contextlib.suppress(BrokenPipeError):
                pipeline.stdin.close()

        feeder = Thread(target=feed, daemon=True)
        feeder.start()
        while text := pipeline.read():
            yield text
        feeder.join()
        pipeline.check()
