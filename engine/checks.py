"""Checks that several configurations share. A bad value is a `ValueError` whose sentence names it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def short(value: Any, longest: int = 60) -> str:
    """`value` as a person may read it in a sentence, however long or odd it is."""
    try:
        text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    except ValueError:  # Python writes no whole number of thousands of digits
        text = "a number too long to write"
    return text if len(text) <= longest else text[: longest - 1] + "…"


def choose(value: Any, choices: Iterable[str], label: str) -> str:
    """`value` if it is one of `choices`; `ValueError` naming them otherwise."""
    names = tuple(choices)
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{label} is {short(value)}; choose one of {', '.join(names)}.")
    return value


def texts(values: Any, label: str) -> tuple[str, ...]:
    """`values` as a tuple if they are a list of texts; `ValueError` otherwise."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"{label} are {short(values)}; give a list of names.")
    found = tuple(values)
    if not all(isinstance(text, str) for text in found):
        raise ValueError(f"{label} are {short(found)}; every one must be text.")
    return found


def set_fields(config: Any, **values: Any) -> None:
    """Write checked values into a frozen dataclass that is being made."""
    for name, value in values.items():
        object.__setattr__(config, name, value)
