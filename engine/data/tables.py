"""Reads a CSV table that somebody uploads. Text is data: nothing in it is ever run, unpickled or shown as HTML.

`read_table` takes bytes or text with commas, semicolons or tabs, with a header or none, as spreadsheets, pandas and R
write it (a column of row numbers without a name, a delimiter at the end of the line, names of two lines in quotation
marks). It gives a `Table`; what it can't use it refuses with a `TableError`, whose sentence names the line or column
and says what to do.

Missing values: an empty cell is missing everywhere. A word of `MISSING` is missing in a column of numbers, and then,
spelled alike, in every column of that table. Elsewhere it is text: a class may be called "none" or "NA".
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice

import numpy as np

MAX_ROWS = 5000
MAX_BYTES = 2_000_000
MAX_COLUMNS = 50
LARGEST = 1e15
MISSING = {"na", "n/a", "nan", "null", "none", "?", "-"}
DELIMITERS = ";\t,"
SAMPLE = 50  # records that decide what separates the columns

Record = tuple[int, list[str]]  # the line it begins on, and its cells


class TableError(ValueError):
    """The table can't be used; the message is a sentence for the person who uploaded it."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its texts ("" is missing), and its numbers where it holds nothing else (else None); NaN is missing."""

    name: str
    texts: tuple[str, ...]
    numbers: np.ndarray | None

    @property
    def distinct(self) -> int:
        """How many different numbers the column holds; 0 for text."""
        return 0 if self.numbers is None else len(np.unique(self.numbers[~np.isnan(self.numbers)]))


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of one length; `lines` are the lines of the file that the rows begin on, `text` is the whole file, decoded."""

    columns: tuple[Column, ...]
    lines: tuple[int, ...]
    decimal_comma: bool = False
    text: str = ""

    @property
    def rows(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> Column:
        """The column of this name. `TableError` if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise TableError(
            f"There is no column {name[:60]!r}; choose one of {', '.join(c.name for c in self.columns)}."
        )

    def first_text(self, column: Column) -> str:
        """Where a column that should hold numbers holds something else, as a sentence."""
        for line, text in zip(self.lines, column.texts, strict=True):
            if text and number(text, self.decimal_comma) is None:
                return f"Line {line}, column {column.name}: {text[:30]!r} is not a number."
        return f"Column {column.name} holds no numbers."


@lru_cache(maxsize=4)
def read_table(data: bytes | str) -> Table:
    """The table in `data`; `TableError` with a sentence if there is none that can be used."""
    text = _text(data)
    if not text.strip():
        raise TableError("The file is empty; it needs at least two rows of numbers with a label.")
    delimiter = _delimiter(text)
    try:
        records = list(_records(text, delimiter))
    except csv.Error as error:
        raise TableError(f"A row can't be read ({error}); check the quotation marks.") from None
    if not records:
        raise TableError("The file holds no values; it needs at least two rows of numbers with a label.")
    records = _rectangle(records)
    comma = delimiter == ";"
    has_header = _is_header([cells for _, cells in records[:3]], comma)
    body = records[1:] if has_header else records
    if not body:
        raise TableError("There is a header but no rows below it; add the data.")
    if len(body) > MAX_ROWS:
        raise TableError(f"There are {len(body):,} rows; keep at most {MAX_ROWS:,}.")
    header = records[0][1] if has_header else [""] * len(body[0][1])
    columns = [list(cells) for cells in zip(*(cells for _, cells in body), strict=True)]
    kept = [k for k, cells in enumerate(columns) if header[k] or any(cells)]
    if len(kept) > MAX_COLUMNS:
        raise TableError(f"There are {len(kept)} columns; keep at most {MAX_COLUMNS}.")
    names = _names(header, has_header)
    lines = tuple(line for line, _ in body)
    made = _columns([names[k] for k in kept], [columns[k] for k in kept], lines, comma)
    return Table(made, lines, comma, text)


def _text(data: bytes | str) -> str:
    if len(data) > MAX_BYTES:
        raise TableError(f"The file has {len(data) / 1e6:.1f} MB; keep it under {MAX_BYTES / 1e6:.0f} MB.")
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    if b"\0" in raw or raw[:4] in (b"PK\x03\x04", b"\x89PNG", b"%PDF"):
        raise TableError("This is not a text file; save the sheet as CSV and upload that.")
    for encoding in (
        "utf-8-sig",
        "cp1252",
    ):  # what Excel writes today, and has long written in Western Europe
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            pass
    return raw.decode("latin-1")


