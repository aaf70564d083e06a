"""Lessons as data: a file of assets/lessons each, read and checked, with the line of what is wrong.

    title = "What momentum does"
    minutes = 8
    learns = "What a student knows after it, in a sentence."
    order = 3                   # its place in the list
    try = "Add momentum"        # optional: its words in the Playground's row "Try this"

    [[steps]]
    text = "A sentence or two."
    link = "arena?data=spiral&lane1=opt:momentum"      # the state: a link of the app, without its host
    do = "What to do."
    question = "Which lane is lowest at update 300?"
    at = 300                    # the update that decides: Reveal plays to it. Left out where there is no live panel
    choices = [
      {text = "SGD", claim = {what = "train loss", of = "SGD", is = "lowest"}},
      {text = "Momentum", claim = {what = "train loss", of = "Momentum", is = "lowest"}},
    ]
    answer = 2                  # the number of the right choice
    why = "A sentence or two."
    facts = [{what = "train loss", of = "Momentum", below = 0.1}]     # optional: what `why` says, as claims
    covers = ["curve0", "sidebar"]    # optional: cards, or the sidebar, that would give the answer away

A claim is as in engine/studies/claims.py. The claims of the right choice and all facts must hold, those of the other choices
must not: tests/lessons trains and looks. A choice may have `claims`, a list of which all must hold.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from engine.checks import short
from engine.studies.claims import Claim, read_claim

FOLDER = Path(__file__).resolve().parents[3] / "assets" / "lessons"
PAGES = Path(__file__).resolve().parents[2]
LONGEST = 600  # characters of a text
MOST_STEPS, MOST_CHOICES, LATEST = 20, 6, 20_000
KEYS = {"title": str, "minutes": int, "learns": str, "order": int, "steps": list}
STEP_KEYS = {"text": str, "link": str, "do": str, "question": str, "choices": list, "answer": int, "why": str}
OPTIONAL, STEP_OPTIONAL = {"try": str}, {"at": int, "facts": list, "covers": list}
KINDS = {str: "text", int: "a whole number", list: "a list"}


class LessonError(ValueError):
    """What is wrong with a lesson's file, with its line."""


@dataclass(frozen=True)
class Choice:
    text: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Step:
    """`answer` counts from 0; `at` is None where nothing is played. `covers` are cards, or "sidebar"."""

    text: str
    page: str
    query: Mapping[str, str]
    do: str
    question: str
    choices: tuple[Choice, ...]
    answer: int
    why: str
    at: int | None
    facts: tuple[Claim, ...]
    covers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lesson:
    name: str
    title: str
    minutes: int
    learns: str
    order: int
    invites: str
    steps: tuple[Step, ...]

    def query(self, step: int) -> dict[str, str]:
        """The parameters of the link that opens a step, counted from 0."""
        return {**self.steps[step].query, "lesson": f"{self.name}.{step + 1}"}


class _Lines:
    """Where in a file what stands."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.steps = [k for k, line in enumerate(self.lines) if re.match(r"\s*\[\[\s*steps\s*\]\]", line)]

    def of(self, key: str = "", step: int | None = None, words: str = "") -> int:
        """The line of a key, of a step (from 0) or of the file's head; that of the step itself where it has no such key.
        With `words`, the line from there on that has them, if there is one.
        """
        first = 0 if step is None else self.steps[step]
        later = [k for k in self.steps if k > first] if step is not None else self.steps
        end = later[0] if later else len(self.lines)
        pattern = rf"\s*[\"']?{re.escape(key)}[\"']?\s*="
        for k in range(first, end):
            if key and re.match(pattern, self.lines[k]):
                exact = [j for j in range(k, end) if words and words in self.lines[j]]
                return exact[0] + 1 if exact else k + 1
        return first + 1


def read_lesson(name: str, text: str) -> Lesson:
    """The lesson in a file's text; `LessonError` names the line of the first thing that is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LessonError(_placed(name, error, text)) from None
    lines = _Lines(text)
    head = _Part(name, lines, None, raw)
    head.check(KEYS, OPTIONAL)
    if not 1 <= len(raw["steps"]) <= MOST_STEPS or len(raw["steps"]) != len(lines.steps):
        head.refuse("steps", f"a lesson has 1 to {MOST_STEPS} steps, each under a line [[steps]]")
    if not 1 <= raw["minutes"] <= 120:
        head.refuse("minutes", f"minutes is {short(raw['minutes'])}; write a whole number from 1 to 120")
    steps = tuple(_read_step(_Part(name, lines, k, step)) for k, step in enumerate(raw["steps"]))
    return Lesson(name, raw["title"], raw["minutes"], raw["learns"], raw["order"], raw.get("try", ""), steps)


def _placed(name: str, error: tomllib.TOMLDecodeError, text: str) -> str:
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = int(found[1]) if found else len(text.splitlines())
    words = re.sub(r" \(at .*\)", "", str(error))
    return f"{name}.toml, line {line}: {words[:1].lower()}{words[1:]}."


