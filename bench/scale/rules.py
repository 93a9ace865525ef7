"""Target tracking of Application Auto Scaling, with the numbers that stand in the template.

What AWS documents of it: one data point a minute; more tasks once three in a row are above the
target, in proportion to it, and fewer once fifteen in a row are below nine tenths of it
(docs.aws.amazon.com/autoscaling/application/userguide, "Target tracking scaling policies").
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cfnlint.decode.cfn_yaml import load

TEMPLATE = Path(__file__).resolve().parents[2] / "ecs" / "worker.yaml"
ROOT_TEMPLATE = TEMPLATE.parent / "gas.yaml"
_ABOVE, _BELOW = 3, 15
_MARGIN = 0.9
_WEIGHT_OF_LARGE = 10


@dataclass(frozen=True, slots=True)
class Rules:
    """The scaling of the annotator as deployed; delays and cooldowns in seconds."""

    least: int
    most: int
    target: float
    backlog_per_task: int
    accepted_delay: int
    busy_percent: int
    out_cooldown: int
    in_cooldown: int

    @classmethod
    def as_written(cls) -> Rules:
        """From the templates."""
        template = load(str(TEMPLATE))
        defaults = {
            name: parameter.get("Default") for name, parameter in template["Parameters"].items()
        }
        policy: Any = template["Resources"]["ScaleByLoad"]["Properties"]
        policy = policy["TargetTrackingScalingPolicyConfiguration"]
        root = load(str(ROOT_TEMPLATE))["Parameters"]
        return cls(
            least=int(defaults["MinTasks"]),
            most=int(root["AnnotatorMaxTasks"]["Default"]),
            target=float(policy["TargetValue"]),
            backlog_per_task=int(defaults["BacklogPerTask"]),
            accepted_delay=int(defaults["AcceptedDelaySeconds"]),
            busy_percent=int(defaults["BusyPercent"]),
            out_cooldown=int(policy["ScaleOutCooldown"]),
            in_cooldown=int(policy["ScaleInCooldown"]),
        )

    def load(
        self, waiting: int, large: int, age: float, tasks: int, cpu: float, parts: int = 0
    ) -> float:
        """The metric ``load`` of the template, in per cent; so is ``cpu``."""
        amount = waiting + _WEIGHT_OF_LARGE * (large + parts)
        backlog = amount / max(tasks, 1) / self.backlog_per_task
        late = min(2.0, age / self.accepted_delay) if waiting else 0.0
        delay = late if tasks else 2.0 * (amount > 0)
        work = min(1.0, cpu / self.busy_percent)
        return 100 * max(backlog, delay, work)


@dataclass
class Scaler:
    """What the alarms make of one data point after the other."""

    rules: Rules
    desired: int
    _points: deque[float] = field(default_factory=lambda: deque(maxlen=_BELOW))
    _out_at: float = -math.inf
    _in_at: float = -math.inf

    def see(self, now: float, load: float) -> int:
        """Take the data point of a minute; gives the number of tasks that there shall be."""
        rules = self.rules
        self._points.append(load)
        latest = list(self._points)[-_ABOVE:]
        if len(latest) == _ABOVE and min(latest) > rules.target:
            if now - self._out_at >= rules.out_cooldown:
                wanted = max(1, math.ceil(self.desired * load / rules.target))
                if min(rules.most, wanted) > self.desired:
                    self.desired, self._out_at = min(rules.most, wanted), now
        elif self._has_been_low() and now - max(self._in_at, self._out_at) >= rules.in_cooldown:
            wanted = math.ceil(self.desired * max(latest) / rules.target)
            if max(rules.least, wanted) < self.desired:
                self.desired, self._in_at = max(rules.least, wanted), now
        return self.desired

    def _has_been_low(self) -> bool:
        return len(self._points) == _BELOW and max(self._points) < _MARGIN * self.rules.target
