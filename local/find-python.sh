#!/bin/sh
# Prints the path of the Python that GAS is set up with: the newest of 3.11 to 3.13 that runs here.
# A name on PATH is not enough: a pyenv shim can answer "command not found", and Debian's python3 may
# lack venv. So each candidate is started once and asked.
#
#   find-python.sh [--any-use]     with --any-use, venv need not work (for scripts that install nothing)
#
# PYTHON, where it is set, is the only candidate. The choice and every complaint go to stderr.
set -u

any_use=
[ "${1:-}" = --any-use ] && any_use=yes

# Prints one line, "VERDICT VERSION PATH". Python 2 must be able to read it too. In a virtual
# environment the path is that of the interpreter behind it, which outlives the environment.
probe='
import sys
version = sys.version_info[:2]
verdict = "ok"
if sys.version_info[0] == 3 and sys.implementation.name != "cpython":
    verdict = "other"
elif not (3, 11) <= version <= (3, 13):
    verdict = "version"
else:
    import sysconfig
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        verdict = "other"
    else:
        try:
            import ensurepip, ssl, venv
            ensurepip.version()
        except Exception:
            verdict = "no-venv"
path = getattr(sys, "_base_executable", None) or sys.executable
sys.stdout.write("%s %d.%d.%d %s\n" % ((verdict,) + tuple(sys.version_info[:3]) + (path,)))
'

say() { printf '%s\n' "$1" >&2; }

# Sets verdict, version and path; fails where the candidate does not run.
ask() {
  answer=$("$1" -E -s -c "$probe" 2>/dev/null </dev/null) || return 1
  verdict=${answer%% *}
  rest=${answer#* }
  version=${rest%% *}
  path=${rest#* }
  [ "$verdict" = no-venv ] && [ -n "$any_use" ] && verdict=ok
  return 0
}

take() {
  [ -n "$any_use" ] || say "Python $version: $path"
  printf '%s\n' "$path"
  exit 0
}

venv_hint() {
  say "Python $version ($path) cannot make virtual environments. Debian, Ubuntu: sudo apt install python3-venv (or python${version%.*}-venv)"
}

# Every file NAME in the folders of PATH, not only the first: the first may be a shim.
on_path() {
  IFS=:
  for folder in $PATH; do
    [ -x "$folder/$1" ] && [ ! -d "$folder/$1" ] && printf '%s\n' "$folder/$1"
  done
  unset IFS
}

# Installations of version 3.$1 under folder $2 whose names begin with $3, the newest first.
installed() {
  for found in "$2"/"$3"3."$1"*/bin/python3."$1"; do
    if [ -x "$found" ]; then
      name=${found#"$2"/}
      printf '%s %s\n' "${name%%/*}" "$found"
    fi
  done | sort -t. -k3,3nr | while read -r _ found; do printf '%s\n' "$found"; done
}

candidates() {
  on_path "python3.$1"
  installed "$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions" ""
  installed "$1" "${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/uv/python}" cpython-
  # conda lists every environment that it made in this file
  { [ -z "${CONDA_PREFIX:-}" ] || printf '%s\n' "$CONDA_PREFIX"
    cat "$HOME/.conda/environments.txt" 2>/dev/null; } | while read -r folder; do
    [ -x "$folder/bin/python3.$1" ] && printf '%s\n' "$folder/bin/python3.$1"
  done
}

: "${HOME:=/nonexistent}"

if [ -n "${PYTHON:-}" ]; then
  if ! ask "$PYTHON"; then
    say "PYTHON=$PYTHON does not run"
    exit 1
  fi
  case $verdict in
    ok) take ;;
    no-venv) venv_hint ;;
    other) say "PYTHON=$PYTHON is not a usual CPython; GAS needs CPython 3.11 to 3.13" ;;
    *) say "PYTHON=$PYTHON is Python $version; GAS needs 3.11 to 3.13" ;;
  esac
  exit 1
fi

# A python3 is put among those of its own version, so it is asked for at each version.
plain=$(on_path python3)
without_venv=
other=
for minor in 13 12 11; do
  found=$(candidates "$minor"; printf '%s\n' "$plain")
  while read -r candidate; do
    [ -n "$candidate" ] && ask "$candidate" || continue
    case $version in
      "3.$minor."*) ;;
      *) [ "$verdict" != version ] || other=" (python3 is $version)"
         continue ;;
    esac
    [ "$verdict" = ok ] && take
    [ "$verdict" = no-venv ] && without_venv=${without_venv:-$candidate}
  done <<END
$found
END
done

if [ -n "$without_venv" ]; then
  ask "$without_venv"
  venv_hint
else
  say "no Python 3.11 to 3.13 here$other. Debian 12 or 13, Ubuntu 24.04: sudo apt install python3 python3-venv; macOS: brew install python@3.13; anywhere: uv python install 3.13; or name one: make PYTHON=/path/to/python3.13"
fi
exit 1
