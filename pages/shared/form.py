"""The values of a page's widgets, and how widgets and run stay of one mind.

A browser is always a little behind. While a message is under way it shows, and sends with every click and every pull, what
it last heard of; and Streamlit takes each widget's value from it, whatever the page has put there meanwhile. So a value
must say what it is a value *of*. Here the truth is on the server: the form holds it, and the run trains by it. A widget is
a view of one value, under a key that names the form (its page, or its lane) and the revision of that value. What a person
does with it changes the value and keeps the revision. When the value changes in any other way (a link, another method's
usual rate, another lane), the revision goes up and the widget becomes another one. A late message still speaks of the old
key: nobody reads it. So a value is taken over exactly when a person has changed a widget that showed the value as it is.

A new widget hears its value in two ways. `open` sets it in the session, which wins over what a browser still holds from a
lost connection; Streamlit sends that once, and drops it when the next run begins before it has left. So the value is also
the widget's default (`value=form[name]`), which every run sends: otherwise the browser would show the first choice of the
list, and send that as if a person had chosen it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pages.shared import session
from pages.shared.sidebar import is_left

SIDEBAR = "sidebar"  # for a worksheet: all controls on the left at once


@dataclass
class Drawn:
    """What a page's widgets held when it drew them, by key; its buttons, and the controls that the browser draws, by key and
    name; whether a value was put since; the names that a worksheet locks.
    """

    seen: dict[str, Any] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)
    offered: dict[str, None] = field(default_factory=dict)
    moved: bool = False
    locked: frozenset[str] = frozenset()


class Form:
    """Values by name, each with a revision. `name` stands before every key: a page, or a part of one (a view, a lane).

    `wishes` are what buttons have asked for and the page has not done yet.
    """

    def __init__(self, name: str, drawn: Drawn | None = None) -> None:
        self.name = name
        self.values: dict[str, Any] = {}
        self.parts: dict[str, Form] = {}
        self.wishes: list[Any] = []
        self._drawn = Drawn() if drawn is None else drawn
        self._revisions: Counter[str] = Counter()
        self._labels: dict[str, tuple[str, ...]] = {}
        self._shown: set[str] = set()  # names whose widget the browser may know at its present revision

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def part(self, name: str) -> Form:
        """The form of a part of the page, made when it is first asked for."""
        if name not in self.parts:
            self.parts[name] = Form(f"{self.name}.{name}", self._drawn)
        return self.parts[name]

    # --- from the page's side -----------------------------------------------------------------------------------

    def put(self, name: str, value: Any) -> None:
        """Give `name` a value that does not come from its widget; the widget becomes another one."""
        if name in self.values and self.values[name] == value:
            return
        self.values[name] = value
        self._renew(name)

    def update(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.put(name, value)

    def _renew(self, name: str) -> None:
        """What the browser still sends for the widget of `name` counts no longer."""
        self._drawn.moved = True
        if name in self._shown:
            self._shown.discard(name)
            self._drawn.seen.pop(self.key(name), None)
            self._revisions[name] += 1

    # --- for a worksheet --------------------------------------------------------------------------------------------

    def lock(self, names: Iterable[str]) -> None:
        """Let nobody change the values of these names, on any part of the page: by no widget, and by no message."""
        self._drawn.locked = frozenset(names)

    def locks(self, name: str) -> bool:
        """Whether the widget for `name`, drawn here, is of no use."""
        locked = self._drawn.locked
        return name in locked or (SIDEBAR in locked and is_left())

    def drawn(self) -> dict[str, str]:
        """The name that each widget drawn so far is for, by its key."""
        return {
            key: key.partition("~")[0].rpartition(".")[2] for key in self._drawn.seen
        } | self._drawn.buttons

    def offer(self, names: Iterable[str]) -> None:
        """These controls are drawn by the browser."""
        self._drawn.offered |= dict.fromkeys(names)

    def offered(self) -> list[str]:
        """The controls that the browser draws."""
        return list(self._drawn.offered)

    # --- around a widget ----------------------------------------------------------------------------------------

    def key(self, name: str) -> str:
        """The key of the widget for `name`: its first one is `form.name`."""
        revision = self._revisions[name]
        return f"{self.name}.{name}" + (f"~{revision}" if revision else "")

    def open(self, name: str, default: Any = None, labels: Iterable[str] = ()) -> str:
        """Call it right before the widget is drawn; the key to draw it with. Its default must be `form[name]`.

        `labels` are the texts of its choices where they may change: Streamlit's browser half knows a choice by its text.
        """
        self.values.setdefault(name, default)
        labels = tuple(labels)
        if self._labels.setdefault(name, labels) != labels:
            self._labels[name] = labels
            self._renew(name)
        key = self.key(name)
        if session.shown(key) is session.MISSING:
            value = self.values[name]
            session.show(key, list(value) if isinstance(value, list) else value)
        self._shown.add(name)
        return key

    def take(self, name: str, held: Any, value: Any = session.MISSING) -> Any:
        """Call it right after the widget is drawn: it holds `held`, which stands for `value` if that is given.

        A browser that has changed a locked widget is not believed: the widget becomes another one.
        """
        value = held if value is session.MISSING else value
        self._drawn.seen[self.key(name)] = _frozen(held)
        if not self.locks(name):
            self.values[name] = value
        elif _frozen(value) != _frozen(self.values[name]):
            self._renew(name)
        return self.values[name]

    def button(self, name: str) -> str:
        """The key of the button `name`."""
        key = f"{self.name}.{name}"
        self._drawn.buttons[key] = name
        return key

    def ahead(self, name: str) -> Any:
        """The value as the browser has it by now; this run may not have drawn the widget yet."""
        if self.locks(name):
            return self.values.get(name)
        held = session.shown(self.key(name))
        return self.values.get(name) if held is session.MISSING else held

    # --- for the live panel -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Another run of the page begins to draw."""
        self._drawn.seen.clear()
        self._drawn.buttons.clear()
        self._drawn.offered.clear()

    def settle(self) -> None:
        """The page has drawn all its widgets."""
        self._drawn.moved = False

    def is_behind(self) -> bool:
        """Whether a person has changed a widget since the page drew it: the page must run, not its panel alone.

        Streamlit's browser half sends a widget's change and a pull of the same moment as one message, and as the panel's.
        """
        if self._drawn.moved or self.wishes:
            return True
        held = ((session.shown(key), before) for key, before in list(self._drawn.seen.items()))
        return any(now is not session.MISSING and _frozen(now) != before for now, before in held)


def _frozen(value: Any) -> Any:
    """A list may be changed in place."""
    return tuple(value) if isinstance(value, list) else value
