"""How results are named after uploads."""

from __future__ import annotations

import re

_MAX_STEM_CHARACTERS = 100


def result_stem(filename: str) -> str:
    """The user's file name without its VCF suffixes, safe as part of an S3 key.

    1 to 100 characters out of letters, digits, dot, underscore and hyphen.
    """
    stem = re.sub(r"(\.vcf)?(\.b?gz)?$", "", filename, flags=re.IGNORECASE)
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", stem).strip("._")
    return safe[:_MAX_STEM_CHARACTERS] or "variants"