class _Part:
    """The head of a lesson, or a step of it, while it is read."""

    def __init__(self, name: str, lines: _Lines, step: int | None, raw: Any) -> None:
        self.name, self.lines, self.step, self.raw = name, lines, step, raw

    def refuse(self, key: str, what: str, words: str = "") -> NoReturn:
        raise LessonError(f"{self.name}.toml, line {self.lines.of(key, self.step, words)}: {what}.")

    def check(self, needed: Mapping[str, type], optional: Mapping[str, type]) -> None:
        """That every key is there, known and of its kind."""
        where = "the lesson" if self.step is None else f"step {self.step + 1}"
        if not isinstance(self.raw, dict):
            self.refuse("", f"{where} is {short(self.raw)}, which is no table")
        for key in self.raw:
            if key not in needed and key not in optional:
                self.refuse(
                    key, f"{where} has {short(key)}, which is none of {', '.join([*needed, *optional])}"
                )
        for key in needed:
            if key not in self.raw:
                self.refuse("", f"{where} has no {key}")
        for key, kind in {**needed, **optional}.items():
            value = self.raw.get(key, kind())
            if not isinstance(value, kind) or isinstance(value, bool):
                self.refuse(key, f"{key} is {short(value)}, which is not {KINDS[kind]}")
            if isinstance(value, str) and key in self.raw and not 0 < len(value) <= LONGEST:
                self.refuse(key, f"{key} has {len(value)} characters; write 1 to {LONGEST}")


def _read_step(part: _Part) -> Step:
    part.check(STEP_KEYS, STEP_OPTIONAL)
    raw = part.raw
    page, _, query = raw["link"].partition("?")
    if not (PAGES / page / f"{page}.py").is_file() or not page.isidentifier():
        part.refuse("link", f"link opens {short(page)}, which is no page; it begins as in arena?data=spiral")
    at = raw.get("at")
    if at is not None and not 1 <= at <= LATEST:
        part.refuse("at", f"at is {short(at)}; write an update from 1 to {LATEST:,}")
    if not 2 <= len(raw["choices"]) <= MOST_CHOICES:
        part.refuse(
            "choices", f"a question has 2 to {MOST_CHOICES} choices; this one has {len(raw['choices'])}"
        )
    if not 1 <= raw["answer"] <= len(raw["choices"]):
        part.refuse(
            "answer",
            f"answer is {short(raw['answer'])}; write the number of a choice, 1 to {len(raw['choices'])}",
        )
    choices = tuple(_read_choice(part, choice, at or 0) for choice in raw["choices"])
    facts = tuple(_read_claim(part, "facts", claim, at or 0) for claim in raw.get("facts", []))
    covers = raw.get("covers", [])
    if not all(isinstance(name, str) for name in covers):
        part.refuse("covers", f"covers is {short(covers)}; write names of cards")
    pairs = dict(parse_qsl(query, keep_blank_values=True))
    text, do, question, why = (raw[key] for key in ("text", "do", "question", "why"))
    return Step(
        text, page, pairs, do, question, choices, raw["answer"] - 1, why, at, facts, tuple(covers)
    )  # fmt: skip


def _read_choice(part: _Part, raw: Any, at: int) -> Choice:
    if (
        not isinstance(raw, dict)
        or not isinstance(raw.get("text"), str)
        or not 0 < len(raw["text"]) <= LONGEST
    ):
        part.refuse("choices", f"a choice is {short(raw)}; write a table with its text and its claim")
    words = raw["text"]
    for key in raw:
        if key not in ("text", "claim", "claims"):
            part.refuse("choices", f"a choice has {short(key)}; it has text, and claim or claims", words)
    claims = raw.get("claims", [raw["claim"]] if "claim" in raw else [])
    if not isinstance(claims, list) or not claims:
        part.refuse(
            "choices", f"the choice {short(raw['text'])} has no claim, so nothing can check it", words
        )
    return Choice(words, tuple(_read_claim(part, "choices", claim, at, words) for claim in claims))


def _read_claim(part: _Part, key: str, raw: Any, at: int, words: str = "") -> Claim:
    try:
        return read_claim(raw, at)
    except ValueError as error:
        part.refuse(key, str(error).rstrip("."), words)


@dataclass(frozen=True)
class Shelf:
    """All lessons by name, in their order; and what is wrong with the files that are none."""

    lessons: Mapping[str, Lesson]
    problems: tuple[str, ...]


def shelf(folder: Path = FOLDER) -> Shelf:
    """The lessons of a folder. A file is read again when it has changed, so that one can write a lesson and look."""
    found = tuple(sorted((path, path.stat().st_mtime_ns) for path in folder.glob("*.toml")))
    return _read_all(found)


@lru_cache(maxsize=4)
def _read_all(files: tuple[tuple[Path, int], ...]) -> Shelf:
    lessons, problems = [], []
    for path, _ in files:
        try:
            lessons.append(read_lesson(path.stem, path.read_text(encoding="utf-8")))
        except LessonError as error:
            problems.append(str(error))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{path.name}: it can't be read as text in UTF-8 ({type(error).__name__}).")
    lessons.sort(key=lambda lesson: (lesson.order, lesson.name))
    return Shelf({lesson.name: lesson for lesson in lessons}, tuple(problems))
