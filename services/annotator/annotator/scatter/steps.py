"""The three steps of a file that is cut into parts, as one value that a test can replace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from annotator.scatter import joining, part_work, splitting
from annotator.scatter.joining import Joined
from annotator.scatter.plan import PartDone, SplitPlan
from annotator.scatter.splitting import Asked
from annotator.scatter.workplace import Workplace

Join = Callable[[str, Workplace, Callable[[str], str], Mapping[str, str]], Joined]


@dataclass(frozen=True, slots=True)
class Steps:
    """``splitting.split``, ``part_work.annotate_part`` and ``joining.join``."""

    split: Callable[[Asked, str, Workplace], SplitPlan] = splitting.split
    annotate_part: Callable[[str, int, Workplace], PartDone | None] = part_work.annotate_part
    join: Join = joining.join
