"""The process of one job: ``python -m annotator.child``, a task on standard input.

It is shut in before anything else is imported: libraries start threads, and the kernel moves only a
process of one thread to another network.
"""

import gc
import os

from annotator.runner import sandbox

if __name__ == "__main__":
    sandbox.enter()
    # Little here refers to itself, and looking for it takes a while, in imports too.
    gc.disable()
    from annotator.child.process import main

    # The parent waits for the end, and to take down the interpreter is of use to nobody.
    os._exit(main())
