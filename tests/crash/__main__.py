"""``python -m tests.crash``."""

import sys

from tests.crash.matrix import main

if __name__ == "__main__":
    sys.exit(main())
