"""Reads a CSV table that somebody uploads. Text is data: nothing in it is ever run, unpickled or shown as HTML.

`read_table` takes bytes or text with commas, semicolons or tabs, with a header or none, and gives a `Table`; what it
can't use it refuses with a `TableError`, whose sentence names the line or column and says what to do.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from itertools import count

import numpy as np

MAX_ROWS = 5000
MAX_BYTES = 2_000_000
MAX_COLUMNS = 50
MAX_CLASSES = 10
LARGEST = 1e15
MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}


class TableError(ValueError):
    """The table can't be used; the message is a sentence for the person who uploaded it."""


@dataclass(frozen=True)
class Column:
    """One column: its texts, and its numbers where every filled cell is a number (else None); NaN is missing."""

    name: str
    texts: tuple[str, ...]
    numbers: np.ndarray | None


@dataclass(frozen=True)
class Table:
    """Columns of one length; `lines` are the rows' line numbers in the file."""

    columns: tuple[Column, ...]
    lines: tuple[int, ...]
    decimal_comma: bool = False

    @property
    def rows(self) -> int:
        return len(self.columns[0].texts)

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise TableError(
            f"There is no column {name[:60]!r}; choose one of {', '.join(c.name for c in self.columns)}."
        )


def read_table(data: bytes | str) -> Table:
    """The table in `data`; `TableError` with a sentence if there is none that can be used."""
    text = _text(data)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise TableError("The file is empty; it needs at least two rows of numbers with a label.")
    delimiter = max(";\t,", key=lambda mark: lines[0].count(mark))
    if delimiter not in lines[0]:
        raise TableError("Line 1 has no comma, semicolon or tab; separate the columns with one of them.")
    try:
        reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        records = [
            (reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise TableError(f"A row can't be read ({error}); check the quotation marks.") from None
    if not records:
        raise TableError("The file holds no values; it needs at least two rows of numbers with a label.")
    width = len(records[0][1])
    if width > MAX_COLUMNS:
        raise TableError(f"There are {width} columns; keep at most {MAX_COLUMNS}.")
    for line, row in records:
        if len(row) != width:
            raise TableError(f"Line {line} has {len(row)} values where line {records[0][0]} has {width}; give every row the same columns.")  # fmt: skip
    comma = delimiter == ";"
    first = records[0][1]
    has_header = not any(_number(cell, comma) is not None for cell in first)
    names = _names(first) if has_header else [f"column {k}" for k in range(1, width + 1)]
    body = records[1:] if has_header else records
    if not body:
        raise TableError("There is a header but no rows below it; add the data.")
    if len(body) > MAX_ROWS:
        raise TableError(f"There are {len(body):,} rows; keep at most {MAX_ROWS:,}.")
    columns = []
    for k, name in enumerate(names):
        texts = tuple(row[k] for _, row in body)
        columns.append(Column(name, texts, _numbers(texts, comma, name, [line for line, _ in body])))
    return Table(tuple(columns), tuple(line for line, _ in body), comma)


def _text(data: bytes | str) -> str:
    if len(data) > MAX_BYTES:
        raise TableError(f"The file has {len(data) / 1e6:.1f} MB; keep it under {MAX_BYTES / 1e6:.0f} MB.")
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if b"\0" in raw or raw[:4] in (b"PK\x03\x04", b"\x89PNG", b"%PDF"):
        raise TableError("This is not a text file; save the sheet as CSV and upload that.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _number(cell: str, comma: bool) -> float | None:
    """The cell as a number: NaN where missing, None where it is text."""
    if cell.lower() in MISSING:
        return math.nan
    try:
        value = float(cell.replace(",", ".") if comma else cell)
    except ValueError:
        return None
    return value if "_" not in cell else None


def _numbers(texts: tuple[str, ...], comma: bool, name: str, lines: list[int]) -> np.ndarray | None:
    values = [_number(text, comma) for text in texts]
    if any(value is None for value in values):
        return None
    for value, text, line in zip(values, texts, lines, strict=True):
        if text.lower() not in MISSING and not abs(value) <= LARGEST:  # type: ignore[arg-type]
            raise TableError(f"Line {line}, column {name}: {text[:30]} is too large; use numbers up to 1e15.")
    return np.array(values, dtype=float)


def _names(cells: list[str]) -> list[str]:
    names: list[str] = []
    for k, cell in enumerate(cells, 1):
        name = (
            "".join(character for character in cell if character.isprintable())[:60].strip() or f"column {k}"
        )
        copies = (f"{name[:50]} ({number})" for number in count(2))
        while name in names:
            name = next(copies)
        names.append(name)
    return names


def guess_roles(table: Table) -> tuple[tuple[str, str], str]:
    """Which two columns span the plane and which is the label: the first two numeric ones, and the last other."""
    numeric = [c.name for c in table.columns if c.numbers is not None and not np.isnan(c.numbers).all()]
    names = [c.name for c in table.columns]
    if len(names) < 3:
        raise TableError(
            f"There are {len(names)} columns; give at least three: two numbers and a label or target."
        )
    if len(numeric) < 2:
        raise TableError(
            f"Only {len(numeric)} column holds numbers throughout; two are needed. "
            + " ".join(_first_text(table, c) for c in table.columns if c.numbers is None)
        )
    text_columns = [name for name in names if name not in numeric]
    label = text_columns[-1] if text_columns else names[-1]
    first = [name for name in numeric if name != label][:2]
    if len(first) < 2:
        raise TableError("Two columns of numbers besides the label are needed.")
    return (first[0], first[1]), label


def _first_text(table: Table, column: Column) -> str:
    """Where a column that should be numbers holds something else, as a sentence."""
    for line, text in zip(table.lines, column.texts, strict=True):
        if _number(text, table.decimal_comma) is None:
            return f"Line {line}, column {column.name}: {text[:30]!r} is not a number."
    return f"Column {column.name} holds no numbers."


@dataclass(frozen=True)
class Selection:
    """Rows ready for a data set: points (N, 2), target (N,), class names (() for regression), notes for the person."""

    points: np.ndarray
    target: np.ndarray
    class_names: tuple[str, ...]
    notes: tuple[str, ...]


def select(table: Table, columns: tuple[str, str], label: str) -> Selection:
    """The chosen columns, without rows that lack a value; `TableError` says what can't be used."""
    if columns[0] == columns[1] or label in columns:
        raise TableError("Choose three different columns: two for the plane and one for the label.")
    points = []
    for name in columns:
        column = table.column(name)
        if column.numbers is None:
            raise TableError(f"{_first_text(table, column)} Correct it or choose another column.")
        points.append(column.numbers)
    target = table.column(label)
    missing = (
        np.array([text.lower() in MISSING for text in target.texts])
        | np.isnan(points[0])
        | np.isnan(points[1])
    )
    keep = ~missing
    notes: tuple[str, ...] = ()
    if missing.any():
        notes = (f"{missing.sum()} of {table.rows} rows lack a value and were left out.",)
    if keep.sum() < 10:
        raise TableError(f"Only {keep.sum()} rows are complete; at least 10 are needed.")
    kept = np.stack(points, axis=1)[keep]
    for name, values in zip(columns, kept.T, strict=True):
        if np.ptp(values) <= 1e-12 * max(1.0, np.abs(values).max()):
            raise TableError(
                f"Column {name} has the same value, {values[0]:g}, in every row; choose one that varies."
            )
    texts = np.array([text for text, k in zip(target.texts, keep, strict=True) if k])
    distinct, classes = np.unique(texts, return_inverse=True)
    if len(distinct) < 2:
        raise TableError(f"Column {label} has the same value in every row; there is nothing to learn.")
    if len(distinct) > MAX_CLASSES:
        if target.numbers is None:
            raise TableError(f"Column {label} has {len(distinct)} classes; keep at most {MAX_CLASSES}, or use numbers as a target.")  # fmt: skip
        return Selection(kept, target.numbers[keep], (), notes)
    counts = np.bincount(classes)
    if counts.min() < 2:
        raise TableError(f"Class {str(distinct[counts.argmin()])[:30]!r} of column {label} has a single row; each class needs two or more.")  # fmt: skip
    if target.numbers is not None:  # numeric classes in their order: 2 before 10
        numbers = [_number(text, True) or 0.0 for text in distinct]
        order = np.argsort(numbers, kind="stable")
        distinct, classes = distinct[order], np.argsort(order)[classes]
    return Selection(kept, classes.astype(np.int64), tuple(str(name)[:40] for name in distinct), notes)
