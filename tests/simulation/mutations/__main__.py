"""``make mutations``: find the first seed that detects each mutation, and write them down.

The test of the simulation tries these seeds first. Run it where that test says that one of them
detects its mutation no longer.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.simulation.mutations import MUTATIONS
from tests.simulation.mutations.detection import KNOWN, detecting_seed


def main() -> None:
    """Print each mutation with its seed. Ends with an error if one is not detected."""
    found: dict[str, int] = {}
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for name, seed in zip(MUTATIONS, pool.map(detecting_seed, MUTATIONS), strict=True):
            if seed is None:
                raise SystemExit(f"not detected: {name}")
            print(f"{seed:>6}  {name}", flush=True)
            found[name] = seed
    KNOWN.write_text(json.dumps(dict(sorted(found.items())), indent=2) + "\n")


if __name__ == "__main__":
    main()
