"""``python -m local.vaults HOST PORT``: Glacier vaults for development, based on moto.

Runs in the emulators' virtual environment, so it imports nothing of GAS. What it adds to moto:
unique archive ids, real tree hashes (and a check of the client's), multipart uploads, tiers,
descriptions, the notice to the SNS topic when a retrieval is done, inventories as CSV, and on
request a refusal for lack of capacity, a failed retrieval, or a notice that is never sent:

    PUT /-/next?refuse=1      the next expedited retrieval has no capacity
    PUT /-/next?fail=1        the next retrieval fails
    PUT /-/next?silent=1      the next retrieval is not announced
    GET /-/health             answers when it is ready
"""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import parse_qs

from moto.glacier import models, urls
from moto.server import create_backend_app
from werkzeug.serving import make_server

from local.vaults.answers import Answers
from local.vaults.kept import WANTED, Vault


def control(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Record what must happen the next time."""
    for what, counts in parse_qs(environ["QUERY_STRING"]).items():
        WANTED[what] += int(counts[0])
    start_response("204 No Content", [])
    return []


def main() -> None:
    """Serve until the process is stopped."""
    host, port = sys.argv[1], int(sys.argv[2])
    models.Vault = Vault
    upload = "{0}/(?P<account_number>.+)/vaults/(?P<vault_name>[^/]+)/multipart-uploads"
    urls.url_paths = dict.fromkeys(urls.url_paths, Answers.dispatch)
    urls.url_paths |= {
        f"{upload}$": Answers.dispatch,
        upload + "/(?P<upload_id>[^/]+)$": Answers.dispatch,
    }
    moto = create_backend_app("glacier")

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        served = control if environ["PATH_INFO"] in {"/-/next", "/-/health"} else moto
        return served(environ, start_response)

    make_server(host, port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    main()
