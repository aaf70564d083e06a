"""What the browser asks and what the server answers, without Streamlit. `assets/live/protocol.js` has the same types.

The browser pulls, the server trains:

    browser -> server   a `Request`, as trigger "pull"
    server -> browser   an `Answer`, as JSON in bytes

A pull that has had no answer may have been dropped, when Streamlit ran the page in its place: an answer with a newer
batch and an older sequence says so, and the browser asks again. `request` reads what the browser sends, `answers` makes the
answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from enum import Enum
from typing import Any, ClassVar, Literal, NotRequired, Protocol, TypedDict, get_args

from pages.shared.figures.legend import Key
from pages.shared.live.asked import Unasked
from pages.shared.live.moments import Replay, RunNews, Unreplayed
from pages.shared.live.quiz import Aim, Quiz

Action = Literal[
    "play", "step", "epoch", "retrain", "go on", "reset", "reinit", "rest", "refine", "click", "moment", "fork", "draw"
]  # fmt: skip
ACTIONS: tuple[Action, ...] = get_args(Action)
Kind = Literal["plotly", "table", "network"]
Figure = dict[str, Any]  # Plotly's JSON, or what a table or a diagram is made of


class Wish(Enum):
    """What a pull asks of the page, not of the panel."""

    PAGE = "run the page anew: something above the panel must follow"
    NEW_WEIGHTS = "run the page anew with the next seed"


# --- browser -> server --------------------------------------------------------------------------------------


class Click(TypedDict):
    """Where in which card: numbers, or names on an axis of names."""

    chart: str
    x: float | str
    y: float | str


class Request(TypedDict):
    """A pull. `have` and `rests` say which figures the browser holds; older frames than `seen` are not kept."""

    action: Action
    run: str
    sequence: int
    seen: int
    frames: int
    updates: int
    seconds: float
    coarse: int
    have: dict[str, str]
    rests: dict[str, int]
    click: Click | None
    until: int  # the update that "retrain" trains up to
    moment: int  # the place on the timeline that "moment" goes to
    drawn: str  # the points that "draw" brings, as engine/data/drawn.py has them
    runs: str | None  # the runs that the browser holds, as JSON


# --- server -> browser --------------------------------------------------------------------------------------


class Image(TypedDict):
    """A painted field: one byte a cell through the card's palette, the first row at the bottom."""

    data: str
    width: int
    height: int


class Mesh(TypedDict):
    """A sheet of cells: its corners, row by row, `across` to a row, as 16-bit shares of the picture (all x, then all y; 0 lies one
    width before it, 65534 one behind, 65535 nowhere), and the cells, one byte each through the card's palette.
    """

    at: str
    cells: str
    across: int


class Scrub(TypedDict):
    """A slider through `count` moments; its moves come as clicks (x: the moment)."""

    label: str
    count: int
    at: int
    text: str


class Cell(TypedDict):
    """A table's cell: what it shows, and what it is sorted by (None is last)."""

    text: str
    value: float | str | None


class Column(TypedDict):
    title: str
    help: str


class Part(TypedDict, total=False):
    """What of a card changes with a frame."""

    extend: list[list[Any]]  # [trace, x, y]: points to add
    set: list[list[Any]]  # [trace, x, y] or [trace, x, y, colours]: points in place of the old ones
    tail: list[list[Any]]  # [trace, start, x, y]: points in place of those from number `start` on
    image: Image
    mesh: Mesh
    figure: Figure  # in place of the old one
    layout: dict[str, Any]  # keys of Plotly's layout in place of the old ones
    caption: str
    scrub: Scrub
    rows: list[list[Cell]]
    weights: str
    biases: str
    maps: str
    size: int


class Rest(Part, total=False):
    """The exact view of a card, when nothing moves."""

    title: str
    progress: float  # 0 to 1; below 1 the browser asks to refine
    number: int  # the browser says which it holds, so that none is sent twice


class Switch(TypedDict):
    text: str
    title: str
    on: bool


class Spec(TypedDict):
    """What a card is."""

    name: str
    kind: Kind
    area: str  # of the panel's grid
    title: str
    alt: str
    revision: str
    caption: NotRequired[str]
    legend: NotRequired[list[Key]]  # what its points are: mark, colour, name
    palette: NotRequired[str | None]  # 256 colours for images
    streams: NotRequired[list[int]]  # traces that frames add to
    grow: NotRequired[bool | Literal["y"]]  # axes that follow the streams
    ceiling: NotRequired[float]  # where the vertical axis ends, whatever lies above
    start: NotRequired[float]  # the first end of the horizontal axis
    log_axes: NotRequired[list[str]]  # axes with a switch for a logarithmic scale
    lane: NotRequired[str]  # the card is of one lane, with its mark:
    color: NotRequired[str]
    glyph: NotRequired[str]
    lanes: NotRequired[list[str | None]]  # of which lane each trace is
    per_lane: NotRequired[list[int]]  # traces that have one point for each lane
    clicks: NotRequired[bool]  # clicks go to the run
    edits: NotRequired[bool]  # weights and biases of the diagram can be set
    switch: NotRequired[Switch]  # a button in the card's head; pressing it is a click at (0, 0)
    pauses: NotRequired[bool]  # whether a click pauses
    opens: NotRequired[str]  # a click opens something: what
    shows_neurons: NotRequired[bool]  # a neuron that is pointed at is shown here
    chosen: NotRequired[list[int]]  # links of the diagram that are set off
    file: NotRequired[str]  # the name of a table's download


