"""Reads untrusted text, such as a link's parameters: what can't be used is replaced, and a sentence says so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from engine.checks import short
from engine.limits import MAX_NAME
from engine.options import Option, TextOption

LONGEST = 2000  # characters of one value that are read


def text(value: Any) -> str:
    """A value as it stands in a link: numbers at their shortest that reads back as the same number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


class Reader:
    """Reads parameters one by one, and collects a sentence for each that could not be used as it was."""

    def __init__(
        self, values: Mapping[str, str], problems: list[str] | None = None, prefix: str = ""
    ) -> None:
        self.values = {key: value[:LONGEST] for key, value in values.items()}
        self.problems = [] if problems is None else problems
        self.prefix = prefix

    @staticmethod
    def inside(outer: Reader, key: str) -> Reader:
        """The reader of one lane's value, `opt:adam,lr:0.01`."""
        values, bad = {}, []
        for item in filter(None, outer.values.get(key, "").split(",")):
            name, colon, value = item.partition(":")
            if colon:
                values[name.strip()] = unquote(value)
            else:
                bad.append(item)
        reader = Reader(values, outer.problems, f"{key} ")
        if bad:
            reader.say(f"{key} in the link has {short(bad[0])}, which is not name:value, so it is left out")
        return reader

    def say(self, sentence: str) -> None:
        """Keep a sentence for the person; the first 20 are enough."""
        if len(self.problems) < 20:  # a link may hold thousands of bad values; nobody reads so many sentences
            self.problems.append(sentence + ".")

    def replaced(self, key: str, used: Any, why: str) -> None:
        """Say that a value was not used, `why`, and what is used in its place."""
        said = f"{self.prefix}{key} is {short(self.values[key])} in the link, {why}"
        self.say(
            f"{said}; {short(used) if isinstance(used, str) and not used else text(used)} is used instead"
        )

    def option(self, key: str, option: Option, default: Any) -> Any:
        """A number, switch, choice or text, clamped to its option; `default` where the link has none or none that can be used."""
        if key not in self.values:
            return default
        raw = self.values[key].strip()
        if option.is_switch:
            if raw.lower() in ("true", "false", "1", "0"):
                return raw.lower() in ("true", "1")
            self.replaced(key, default, "which is not true or false")
            return default
        if option.choices:
            return self.choice(key, option.choices, default)
        if isinstance(option, TextOption):
            used = option.clamp(raw)
            if used != raw:
                self.replaced(key, used, f"which is not {option.form}")
            return used
        low = "−∞" if option.low is None else f"{option.low:g}"
        kind = f"which is not a {'whole ' if option.integer else ''}number from {low} to {option.high:g}"
        try:
            number = float(raw)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            used = default
        elif option.integer and not number.is_integer():
            used = option.clamp(round(number))
        else:
            used = option.clamp(number)
            if used == number:
                return used
        self.replaced(key, used, kind)
        return used

    def choice(self, key: str, choices: Iterable[str], default: str) -> str:
        """One of `choices`, or `default`."""
        names = tuple(choices)
        raw = self.values.get(key)
        if raw is None or raw in names:
            return default if raw is None else raw
        self.replaced(key, default, f"which is not one of {', '.join(names[:20])}")
        return default

    def options(self, prefix: str, table: Mapping[str, Option], old: Mapping[str, Any]) -> dict[str, Any]:
        """The options `prefix.name` over `old` ones."""
        found = dict(old)
        for key in self.values:
            name = key.removeprefix(prefix + ".")
            if name == key:
                continue
            if name in table:
                found[name] = self.option(key, table[name], old.get(name, table[name].default))
            else:
                self.say(f"{self.prefix}{short(key)} in the link is no option here, so it is left out")
        return found

    def name(self, default: str) -> str:
        """A name of at most MAX_NAME printable characters."""
        raw = self.values.get("name")
        if raw is None:
            return default
        used = "".join(filter(str.isprintable, raw))[:MAX_NAME]
        if used != raw:
            self.replaced("name", used, f"which is not at most {MAX_NAME} printable characters")
        return used
