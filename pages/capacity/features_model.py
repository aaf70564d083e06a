"""What the Features view looks at: a network that trains whole, its twin of which only the last layer trains, and features that no
training makes; what they make of the plane, and the three wishes for them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from engine import FEATURES, ExperimentConfig
from engine.data.load import Dataset
from engine.network.probes import Probe, Scale, Wishes, correlation, fit, way_back
from engine.shown import short_number
from engine.studies.feature_maps import Slopes, hand_made, random_units
from pages.shared.cards.loss import evenly
from pages.shared.live.cards import share
from pages.shared.live.run import LanesRun

Array = np.ndarray
LEARNED, FROZEN = 0, 1  # lanes
MOST_PROBED = 400  # training samples that probes are fitted to, and test samples that score them
DRAWS = 20  # of random units
AGES = (
    1.1,
    1.1,
    1.3,
    1.5,
)  # in motion, measures may be of an update that is smaller by this factor, by how coarse the pictures are
STILL = ("raw", "hand", "lazy")  # features that do not move
MODES = {
    "learned": "learned: all layers train", "frozen": "frozen: only the last layer trains", "raw": "raw: x itself",
    "hand": "by hand: x and x²", "lazy": "lazy: slopes at the start",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What the pictures show: whose features, of which layer (0: of all), on principal axes or units, and which two."""

    mode: str = "learned"
    layer: int = 0
    axes: str = "principal"
    first: int = 1
    second: int = 2


class Seen(NamedTuple):
    """What a kind of features makes of points: a name and features (M, F) for each picture, and predictions (M, K)."""

    layers: list[Array]
    outputs: Array


class Measured(NamedTuple):
    """The three wishes for the input and each layer; the last layer's probe on training and on test data."""

    wishes: list[Wishes]
    last: tuple[float, float]


class MapRow(NamedTuple):
    """A row of the table: what it is, how many features, and the probe's scores on training and test data."""

    name: str
    units: str
    train: float
    test: float
    more: str = ""


def lanes_of(config: ExperimentConfig) -> ExperimentConfig:
    """The network of `config`, and beside it the same with all hidden layers frozen, if it has any."""
    lane, network = config.lanes[0], config.network
    if not network.hidden:
        return replace(config, lanes=(replace(lane, name="linear model"),))
    twin = replace(network, frozen=tuple(range(1, len(network.hidden) + 1)))
    return replace(config, lanes=(replace(lane, name="all layers"), replace(lane, network=twin, name="last layer only")))  # fmt: skip


