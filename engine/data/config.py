"""What data an experiment uses, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass

from engine.checks import choose, set_fields, short, texts
from engine.data.catalogue import DATASETS
from engine.data.drawn import drawn_inputs, read_drawn
from engine.data.features import FEATURES, features_for
from engine.data.selection import TARGETS
from engine.limits import FIELDS, MAX_CSV, MOST_HELD_OUT

DRAWN = "drawn"


@dataclass(frozen=True)
class DatasetConfig:
    """A data set by name, an uploaded table as text (`name` "csv"), or drawn points (`name` "drawn", see `engine/data/drawn.py`).

    `columns` (the two that span the plane), `label` and `target` (the label read as "classes" or "values") are
    for tables; None lets the reader guess. Synthetic data use `samples` and `noise`; `test_fraction`,
    `validation_fraction` and `seed` hold for all. `features` are keys of `FEATURES`; a curve's points
    have one input, and features of x₂ are left out.
    """

    name: str = "circles"
    samples: int = 300
    noise: float = 0.1
    test_fraction: float = 0.3
    seed: int = 0
    features: tuple[str, ...] = ("x1", "x2")
    columns: tuple[str, str] | None = None
    label: str | None = None
    csv: str | None = None
    target: str | None = None
    validation_fraction: float = 0.0
    points: str | None = None

    @property
    def inputs(self) -> int:
        """How many numbers a point has."""
        if self.name == DRAWN:
            return drawn_inputs(self.points or "")
        return DATASETS[self.name].inputs if self.name in DATASETS else 2

    def _check_drawn(self) -> None:
        if self.name != DRAWN:
            if self.points is not None:
                raise ValueError(
                    f"Data set {self.name!r} has points of its own; drawn ones go with the name {DRAWN!r}."
                )
        elif not isinstance(self.points, str):
            raise ValueError(f"Data set {DRAWN!r} needs its points; give them as a text.")
        else:
            read_drawn(self.points)

    def __post_init__(self) -> None:
        self._check_drawn()
        if self.name != "csv":
            choose(self.name, (*DATASETS, "csv", DRAWN), "Data set")
            if self.csv is not None:
                raise ValueError(
                    f"Data set {self.name!r} is built in; a table's text goes with the name 'csv'."
                )
        elif not isinstance(self.csv, str) or not self.csv.strip():
            raise ValueError("Data set 'csv' needs the table's text; give it as csv.")
        elif len(self.csv) > MAX_CSV:
            raise ValueError(f"The table has {len(self.csv):,} characters; at most {MAX_CSV:,} are read.")
        for name in ("samples", "noise", "test_fraction", "validation_fraction"):
            set_fields(self, **{name: FIELDS[name].check(getattr(self, name))})
        if self.validation_fraction > most_validation(self.test_fraction):
            raise ValueError(
                f"A test share of {self.test_fraction:g} and a validation share of {self.validation_fraction:g} leave too "
                f"few points to train on; choose at most {MOST_HELD_OUT:g} for both together."
            )
        set_fields(self, seed=FIELDS["data_seed"].check(self.seed), features=texts(self.features, "Features"))
        for feature in self.features:
            choose(feature, FEATURES, "Feature")
        if self.inputs == 1:
            there_are = features_for(1)
            set_fields(self, features=tuple(key for key in self.features if key in there_are) or ("x1",))
        if not self.features or len(set(self.features)) != len(self.features):
            raise ValueError(f"Features are {short(self.features)}; choose at least one, each once.")
        if self.columns is not None:
            columns = texts(self.columns, "Columns")
            if len(columns) != 2 or columns[0] == columns[1]:
                raise ValueError(f"Columns are {short(columns)}; name two different ones.")
            set_fields(self, columns=columns)
        if self.label is not None and not isinstance(self.label, str):
            raise ValueError(f"Label is {short(self.label)}; name a column.")
        if self.target is not None:
            choose(self.target, TARGETS, "Target")


def most_validation(test_fraction: float) -> float:
    """The largest validation share that a test share leaves room for."""
    return min(float(FIELDS["validation_fraction"].high or 0), round(MOST_HELD_OUT - test_fraction, 9))
