"""Reads the one file of a ZIP archive, as mail programs and hospitals' portals pack it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO

from annotator.rejection import not_vcf

MAGIC = b"PK\x03\x04"
ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_DEFLATED = 8
_PIECE_BYTES = 1 << 18
_NOT_ONE = "Upload an archive with one VCF file, or the VCF file itself."


def open_only_file(raw: BinaryIO) -> IO[bytes]:
    """The only file of the archive, opened. Raises Rejected, or one of ``ERRORS``."""
    try:
        archive = zipfile.ZipFile(raw)
    except zipfile.BadZipFile:
        raise not_vcf(f"The ZIP archive is damaged or incomplete. {_NOT_ONE}") from None
    files = [
        one for one in archive.infolist() if not one.is_dir() and not _is_rubbish(one.filename)
    ]
    if len(files) != 1:
        raise not_vcf(f"The ZIP archive has {len(files):,} files. {_NOT_ONE}")
    if files[0].flag_bits & 1:
        raise not_vcf(f"The ZIP archive is encrypted. {_NOT_ONE}")
    return archive.open(files[0])


def _is_rubbish(name: str) -> bool:
    """True for what systems add of themselves."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in {".DS_Store", "Thumbs.db"}


def beginning(raw: BinaryIO) -> Iterator[bytes]:
    """What can be read of the first file of an archive whose end, with the list, is missing."""
    while len(head := raw.read(_LOCAL_HEADER.size)) == _LOCAL_HEADER.size:
        magic, *_, method, _, _, _, packed, _, name_length, more = _LOCAL_HEADER.unpack(head)
        name = raw.read(name_length)
        raw.seek(more, 1)
        if magic != MAGIC:
            return
        if name.endswith(b"/") or _is_rubbish(name.decode("utf-8", "replace")):
            raw.seek(packed, 1)
            continue
        inflate = zlib.decompressobj(-15) if method == _DEFLATED else None
        while piece := raw.read(_PIECE_BYTES):
            text = inflate.decompress(piece, _PIECE_BYTES) if inflate else piece
            while text:
                yield text
                rest = inflate.unconsumed_tail if inflate else b""
                text = inflate.decompress(rest, _PIECE_BYTES) if inflate and rest else b""
            if inflate and inflate.eof:
                return
        return
