"""The table of marks, saved filters, layouts and shares."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from gas.aws.clients import Aws
from gas.domain.job_rules import Cancel, Delete
from gas.events import new_id
from gas.memory.personal import MemoryPersonalTable
from gas.settings import Settings
from gas.tables.personal import (
    MAX_ROWS,
    JobGone,
    LimitReached,
    PersonalRow,
    PersonalTable,
    RowChanged,
    forget_job,
    forget_user,
)
from gas.tables.personal_dynamo import DynamoPersonalTable
from tests.contract.event_store import EventStore

MOST = {"mark": 1000, "mark/a": 1000, "mark/b": 1000}


@pytest.fixture
def table(settings: Settings | None, store: EventStore) -> PersonalTable:
    if settings is None:
        return MemoryPersonalTable(store.database)
    return DynamoPersonalTable(Aws(settings).dynamodb(), settings.prefix)


def mark(user_id: str, number: int, job: str = "a") -> PersonalRow:
    return PersonalRow(
        user_id, f"mark/{job}/{number:04d}", 1, {"star": True}, ("mark", f"mark/{job}")
    )


def marks(user_id: str, count: int, job: str = "a") -> list[PersonalRow]:
    return [mark(user_id, number, job) for number in range(count)]


def fill(
    table: PersonalTable,
    rows: list[PersonalRow],
    most: dict[str, int],
    of_job: str | None = None,
) -> None:
    """Add any number of rows."""
    for begin in range(0, len(rows), MAX_ROWS):
        table.add(rows[begin : begin + MAX_ROWS], most, of_job=of_job)


def test_a_row_is_read_as_it_was_written(table: PersonalTable) -> None:
    content = {"note": "ä\n“b”", "tags": ["x"], "pos": 7, "star": False, "ends": None, "query": ""}
    row = PersonalRow(new_id(), "filter/1", 1, content)
    assert table.get(row.user_id, row.entry) is None
    table.add([row], {})
    assert table.get(row.user_id, row.entry) == row
    assert table.get(new_id(), row.entry) is None


def test_of_two_writers_of_one_version_the_second_is_refused(table: PersonalTable) -> None:
    user = new_id()
    table.add([mark(user, 1)], MOST)
    with pytest.raises(RowChanged):
        table.add([mark(user, 1)], MOST)
    second = replace(mark(user, 1), version=2, content={"note": "first tab"})
    table.replace(second)
    with pytest.raises(RowChanged):
        table.replace(replace(second, content={"note": "second tab"}))
    with pytest.raises(RowChanged):
        table.remove(mark(user, 1))
    assert table.get(user, second.entry) == second
    table.remove(second)
    with pytest.raises(RowChanged):
        table.replace(replace(second, version=3))
    assert table.get(user, second.entry) is None


def test_many_rows_are_added_all_or_none(table: PersonalTable) -> None:
    user = new_id()
    table.add([mark(user, 3)], MOST)
    with pytest.raises(RowChanged):
        table.add(marks(user, MAX_ROWS), MOST)
    assert table.page(user, "mark/", 10) == [mark(user, 3)]
    with pytest.raises(ValueError, match=f"1 to {MAX_ROWS}"):
        table.add(marks(user, MAX_ROWS + 1), MOST)


def test_pages_are_in_order_and_of_one_user_and_prefix(table: PersonalTable) -> None:
    user = new_id()
    fill(table, marks(user, 7), MOST)
    table.add(marks(user, 2, "b"), MOST)
    table.add(marks(new_id(), 2), MOST)
    table.add([PersonalRow(user, "filter/1", 1, {})], {})
    first = table.page(user, "mark/a/", 5)
    rest = table.page(user, "mark/a/", 5, first[-1].entry)
    assert [*first, *rest] == marks(user, 7)
    assert [row.entry for row in table.page(user, "mark/", 50)] == [
        row.entry for row in [*marks(user, 7), *marks(user, 2, "b")]
    ]


def test_a_counter_has_a_limit_and_counts_what_is_there(table: PersonalTable) -> None:
    user, most = new_id(), {"mark": 5, "mark/a": 3, "mark/b": 3}
    with pytest.raises(LimitReached):
        table.add(marks(user, 4), most)
    table.add(marks(user, 3), most)
    with pytest.raises(LimitReached) as reached:
        table.add([mark(user, 9)], most)
    assert reached.value.counter == "mark/a"
    table.add(marks(user, 2, "b"), most)
    with pytest.raises(LimitReached) as reached:
        table.add([mark(user, 9, "b")], most)
    assert reached.value.counter == "mark"
    table.remove(mark(user, 0))
    table.add([mark(user, 9, "b")], most)
    assert len(table.page(user, "mark/", 10)) == 5


def test_writers_at_the_same_time_keep_the_limit(table: PersonalTable) -> None:
    user, most = new_id(), {"mark": 1000, "mark/a": 6}

    def attempt(number: int) -> bool:
        try:
            table.add([mark(user, number)], most)
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        stored = list(pool.map(attempt, range(12)))
    assert sum(stored) == 6
    assert len(table.page(user, "mark/", 50)) == 6


def test_a_row_is_found_by_its_token_and_not_after_its_removal(table: PersonalTable) -> None:
    digest = new_id()
    row = PersonalRow(new_id(), "share/a/1", 1, {"days": 3}, ("share",), digest)
    assert table.by_token(digest) is None
    table.add([row], {"share": 1})
    assert table.by_token(digest) == row
    table.replace(replace(row, version=2, content={"days": 4}))
    found = table.by_token(digest)
    assert found is not None
    assert found.content == {"days": 4}
    table.remove(found)
    assert table.by_token(digest) is None


def test_a_deleted_jobs_rows_go_and_none_can_come_back(
    table: PersonalTable, store: EventStore
) -> None:
    user = store.user()
    job, other = store.submitted(user).job_id, store.submitted(user).job_id
    most = {"mark": 1000, f"mark/{job}": 1000, f"mark/{other}": 1000, "share": 10}
    fill(table, marks(user, 30, job), most, job)
    table.add([mark(user, 1, other)], most, of_job=other)
    table.add([PersonalRow(user, f"share/{job}/1", 1, {}, ("share",), new_id())], most, of_job=job)
    store.jobs.execute(job, Cancel(by=user, reason="r"))
    store.jobs.execute(job, Delete(by=user, reason="r"))
    with pytest.raises(JobGone):
        table.add([mark(user, 999, job)], most, of_job=job)
    assert forget_job(table, user, job) == 31
    assert forget_job(table, user, job) == 0
    assert table.page(user, f"mark/{job}/", 10) == []
    assert table.page(user, f"share/{job}/", 10) == []
    assert table.page(user, "mark/", 10) == [mark(user, 1, other)]
    with pytest.raises(JobGone):
        table.add([mark(user, 1, "nothing")], {"mark": 9, "mark/nothing": 9}, of_job="nothing")


def test_deleting_while_others_write_leaves_nothing_and_counts_right(table: PersonalTable) -> None:
    user, most = new_id(), {"mark": 40, "mark/a": 40}
    fill(table, marks(user, 30), most)
    with ThreadPoolExecutor(4) as pool:
        changes = [
            pool.submit(_ignoring, partial(table.replace, replace(row, version=2)))
            for row in marks(user, 20)
        ]
        pool.submit(forget_user, table, user)
        pool.submit(forget_user, table, user)
        for change in changes:
            change.result()
    forget_user(table, user)
    assert table.page(user, "mark/", 10) == []
    fill(table, marks(user, 40), most)  # the counters are back at zero
    with pytest.raises(LimitReached):
        table.add([mark(user, 40)], most)


def _ignoring(write: partial[None]) -> None:
    try:
        write()
    except RowChanged:
        return


def test_everything_of_a_user_can_be_deleted(table: PersonalTable) -> None:
    user, other = new_id(), new_id()
    for owner in (user, other):
        table.add([mark(owner, 1)], MOST)
        table.add([PersonalRow(owner, f"{kind}/1", 1, {}) for kind in ("filter", "layout")], {})
        table.add([PersonalRow(owner, "share/a/1", 1, {}, (), new_id())], {})
    assert forget_user(table, user) == 4
    assert forget_user(table, user) == 0
    assert all(table.page(user, f"{kind}/", 9) == [] for kind in ("mark", "filter", "share"))
    assert len(table.page(other, "mark/", 9)) == 1