class FeaturesModel(LanesRun):
    """`weights` (P,) are where both lanes start, in place of the network's own start; without them hidden biases are drawn from
    N(0, σ_b²).
    """

    def __init__(
        self, config: ExperimentConfig, data: Dataset, dark: bool, weights: Sequence[float] | None = None, sigma_b: float = 0.0
    ) -> None:  # fmt: skip
        self.asked = (tuple(weights) if weights is not None else None, sigma_b)
        self.look = Look()
        self._known: dict[str, tuple[Hashable, Any]] = {}
        self._fixed: dict[str, Any] = {}
        super().__init__(config, data, dark)

    def begin(self) -> None:
        start = self.start()
        self._known.clear()
        if start is not None:
            for lane in range(len(self.experiment.lanes)):
                self.experiment.set_theta(lane, start)
            self.experiment.history.marks = []
        self.theta_0 = self.experiment.theta(LEARNED)
        super().begin()

    def start(self) -> Array | None:
        """The weights to begin with; None for the experiment's own."""
        weights, sigma_b = self.asked
        theta, mlp = self.experiment.theta(LEARNED), self.experiment.mlp(LEARNED)
        if weights is not None and len(weights) == len(theta):
            return np.asarray(weights, np.float64)
        if not sigma_b or not self.config.network.biases:
            return None
        rng = np.random.default_rng([self.config.lane(0).seed or 0, 7])
        for slot, fan_in, fan_out in mlp.slots[:-1]:
            theta[slot].reshape(fan_in + 1, fan_out)[-1] = sigma_b * rng.standard_normal(fan_out)
        return theta

    @property
    def depth(self) -> int:
        """Hidden layers."""
        return len(self.config.network.hidden)

    # --- what is shown ------------------------------------------------------------------------------------------

    def set_look(self, look: Look) -> None:
        if look != self.look:
            self.look = look
            self.look_revision += 1
            self.make_cards()

    def titles(self) -> list[str]:
        """The name of each picture of the chosen features."""
        match self.look.mode:
            case "raw":
                return ["x"]
            case "hand":
                return ["x", "By hand: x and x²"]
            case "lazy":
                return ["x", "Lazy: slopes at the start"]
        return ["x", *(f"Layer {k}" for k in range(1, self.depth + 1))]

    def shown(self) -> list[int]:
        """The numbers of the pictures that are shown."""
        count = len(self.titles())
        if not self.look.layer:
            return list(range(count))
        return [min(self.look.layer, count - 1)]

    # --- features ------------------------------------------------------------------------------------------------

    def now(self) -> Hashable:
        """Changes with the weights."""
        view = self.view
        return tuple(lane.updates for lane in self.experiment.lanes), view.generation, view.changes

    def sample_moment(self) -> Hashable:
        """Changes with what the chosen features make of a point."""
        return self.view.generation if self.look.mode in STILL else self.now()

    def once(self, name: str, moment: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once for each moment."""
        if name not in self._known or self._known[name][0] != moment:
            self._known[name] = moment, make()
        return self._known[name][1]

    def fixed(self, name: str, make: Callable[[], Any]) -> Any:
        """What depends on the data and the start alone."""
        if name not in self._fixed:
            self._fixed[name] = make()
        return self._fixed[name]

    def seen(self, P: Array) -> Seen:
        """What the chosen features make of points (M, 1 or 2)."""
        mode = self.look.mode
        if mode in ("learned", "frozen"):
            lane = FROZEN if mode == "frozen" and len(self.experiment.lanes) > 1 else LEARNED
            X = self.data.map_features(P)
            layers = self.experiment.layer_outputs(lane, X)
            return Seen([X, *layers[:-1]], self.experiment.probabilities(lane, layers[-1]))
        if mode == "raw":
            return Seen([P], self.made_probe("raw").outputs(P))
        made = self.make(mode, P)
        return Seen([P, made], self.made_probe(mode).outputs(made))

    def make(self, mode: str, P: Array) -> Array:
        """Features that no training makes."""
        if mode == "raw":
            return P
        if mode == "hand":
            return hand_made(P)
        return np.asarray(self.slopes().features(self.data.map_features(P)))

    def slopes(self) -> Slopes:
        def make() -> Slopes:
            return Slopes(self.experiment.mlp(LEARNED), self.theta_0, self.data.X_train)

        found: Slopes = self.fixed("slopes", make)
        return found

    def made_probe(self, mode: str) -> Probe:
        """The linear model on features that no training makes."""

        def make() -> Probe:
            A = self.make(mode, self.data.P_train[self.probed()])
            scale = Scale.common(A, self.slopes().count) if mode == "lazy" else None
            return self.fit(A, scale)

        found: Probe = self.fixed(f"probe {mode}", make)
        return found

    def still_score(self, mode: str) -> float:
        """The score of the linear model on features that no training makes, on test data, or on training data without any."""
        part = "test" if len(self.data.y_test) else "train"

        def make() -> float:
            chosen = self.probed(part)
            points, target = getattr(self.data, f"P_{part}")[chosen], getattr(self.data, f"y_{part}")[chosen]
            return self.made_probe(mode).score(self.make(mode, points), target)

        return float(self.fixed(f"score {mode}", make))

    def samples(self) -> Seen:
        """What the chosen features make of the training samples."""

        def make() -> Seen:
            return self.seen(self.data.P_train[self.probed()])

        found: Seen = self.once("samples", (self.sample_moment(), self.look.mode), make)
        return found

    def units(self, k: int) -> list[str]:
        """Names of the units of picture k."""
        coordinates = ["x₁", "x₂"][: self.data.inputs]
        if k == 0:
            return coordinates if self.look.mode in ("raw", "hand", "lazy") else self.input_names()
        if self.look.mode == "hand":
            return [*coordinates, *(f"{name}²" for name in coordinates)]
        count = self.samples().layers[k].shape[1]
        return [f"{'direction' if self.look.mode == 'lazy' else 'unit'} {j + 1}" for j in range(count)]

    def input_names(self) -> list[str]:
        return [FEATURES[key].label for key in self.data.features]

    # --- measures ------------------------------------------------------------------------------------------------

    def probed(self, part: str = "train") -> Array:
        """The numbers of the samples that probes are fitted to, or scored on."""
        count = len(getattr(self.data, f"y_{part}"))
        return np.asarray(self.fixed(f"probed {part}", lambda: evenly(count, MOST_PROBED)))

    def fit(self, A: Array, scale: Scale | None = None) -> Probe:
        data = self.data
        return fit(A, data.y_train[self.probed()], data.task, data.output_size, scale)

    def score(self, A: Array, B: Array, scale: Scale | None = None) -> tuple[float, float]:
        """The probe's score on training features A and test features B."""
        data, probe = self.data, self.fit(A, scale)
        return probe.score(A, data.y_train[self.probed()]), probe.score(B, data.y_test[self.probed("test")])

    def layers(self, part: str, theta: Array) -> list[Array]:
        """The input and every hidden layer of a part of the data, at parameters (P,) of the network."""
        X = getattr(self.data, f"X_{part}")[self.probed(part)]
        found = self.experiment.mlp(LEARNED).layer_outputs(theta[None], X)
        return [X, *(layer[0] for layer in found[:-1])]

    def measure(self, theta: Array) -> Measured:
        """The three wishes for the input and every hidden layer; scores on test data, on training data if there are none."""
        P, found, scores = self.data.P_train[self.probed()], [], (np.nan, np.nan)
        for A, B in zip(self.layers("train", theta), self.layers("test", theta), strict=True):
            if not np.isfinite(A).all():
                scores = (np.nan, np.nan)
                found.append(Wishes(np.nan, np.nan, np.nan))
                continue
            scores = train, test = self.score(A, B)
            found.append(Wishes(train if np.isnan(test) else test, correlation(A), way_back(A, P)))
        return Measured(found, scores)

    def before(self) -> list[Wishes]:
        return self._before().wishes

    def _before(self) -> Measured:
        found: Measured = self.once("before", self.view.generation, lambda: self.measure(self.theta_0))
        return found

    def wishes(self, exact: bool) -> list[Wishes]:
        return self.measured(exact).wishes

    def measured(self, exact: bool) -> Measured:
        """What is measured of the network now. In motion it may be of up to a tenth of the updates ago."""
        moment, updates = (self.view.generation, self.view.changes), self.step()
        known = self._known.get("wishes")
        if known is not None:
            (kept, at), found = known[0], known[1]  # type: ignore[misc]
            if kept == moment and (at == updates if exact else at <= updates <= AGES[self.view.coarse] * at):  # type: ignore[has-type]
                return found  # type: ignore[no-any-return]
        found = self.measure(self.experiment.theta(LEARNED))
        self._known["wishes"] = ((moment, updates), found)
        return found

    def maps(self, exact: bool) -> list[MapRow]:
        """Linear models on features by hand, at random, frozen, learned and lazy."""
        rows = list(self.fixed("maps", self._still_maps))
        if not self.depth:
            return rows
        width = f"{self.config.network.hidden[-1]}"
        rows.insert(3, MapRow("the last layer as at the start", width, *self._before().last))
        rows.insert(4, MapRow("the last layer, learned", width, *self.measured(exact).last))
        return rows

    def _still_maps(self) -> list[MapRow]:
        data = self.data
        P, T = data.P_train[self.probed()], data.P_test[self.probed("test")]

        def row(name: str, mode: str, count: int, scale: Scale | None = None) -> MapRow:
            A, B = self.make(mode, P), self.make(mode, T) if len(T) else np.empty((0, 1))
            if not len(T):
                B = A[:0]
            return MapRow(name, f"{count}", *self.score(A, B, scale))

        rows = [row("raw x", "raw", data.inputs), row("x and x² by hand", "hand", 2 * data.inputs)]
        if not self.depth:
            return rows
        network = self.config.network
        width, activation = network.hidden[-1], network.activations[-1]
        draws = []
        for seed in range(DRAWS):
            A, B = (random_units(part, width, activation, np.random.default_rng(seed)) for part in (P, T))
            draws.append(self.score(A, B))
        train, test = np.median(np.array(draws), axis=0)
        worst = np.min(np.array(draws)[:, 0 if np.isnan(test) else 1])
        rows.append(MapRow("random units of x", f"{width}", float(train), float(test), f"random: median of {DRAWS} draws, worst {short_number(worst, 2) if data.task == 'regression' else share(worst)}"))  # fmt: skip
        slopes = self.slopes()
        A = slopes.features(data.X_train[self.probed()])
        B = slopes.features(data.X_test[self.probed("test")]) if len(T) else A[:0]
        lazy = self.score(A, B, Scale.common(A, slopes.count))
        rows.append(MapRow("lazy: slopes at the start", f"{slopes.count:,}", *lazy))
        return rows

    def moment(self) -> Hashable:
        return (super().moment(), self.look)
