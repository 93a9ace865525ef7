"""Forms of pages, sent as a browser sends them."""

from __future__ import annotations

import re
from typing import Any

from tests.support.web_server import User


def press(user: User, path: str, **fields: Any) -> Any:
    """Send the form with the token of the page of jobs; the page that follows."""
    token = re.search(r'name="csrf_token" value="([^"]*)"', user.browser.get("/jobs").text)
    assert token, "the page has no form"
    form = {"csrf_token": token[1], **fields}
    return user.browser.post(path, data=form, follow_redirects=True)
