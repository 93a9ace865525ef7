"""Starts a loader: ``python -m annotator.runner.warm …``, with the arguments of ``loading.main``.

It is shut in before anything else is imported, as ``annotator.runner`` is.
"""

import os
import sys

from annotator.runner import sandbox

if __name__ == "__main__":
    sandbox.enter()
    from annotator.runner.warm.loading import main

    os._exit(main(sys.argv[1:]))
