"""``make bench-web ROWS=5000000``: questions to a large table of variants.

Prints the time of a first look (copy and first page), of different random questions one after the
other, and of twenty people at once, and the peak memory of the process that answers. Then a real
server: the list of 10,000 jobs while twenty people filter, and the whole table as TSV.
"""

from __future__ import annotations

import argparse
import multiprocessing

from bench.web.big_file import big_file
from bench.web.crowd import Wish, crowd
from bench.web.measure import FOLDER, measure


def main() -> None:
    """Make the file if it is missing, then measure in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m bench.web")
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--samples", type=int, default=3, choices=(3, 4))
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=10_000, help="in the list beside the people")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slowest", type=int, default=5, help="print so many of the slowest")
    given = parser.parse_args()
    path = big_file(given.rows, FOLDER, given.samples)
    # Apart, so that the memory that writes the file is not counted.
    context = multiprocessing.get_context("spawn")
    arguments = (path, given.questions, given.people, given.seed, given.slowest)
    child = context.Process(target=measure, args=arguments)
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(child.exitcode)
    crowd(Wish(path, given.people, given.jobs, given.seed))


if __name__ == "__main__":
    main()
