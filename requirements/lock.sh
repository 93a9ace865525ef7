#!/bin/bash
# Writes every lock file anew. Services' versions are held to those that development tests.
set -euo pipefail
cd "$(dirname "$0")/.."
uv() { .venv/bin/uv --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header "$@"; }
uv requirements/build.in -o requirements/build.lock
uv requirements/dev.in -o requirements/dev.lock
uv requirements/local.in -c requirements/dev.lock -o requirements/local.lock
uv requirements/emulators.in -o requirements/emulators.lock
uv requirements/checks.in -o requirements/checks.lock
uv requirements/node.in -o requirements/node.lock
for service in web annotator archiver restorer thawer; do
  # `gas` itself comes from the tree, never from an index.
  .venv/bin/python requirements/third_party.py shared "services/$service" |
    uv - -c requirements/dev.lock -o "services/$service/requirements.lock"
done
