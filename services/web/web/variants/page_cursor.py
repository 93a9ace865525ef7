"""Where a page ended: signed, and of use for the same question about the same file alone."""

from __future__ import annotations

import hashlib
import json

from itsdangerous import BadData, URLSafeSerializer

from web.variants.parameters import BadParameter, parameters_of
from web.variants.question import Question

_BESIDE = ("columns",)  # a question with other columns has the same rows in the same order


class PageCursors:
    """Makes and reads cursors. ``secret`` signs them."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeSerializer(secret, salt="variants-page")

    def text(self, question: Question, file_key: str, place: int) -> str:
        """The cursor behind the row at that place of the file."""
        signed = self._signer.dumps([_digest(question, file_key), place])
        return signed if isinstance(signed, str) else signed.decode()

    def place(self, question: Question, file_key: str, text: str) -> int:
        """Where the last row of the page before is. Raises BadParameter."""
        try:
            digest, place = self._signer.loads(text)
        except (BadData, ValueError, TypeError):
            raise BadParameter("cursor", "is no cursor of ours; begin without one") from None
        if digest != _digest(question, file_key):
            message = "belongs to another question or file; begin without a cursor"
            raise BadParameter("cursor", message)
        return int(place)


def _digest(question: Question, file_key: str) -> str:
    asked = [pair for pair in parameters_of(question) if pair[0] not in _BESIDE]
    text = json.dumps([file_key, asked])
    return hashlib.sha256(text.encode()).hexdigest()[:24]
