"""From a table to points and a target: which columns are used, and whether the target is a class or a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.data.tables import MISSING, Column, Table, TableError

MAX_CLASSES = 10
FEWEST_ROWS = 10
TARGETS = ("classes", "values")


@dataclass(frozen=True, eq=False)
class Selection:
    """Rows ready for a data set: points (N, 2), target (N,), class names (() for values), notes for the person."""

    points: np.ndarray
    target: np.ndarray
    class_names: tuple[str, ...]
    notes: tuple[str, ...]


def guess_roles(table: Table) -> tuple[tuple[str, str], str]:
    """Which two columns span the plane and which is the label.

    The plane: the first two columns of numbers, without those that count the rows or never vary if enough are left.
    The label: the last column of text with 2 to `MAX_CLASSES` different ones, else any of text, else the last column.
    """
    names = [column.name for column in table.columns]
    if len(names) < 3:
        raise TableError(
            f"The table has {len(names)} column{'s' * (len(names) > 1)}; it needs at least three: "
            "two of numbers and a label or target."
        )
    numeric = [column for column in table.columns if column.numbers is not None]
    if len(numeric) < 2:
        found = "No column holds" if not numeric else f"Only column {numeric[0].name} holds"
        raise TableError(
            f"{found} numbers alone; two are needed. "
            + " ".join(table.first_text(column) for column in table.columns if column.numbers is None)
        )
    texts = [column for column in table.columns if column.numbers is None]
    few = [column for column in texts if 2 <= len(set(column.texts) - {""}) <= MAX_CLASSES]
    label = (few or texts or list(table.columns))[-1].name
    axes = [column for column in numeric if column.name != label]
    better = [column for column in axes if not _counts_rows(column) and _varies(column)]
    axes = sorted(axes, key=lambda column: column not in better)
    if len(axes) < 2:
        raise TableError("Two columns of numbers besides the label are needed.")
    return (axes[0].name, axes[1].name), label


def _counts_rows(column: Column) -> bool:
    numbers = column.numbers
    return numbers is not None and bool((np.diff(numbers) == 1).all()) and numbers[0] in (0, 1)


def _varies(column: Column) -> bool:
    return column.distinct > 1


def guess_target(column: Column) -> str:
    """Text is classes; so are at most `MAX_CLASSES` different whole numbers with two rows each; the rest are values."""
    if column.numbers is None:
        return "classes"
    distinct, counts = np.unique(column.numbers[~np.isnan(column.numbers)], return_counts=True)
    codes = len(distinct) <= MAX_CLASSES and (distinct == np.round(distinct)).all()
    return "classes" if codes and counts.min(initial=2) >= 2 else "values"


def select(table: Table, columns: tuple[str, str], label: str, target: str | None = None) -> Selection:
    """The chosen columns, without rows that lack a value; `TableError` says what can't be used.

    `target` is "classes" or "values"; None decides by `guess_target`.
    """
    if columns[0] == columns[1] or label in columns:
        raise TableError("Choose three different columns: two for the plane and one for the label.")
    axes, goal = [table.column(name) for name in columns], table.column(label)
    for column in axes:
        if column.numbers is None:
            raise TableError(f"{table.first_text(column)} Correct it or choose another column.")
    keep = np.array([all(cells) for cells in zip(*(c.texts for c in (*axes, goal)), strict=True)])
    if keep.sum() < FEWEST_ROWS:
        raise TableError(f"Only {keep.sum()} rows are complete; at least {FEWEST_ROWS} are needed.")
    notes: tuple[str, ...] = ()
    if not keep.all():
        notes = (f"{(~keep).sum()} of {table.rows} rows lack a value and were left out.",)
    points = np.stack([column.numbers[keep] for column in axes if column.numbers is not None], axis=1)
    for column, values in zip(axes, points.T, strict=True):
        if is_constant(values):
            raise TableError(
                f"Column {column.name} has the same value, {values[0]:g}, in every row; choose one that varies."
            )
    texts = [text for text, kept in zip(goal.texts, keep, strict=True) if kept]
    numbers = None if goal.numbers is None else goal.numbers[keep]
    if len(set(texts)) < 2 or (numbers is not None and is_constant(numbers)):
        raise TableError(f"Column {label} has the same value in every row; there is nothing to learn.")
    if (target or guess_target(goal)) == "values":
        if numbers is None:
            raise TableError(f"{table.first_text(goal)} Read column {label} as classes, or choose another.")
        return Selection(points, numbers, (), notes)
    classes, names = _classes(texts, numbers, label)
    words = [name for name in names if name.lower() in MISSING]
    notes += tuple(f"{word!r} is a class of {label}; leave the cell empty where it means missing." for word in words)  # fmt: skip
    return Selection(points, classes, tuple(name[:40] for name in names), notes)


def is_constant(values: np.ndarray) -> bool:
    """Whether all values are equal, to rounding: what differs by less than 1e-12 of their size can't be standardised."""
    return bool(np.ptp(values) <= max(1e-12 * np.abs(values).max(), 1e-300))


def _classes(texts: list[str], numbers: np.ndarray | None, label: str) -> tuple[np.ndarray, list[str]]:
    """Class numbers (N,) and names: texts in their order, or numbers in theirs, so that 0 and 0.0 are one and 2 is before 10."""
    values = np.array(texts) if numbers is None else numbers
    distinct, classes = np.unique(values, return_inverse=True)
    if len(distinct) > MAX_CLASSES:
        remedy = "use numbers as a target" if numbers is None else "read them as values"
        raise TableError(f"Column {label} has {len(distinct)} classes; keep at most {MAX_CLASSES}, or {remedy}.")  # fmt: skip
    names = [
        min((text for text, k in zip(texts, classes, strict=True) if k == kind), key=len)
        for kind in range(len(distinct))
    ]
    counts = np.bincount(classes)
    if counts.min() < 2:
        raise TableError(f"Class {names[counts.argmin()][:30]!r} of column {label} has a single row; each class needs two or more.")  # fmt: skip
    return classes.astype(np.int64), names