class State(TypedDict):
    """The counters beside the buttons. `progress` (0 to 1) draws a bar."""

    step: int
    readout: list[list[str]]
    message: str | None
    finished: bool
    progress: NotRequired[float]


class Frame(TypedDict):
    id: int
    charts: dict[str, Part]
    state: State


class Words(TypedDict):
    """Names of the buttons for a run that is no training run: there is no speed, and a step only if it has a name."""

    play: str
    pause: str
    reset: str
    step: str


class Hint(TypedDict):
    """What to try next, from some update on, until it is dismissed; the browser remembers the name."""

    name: str
    step: int
    text: str


class Sent(Spec):
    """A spec with its figure, if the browser lacks that."""

    figure: NotRequired[Figure]


class Limits(TypedDict):
    """What a worksheet hides and locks of the controls that the browser draws, by name (assets/limits.js)."""

    hidden: list[str]
    locked: list[str]


class WorkState(TypedDict):
    """Long work that is not done: how far it is, in words too, and whether it waits for a word of the person."""

    share: float
    text: str
    asks: bool


class Answer(TypedDict):
    """`known` are the runs that this session has shown: a run of the browser's that is not among them was lost."""

    batch: str
    known: Sequence[str]
    work: WorkState | None
    sequence: int
    run: str
    config: int
    layout: str
    rows: str
    reserve: int
    interval: int | None
    transport: bool
    words: Words | None
    speed: int
    hints: Sequence[Hint]
    leaves: Sequence[str]
    aim: Aim | None
    replay: Replay | None
    runs: RunNews | None
    wants_runs: bool  # the browser should say which runs it holds
    opens_at: int
    limits: Limits
    charts: list[Sent]
    frames: list[Frame]
    state: State
    rest: dict[str, Rest]


# --- runs and cards as the protocol sees them ---------------------------------------------------------------


class Shown(Protocol):
    """A card (see `cards.Card`)."""

    name: str

    def spec(self) -> Spec: ...
    def mounted(self) -> Figure: ...
    def frame(self) -> Part | None: ...
    def rest(self) -> Rest | None: ...
    def refine(self) -> Rest | None: ...
    def markup(self) -> str: ...
    def keep(self) -> Any: ...
    def show_kept(self, kept: Any) -> None: ...


class LiveRun(Unreplayed, Unasked, ABC):
    """What the panel shows: it works on request and knows its cards.

    `layout` is the grid's areas, `rows` its row heights, both as CSS has them; `reserve` the pixels to leave below the
    panel; `interval` the milliseconds that every frame is shown, if that is fixed. Without `transport` there are no
    buttons. `speed` is how many updates a frame has until a speed is chosen. `leaves` are what keys of widgets begin with that lead away from this run: a click on one stops playing at once.
    """

    run_id: str
    config_revision: int = 0
    layout: str
    rows: str
    cards: Sequence[Shown]
    reserve: int = 0
    interval: int | None = None
    transport: ClassVar[bool] = True
    words: Words | None = None
    speed: int = 1
    hints: Sequence[Hint] = ()
    leaves: Sequence[str] = ()
    quiz: Quiz | None = None  # what a class is asked about it
    opens_at: int = 0  # the update up to which it is trained when it is first shown
    limits: Limits = Limits(hidden=[], locked=[])
    drawn: str = ""  # points that a person has drawn, until the page takes them

    @abstractmethod
    def advance(self, action: Action, updates: int) -> None:
        """The work of one frame ("play"), or what a button asks for."""

    @abstractmethod
    def state(self) -> State: ...

    @abstractmethod
    def moment(self) -> Hashable:
        """Everything that a figure at rest depends on: as long as it is the same, none is made again."""

    def step(self) -> int:
        """The update that the run is at."""
        return 0

    def forward(self, action: Action, updates: int) -> None:
        """`advance`, with what is to be kept of the moment before."""
        self.advance(action, updates)

    def goal(self, action: Action, until: int) -> int | None:
        """The update that "epoch" or "retrain" trains up to; None for a run that has none."""
        return None

    def click(self, chart: str, x: float | str, y: float | str) -> bool:
        """Answer a click in a card; whether the page must run anew."""
        return False

    def economise(self, level: int) -> None:
        """How coarse and rare pictures are: 0 everything in every frame, 1 the usual in motion, up to request.COARSEST + 1."""
