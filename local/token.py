"""``make token EMAIL=…``: print an API token of the running embedded stack, good for uploads.

Its user counts as one who has accepted the terms: whoever runs the stack does.
"""

from __future__ import annotations

import sys

from local.stack import ROOT, Stack, use_environment


def main() -> int:
    """Replace this process by ``web.token_command`` with the environment of the running stack."""
    try:
        stack = Stack.load(ROOT / ".gas" / "dev")
    except FileNotFoundError:
        print("no stack was started here yet: run `make dev` first", file=sys.stderr)
        return 1
    use_environment(stack)
    sys.argv.append("--accept-terms")
    from web.token_command import main as make_token

    return make_token()


if __name__ == "__main__":
    raise SystemExit(main())
