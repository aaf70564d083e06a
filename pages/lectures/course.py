"""Lecture courses as data: a file of assets/lectures each, its slides in order.

title = "Training neural networks"
short = "D · Training"
about = "What it teaches, in a sentence."

[[slides]]
slide = "D14"
topic = "backpropagation"       # one of TOPICS
minutes = 6
rank = 1                        # 1: the heart of the lecture, 2: belongs to it, 3: where there is time
claim = "What the slide says."
ask = "A question to the class."
link = "backpropagation?view=check"
says = "What the app says where the slide errs."    # optional
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "lectures"
ORDER = ("networks", "learning", "theory", "training")
TOPICS = {
    "model": "The model",
    "descent": "Descent",
    "backpropagation": "Backpropagation",
    "losses": "Losses",
    "methods": "Optimizers",
    "rates": "Learning rate",
    "initialisation": "Initial weights",
    "landscape": "Loss landscape",
    "capacity": "Capacity",
    "generalisation": "Generalisation",
}


@dataclass(frozen=True)
class Slide:
    slide: str
    topic: str
    minutes: int
    rank: int
    claim: str
    ask: str
    link: str
    says: str = ""


@dataclass(frozen=True)
class Course:
    title: str
    short: str
    about: str
    slides: tuple[Slide, ...]


def read_course(text: str) -> Course:
    """The course in a file's text; `ValueError` or `TypeError` where it is none."""
    raw = tomllib.loads(text)
    course = Course(**raw | {"slides": tuple(Slide(**slide) for slide in raw["slides"])})
    for slide in course.slides:
        if slide.topic not in TOPICS or slide.rank not in (1, 2, 3) or not 1 <= slide.minutes <= 30:
            raise ValueError(f"Slide {slide.slide}: check its topic, rank and minutes.")
    return course


@lru_cache(1)
def courses() -> dict[str, Course]:
    """All courses by the names of their files, in their order."""
    return {name: read_course((FOLDER / f"{name}.toml").read_text(encoding="utf-8")) for name in ORDER}


def within(slides: Iterable[Slide], minutes: int) -> list[Slide]:
    """Slides that fit into so many minutes, in their order: first those of rank 1, then the others that still fit."""
    slides, left, kept = list(slides), minutes, set()
    for slide in sorted(slides, key=lambda slide: slide.rank):
        if slide.minutes <= left:
            left -= slide.minutes
            kept.add(slide)
    return [slide for slide in slides if slide in kept]
