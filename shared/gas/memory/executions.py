"""The state machine of ``ecs/scatter.yaml``, in memory."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from gas.memory.files import MemoryFiles
from gas.memory.queue import MemoryQueue
from gas.messaging.executions import Scatter

_JOIN = -1  # instead of the number of a part


@dataclass
class _Execution:
    scatter: Scatter
    is_running: bool = True
    waiting: dict[int, str] = field(default_factory=dict)


class MemoryExecutions:
    """Sends the parts of an object of ``files`` to ``queue``, and a join when all are answered.

    ``refusals`` has error and cause of what ended an execution, by its name. Time limits are for
    tests to play: ``expire`` sends a part again, as the real one does after a long silence.
    """

    def __init__(self, queue: MemoryQueue, files: Mapping[str, MemoryFiles]) -> None:
        self._queue = queue
        self._files = files
        self._executions: dict[str, _Execution] = {}
        self._tokens: dict[str, tuple[str, int]] = {}
        self._numbers = itertools.count(1)
        self.refusals: dict[str, tuple[str, str]] = {}

    def start(self, scatter: Scatter) -> None:
        if scatter.name in self._executions:
            return
        execution = self._executions[scatter.name] = _Execution(scatter)
        items = json.loads(self._files[scatter.bucket].objects[scatter.items_key])
        for item in items:
            self._send(execution, item["number"])
        if not items:
            self._send(execution, _JOIN)

    def is_running(self, name: str) -> bool:
        execution = self._executions.get(name)
        return execution is not None and execution.is_running

    def stop(self, name: str, reason: str) -> None:  # noqa: ARG002
        if execution := self._executions.get(name):
            self._end(execution)

    def running(self) -> list[str]:
        """The names of the executions that run."""
        return [name for name, execution in self._executions.items() if execution.is_running]

    def vanish(self, name: str) -> None:
        """Forget the execution and its tokens, as an emulator does that lost its state."""
        self._end(self._executions.pop(name))

    def expire(self, name: str) -> None:
        """Send everything again that is not answered: its tokens are worth nothing any more."""
        execution = self._executions[name]
        for number, token in list(execution.waiting.items()):
            del self._tokens[token]
            self._send(execution, number)

    def hurry(self, name: str) -> None:
        """Take all that is not answered for answered, as after answers that nobody gave."""
        for token in list(self._executions[name].waiting.values()):
            self.answer(token)

    def beat(self, token: str) -> bool:
        return token in self._tokens

    def answer(self, token: str) -> None:
        name, number = self._tokens.pop(token, ("", _JOIN))
        execution = self._executions.get(name)
        if execution is None:
            return
        del execution.waiting[number]
        if execution.waiting:
            return
        if number == _JOIN:
            self._end(execution)
        else:
            self._send(execution, _JOIN)

    def refuse(self, token: str, error: str, cause: str) -> None:
        name, _ = self._tokens.get(token, ("", _JOIN))
        if execution := self._executions.get(name):
            self.refusals[name] = (error, cause)
            self._end(execution)

    def _end(self, execution: _Execution) -> None:
        execution.is_running = False
        for token in execution.waiting.values():
            self._tokens.pop(token, None)
        execution.waiting.clear()

    def _send(self, execution: _Execution, number: int) -> None:
        scatter = execution.scatter
        token = f"token-{next(self._numbers)}"
        self._tokens[token] = (scatter.name, number)
        execution.waiting[number] = token
        ids = {"user_id": scatter.user_id, "job_id": scatter.job_id, "split": scatter.split}
        kind = {"kind": "join"} if number == _JOIN else {"kind": "part", "number": number}
        self._queue.send(json.dumps({**ids, **kind, "token": token}), group=scatter.user_id)
