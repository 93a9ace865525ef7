#!/bin/sh
# Marks environments of this checkout as not installed, so that make builds them anew, where their
# interpreter has gone (an upgrade of Python removed it), is one that GAS no longer takes, or has
# another version than the one that the user asks for with PYTHON. Says so on stderr.
set -u

wanted=
if [ -n "${PYTHON:-}" ]; then
  path=$("$(dirname "$0")/find-python.sh" --any-use) || exit 1
  wanted=$("$path" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
fi

for environment in .venv .venv-emulators .venv-checks .venv-node; do
  [ -e "$environment/.installed" ] || continue
  version=$(sed -n 's/^version *= *\(3\.[0-9]*\).*/\1/p' "$environment/pyvenv.cfg" 2>/dev/null)
  why=
  if ! "$environment/bin/python" -c '' 2>/dev/null; then
    why="its Python ${version:-} is gone"
  else
    case $version in
      3.11 | 3.12 | 3.13) ;;
      *) why="it has Python $version" ;;
    esac
    [ -z "$wanted" ] || [ "$wanted" = "$version" ] || why="it has Python $version, not $wanted"
  fi
  if [ -n "$why" ]; then
    printf '%s\n' "$environment is made anew: $why" >&2
    rm -f "$environment/.installed"
  fi
done
