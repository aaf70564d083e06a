"""The runs of a session: the newest MOST_RECORDS, each as it was when it was last at rest.

The browser keeps the list over a reload. With an answer it hears what has changed; with the first pull of a new session it says
what it holds, which is checked like a file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from engine.limits import MAX_NAME
from engine.studies.run_record import MOST_RECORDS, RunRecord, from_plain, to_plain
from pages.shared.live.moments import RunNews

MOST_STORED = (
    20_000  # characters of a run that the browser keeps: one on a large uploaded table stays in the session
)


def as_told(record: RunRecord) -> tuple[Any, ...]:
    """What can change of a record while it is the same run; NaN equals NaN here."""
    return record.updates, record.config, record.name, repr(record.ends)


class RunList:
    """`records` by key, the oldest first."""

    def __init__(self) -> None:
        self.records: dict[str, RunRecord] = {}
        self.restored = False  # whether the browser has said what it holds
        self._changed: dict[str, None] = {}
        self._gone: list[str] = []

    def see(self, record: RunRecord | None) -> None:
        """Take in a run as it is now, if it has trained."""
        if record is None or not record.updates:
            return
        old = self.records.get(record.key)
        if old is not None:
            record = replace(record, name=old.name)
        if old is None or as_told(record) != as_told(old):
            self.put(record)

    def put(self, record: RunRecord) -> None:
        """Take in a run, in the place of one with its key."""
        self.records[record.key] = record
        self._changed[record.key] = None
        self.forget(list(self.records)[:-MOST_RECORDS])

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            if self.records.pop(key, None) is not None:
                self._changed.pop(key, None)
                self._gone.append(key)

    def rename(self, key: str, name: str) -> None:
        if key in self.records and self.records[key].name != name[:MAX_NAME]:
            self.put(replace(self.records[key], name=name[:MAX_NAME]))

    def restore(self, text: str) -> None:
        """What the browser holds: runs that can't be used are left out. They stand before those of this session."""
        self.restored = True
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):
            return
        found: dict[str, RunRecord] = {}
        for each in list(raw.values())[-MOST_RECORDS:] if isinstance(raw, dict) else []:
            try:
                record = from_plain(each)
            except (ValueError, RecursionError):
                continue
            found[record.key] = record
        self.records = found | self.records
        self.forget(list(self.records)[:-MOST_RECORDS])

    def news(self) -> RunNews | None:
        """What the browser has not heard of yet."""
        if not self._changed and not self._gone:
            return None
        plain = {key: to_plain(self.records[key]) for key in self._changed if key in self.records}
        small: dict[str, Any] = {
            key: each for key, each in plain.items() if len(json.dumps(each)) <= MOST_STORED
        }
        news = RunNews(set=small, drop=self._gone)
        self._changed, self._gone = {}, []
        return news