def _records(text: str, delimiter: str) -> Iterator[Record]:
    """The lines that are not blank, as cells; a cell in quotation marks may go over several lines."""
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=True)
    begin = 1
    for cells in reader:
        cells = [" ".join(cell.split()) for cell in cells]
        if any(cells):
            yield begin, cells
        begin = reader.line_num + 1


def _delimiter(text: str) -> str:
    """The mark that gives the most rows of one width; of equal ones that with the most numbers, then the widest rows."""
    best, chosen, reason = (0.0, 0, 0), "", "Line 1 has no comma, semicolon or tab; separate the columns with one of them."  # fmt: skip
    for mark in DELIMITERS:
        try:
            sample = [cells for _, cells in islice(_records(text, mark), SAMPLE)]
        except csv.Error as error:
            reason = f"A row can't be read ({error}); check the quotation marks."
            continue
        width, rows = Counter(map(len, sample)).most_common(1)[0] if sample else (0, 0)
        rows += (
            rows == len(sample) - 1 and len(sample[0]) == width - 1
        )  # R's first line has no name for the row names
        numbers = sum(number(cell, mark == ";") is not None for cells in sample for cell in cells)
        score = (rows / len(sample), numbers, width) if width > 1 else (0.0, 0, 0)
        if score > best:
            best, chosen = score, mark
    if not chosen:
        raise TableError(reason)
    return chosen


def _rectangle(records: list[Record]) -> list[Record]:
    """Rows of one width: without the empty cell after a delimiter at the end of a line, and with a name for R's row names."""
    first_line, first = records[0]
    body = [cells for _, cells in records[1:]]
    if body and all(len(cells) == len(first) + 1 for cells in body) and any(cells[-1] for cells in body):
        first = ["", *first]
    filled = max(k for k, cell in enumerate(first, 1) if cell)
    width = max(filled, min(len(first), *map(len, body)) if body else len(first))
    square = [(first_line, first[:width])]
    for line, cells in records[1:]:
        if len(cells) < width or any(cells[width:]):
            raise TableError(f"Line {line} has {len(cells)} values where line {first_line} has {width}; give every row the same columns.")  # fmt: skip
        square.append((line, cells[:width]))
    return square


def _is_header(rows: list[list[str]], comma: bool) -> bool:
    """Whether the first row holds names: no numbers, or 0, 1, 2 … over a column without a name, as pandas counts columns."""
    first = rows[0]
    counted = [str(k) for k in range(len(first) - 1)]
    return all(number(cell, comma) is None for cell in first) or (first[0] == "" and first[1:] == counted and any(row[0] for row in rows))  # fmt: skip


def number(cell: str, comma: bool) -> float | None:
    """The cell as a number; None where it is empty or text. "nan" is a word, not a number."""
    try:
        value = float(cell.replace(",", ".") if comma else cell)
    except ValueError:
        return None
    return None if "_" in cell or math.isnan(value) else value


def _columns(
    names: list[str], columns: list[list[str]], lines: tuple[int, ...], comma: bool
) -> tuple[Column, ...]:
    numbers = [_numbers(cells, comma) for cells in columns]
    missing = {
        cell
        for cells, values in zip(columns, numbers, strict=True)
        if values is not None
        for cell in cells
        if cell.lower() in MISSING
    }
    made = []
    for name, cells, values in zip(names, columns, numbers, strict=True):
        for line, cell, value in zip(lines, cells, values if values is not None else (), strict=False):
            if abs(value) > LARGEST:
                raise TableError(
                    f"Line {line}, column {name}: {cell[:30]} is too large; use numbers up to 1e15."
                )
        made.append(Column(name, tuple("" if cell in missing else cell for cell in cells), values))
    return tuple(made)


def _numbers(cells: list[str], comma: bool) -> np.ndarray | None:
    """A column's numbers, NaN where one is missing; None if it holds other text, or no number at all."""
    values = [number(cell, comma) for cell in cells]
    if all(value is None for value in values):
        return None
    if any(
        value is None and cell and cell.lower() not in MISSING
        for value, cell in zip(values, cells, strict=True)
    ):
        return None
    return np.array([math.nan if value is None else value for value in values])


def _names(header: list[str], has_header: bool) -> list[str]:
    """A name of its own for each column; the first without one beside others that have one counts the rows."""
    names: list[str] = []
    for k, cell in enumerate(header, 1):
        stand_in = "row" if has_header and k == 1 else f"column {k}"
        name = "".join(character for character in cell if character.isprintable())[:60].strip() or stand_in
        copies = (f"{name[:50]} ({number})" for number in count(2))
        while name in names:
            name = next(copies)
        names.append(name)
    return names
