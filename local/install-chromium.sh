#!/bin/sh
# Debian's Chromium for tests/browser, where it is missing and this user may install it. Fails, and
# says what is then not tested, where there is none in the end.
set -u

is_there() { command -v "${GAS_CHROMIUM:-chromium}" >/dev/null; }

is_there && exit
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing chromium, for tests in a real browser …"
  { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } >/dev/null 2>&1
  is_there && exit
fi
cat >&2 <<END
!!! NO CHROMIUM: it is not here and could not be installed (GAS_CHROMIUM can name another).
!!! NOT TESTED: pages in a real browser, accessibility, content security policy !!!
END
exit 1
