"""Cards of the Features view: the plane and the data as a layer sees them, the three wishes, and a table of features."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.network.principal import PrincipalPlane, principal_plane
from engine.shown import short_number
from pages.capacity.features_model import STILL, FeaturesModel
from pages.shared.cards.loss import evenly
from pages.shared.figures import theme
from pages.shared.figures.base import MARGIN, figure_json, live_figure
from pages.shared.figures.boundary import field_bytes, points_trace
from pages.shared.figures.drawing import Drawing
from pages.shared.figures.legend import Key, legend
from pages.shared.figures.packing import Array, packed, plain
from pages.shared.live.cards import PlotCard, TableCard, cell, column, share_cell
from pages.shared.live.protocol import Cell, Column, Mesh, Part, Rest

SIDES = (21, 21, 21, 11)  # corners along each side of the live sheet, by how coarse the pictures are to be
REST_SIDE = 41
LINE = 3  # times as many corners along a line
MOST_DRAWN = 150  # training samples in a picture
NOWHERE = 65535
STEP = 1.25  # axes end at its powers, so that they seldom change
Ends = tuple[tuple[float, float], tuple[float, float]]


def sheet(run: FeaturesModel, side: int) -> tuple[Array, int]:
    """The corners of the cells of the input plane (side², 2), row by row from the bottom, and then the cells' middles; on a line
    only the corners. How many corners there are.
    """
    data = run.data
    if data.inputs == 1:
        return np.linspace(*data.x_range, LINE * side)[:, None], LINE * side
    parts = []
    for shift in (0.0, 0.5):
        at = (np.arange(side - (shift > 0)) + shift) / (side - 1)
        x, y = (low + (high - low) * at for low, high in (data.x_range, data.y_range))
        parts.append(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2))
    return np.concatenate(parts), len(parts[0])


def packed_places(places: Array, ends: Ends) -> str:
    """Places (M, 2) as 16-bit shares of the picture, all x and then all y: 0 is one width before it, 65,534 one behind."""
    codes = np.full(places.shape, NOWHERE, np.uint16)
    for k, (low, high) in enumerate(ends):
        with np.errstate(all="ignore"):
            shares = (places[:, k] - low) / (high - low)
        good = np.isfinite(shares)
        codes[good, k] = np.round((shares[good].clip(-1, 2) + 1) / 3 * (NOWHERE - 1))
    codes[(codes == NOWHERE).any(axis=1)] = NOWHERE
    return packed(codes.T)


def whole(value: float) -> str:
    """A share in a caption that has little room."""
    return "–" if np.isnan(value) else f"{100 * value:.0f} %"


class Placed(NamedTuple):
    """The principal plane, if the picture shows one; where the samples lie in it (N, 2); the ends of both axes."""

    plane: PrincipalPlane | None
    places: Array
    ends: Ends


def ends_of(places: Array, is_round: bool) -> Ends:
    """The ends of two axes between which places (N, 2) lie; the same ones around 0 where directions may turn."""
    if not len(places):
        return (-1.0, 1.0), (-1.0, 1.0)
    if is_round:
        reach = rounded_up(max(1.05 * float(np.abs(places).max()), 1e-6))
        return (-reach, reach), (-reach, reach)
    found = []
    for low, high in zip(places.min(axis=0), places.max(axis=0), strict=True):
        step = rounded_up(max(float(high - low), 1e-3)) / 4
        found.append((float(step * np.floor(low / step - 0.1)), float(step * np.ceil(high / step + 0.1))))
    return found[0], found[1]


def brief(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"


def rounded_up(value: float) -> float:
    """The next power of STEP."""
    return float(STEP ** np.ceil(np.log(value) / np.log(STEP)))


class PictureCard(PlotCard):
    """The sheet that the input plane has become, painted in what is predicted there, with the training samples on it."""

    def __init__(self, run: FeaturesModel, k: int) -> None:
        self.run, self.k = run, k
        self.name, self.title = f"picture{k}", run.titles()[k]
        self.alt = f"The input plane and the data as they are seen here: {self.title}"
        self.sent_ends: Any = None

    def revision(self) -> str:
        run = self.run
        return f"{run.view.generation}-{run.view.dark}-{run.look_revision}"

    def about(self) -> dict[str, Any]:
        keys = legend(self.run.data, show_test=False) if self.k == 0 or self.is_alone() else []
        return dict(palette=self.run.view.palette(), legend=keys if self.run.data.inputs == 2 else [])

    def is_alone(self) -> bool:
        return len(self.run.shown()) == 1

    # --- where things lie -----------------------------------------------------------------------------------------

    def samples(self) -> Array:
        """The features (N, F) of the training samples."""
        return np.asarray(self.run.samples().layers[self.k])

    def pair(self) -> tuple[int, int]:
        """The two units or principal axes that are shown, from 0; the last ones where there are fewer."""
        count = self.samples().shape[1]
        wanted = self.run.look.first, self.run.look.second
        first, second = (min(number, count) - 1 for number in wanted)
        return (
            (count - 2, count - 1)
            if first == second and wanted[0] != wanted[1] and count > 1
            else (first, second)
        )

    def placed(self) -> Placed:
        """Where the samples lie, worked out once for each state of the weights."""
        found: Placed = self.run.once(
            f"placed {self.k}", (self.run.sample_moment(), self.run.look), self._placed
        )
        return found

    def _placed(self) -> Placed:
        run, A, plane = self.run, self.samples(), None
        if run.look.axes == "principal" and np.isfinite(A).all():
            plane = principal_plane(A, run.data.P_train[run.probed()], *self.pair())
        places = self.places(A, plane)
        return Placed(plane, places, ends_of(places[np.isfinite(places).all(axis=1)], plane is not None))

    def places(self, A: Array, plane: PrincipalPlane | None) -> Array:
        """(M, 2): where features (M, F) lie in the picture, on a principal plane or two units."""
        if plane is not None:
            return plane.places(A)
        first, second = self.pair()
        found = np.asarray(A[:, [first, second]], np.float64)
        if A.shape[1] == 1:
            found[:, 1] = 0
        return found

    # --- pictures ---------------------------------------------------------------------------------------------------

    def caption(self) -> str:
        run, plane, words = self.run, self.placed().plane, []
        if run.look.mode in STILL:
            score = run.still_score("raw" if self.k == 0 else run.look.mode)
        else:
            wishes = run.before() if run.look.mode == "frozen" else run.wishes(exact=False)
            score = wishes[self.k].probe
        name = "R²" if run.data.task == "regression" else ""
        words.append(f"probe {name} {short_number(score, 2) if name else whole(score)}".replace("  ", " "))
        if plane is not None and self.samples().shape[1] > 2:
            words.append(f"plane {100 * plane.share:.0f} %")
        return " · ".join(words)

    def mesh(self, side: int) -> Mesh:
        run = self.run
        P, corners = sheet(run, side)
        seen = run.once(f"mesh {side}", (run.sample_moment(), run.look.mode), lambda: run.seen(P))
        is_probability = run.look.mode in STILL or run.view.gives_probabilities(0)
        cells = field_bytes(seen.outputs[corners:], run.data, False, is_probability)
        placed = self.placed()
        at = packed_places(self.places(seen.layers[self.k][:corners], placed.plane), placed.ends)
        across = corners if run.data.inputs == 1 else side
        return dict(at=at, cells=packed(cells), across=across)

    def axes(self) -> dict[str, Any]:
        """Both axes, as a layout has them."""
        run, (first, second) = self.run, self.pair()
        titles = ["", ""]
        if run.look.axes == "units":
            names = run.units(self.k)
            titles = [names[first], names[second] if second != first or len(names) > 1 else ""]
        found = {}
        for name, limits, title in zip(("xaxis", "yaxis"), self.placed().ends, titles, strict=True):
            found[name] = dict(
                range=list(limits),
                title=dict(text=title),
                fixedrange=True,
                showgrid=False,
                zeroline=False,
                nticks=5,
            )
        return found

    def figure(self) -> Drawing:
        run, dark = self.run, self.run.view.dark
        numbers = run.probed()[self.drawn()]
        data = run.data
        margin = MARGIN | (
            dict(l=38, r=6, b=34 if run.look.axes == "units" else 22) if not self.is_alone() else {}
        )
        figure = live_figure(dark, showlegend=False, margin=margin)
        trace = points_trace("train", data.P_train[numbers], data.y_train[numbers], data, dark, 7 if self.is_alone() else 5)  # fmt: skip
        places = self.placed().places[self.drawn()]
        figure.add_scatter(**trace | dict(x=plain(places[:, 0]), y=plain(places[:, 1])))
        figure.update_layout(self.axes())
        return figure

    def drawn(self) -> Array:
        """Which of the probed samples are drawn."""
        return np.asarray(self.run.fixed("drawn", lambda: evenly(len(self.run.probed()), MOST_DRAWN)))

    def frame(self) -> Part | None:
        if self.run.look.mode in STILL and self.sent_ends is not None:
            return None
        ends = self.placed().ends
        places = self.placed().places[self.drawn()]
        digits = 2 - int(np.floor(np.log10(max(map(abs, ends[0])))))
        x, y = plain(places[:, 0].round(digits)), plain(places[:, 1].round(digits))
        part: Part = dict(
            mesh=self.mesh(SIDES[self.run.view.coarse]), set=[[0, x, y]], caption=self.caption()
        )
        if ends != self.sent_ends:
            self.sent_ends = ends
            part["layout"] = self.axes()
        return part

    def rest(self) -> Rest:
        return dict(figure=figure_json(self.figure()), mesh=self.mesh(REST_SIDE), caption=self.caption())

    def show_kept(self, kept: Any) -> None:
        self.sent_ends = None


WISHES = (("probe", "can be read off", "circle", 0), ("correlation", "mean |correlation|", "square", 1), ("back", "R² back to x", "diamond", 2))  # fmt: skip
GLYPHS = {"circle": "●", "square": "■", "diamond": "◆"}


class WishesCard(PlotCard):
    """The three wishes, layer by layer: now, and at the start."""

    name, title = "wishes", "Three wishes"
    alt = "Accuracy of a linear probe, mean absolute correlation of units, and R² of the way back to x, for the input and each layer, now and at the start"

    def __init__(self, run: FeaturesModel) -> None:
        self.run = run

    def revision(self) -> str:
        run = self.run
        return f"{run.view.generation}-{run.view.dark}-{run.look_revision}"

    def about(self) -> dict[str, Any]:
        colors = theme.LANE_COLORS[self.run.view.dark]
        names = ["probe", "|corr|", "R² to x"]
        keys = [
            Key(GLYPHS[symbol], colors[2 + k], name)
            for (_, _, symbol, k), name in zip(WISHES, names, strict=True)
        ]
        return dict(legend=[*keys, Key("┈", "currentColor", "at the start")])

    def caption(self) -> str:
        """The last layer's numbers, before and now."""
        if not self.run.depth:
            return ""
        old, new = self.run.before()[-1], self.run.wishes(exact=False)[-1]
        said = [f"{brief(a)} → {brief(b)}" for a, b in zip(old, new, strict=True)]
        return f"layer {self.run.depth}: {', '.join(said)}"

    def lines(self, exact: bool) -> list[list[float | None]]:
        return [plain(np.array(values)) for values in zip(*self.run.wishes(exact), strict=True)]

    def figure(self) -> Drawing:
        run, dark = self.run, self.run.view.dark
        colors, x = theme.LANE_COLORS[dark], list(range(run.depth + 1))
        figure = live_figure(dark, showlegend=False, hovermode="closest")
        names = ["x", *(f"layer {k}" for k in range(1, run.depth + 1))]
        before = [plain(np.array(values)) for values in zip(*run.before(), strict=True)]
        for which, values in (("now", self.lines(exact=True)), ("at the start", before)):
            for (_, label, symbol, k), line in zip(WISHES, values, strict=True):
                style = dict(
                    color=colors[2 + k],
                    width=2.5 if which == "now" else 1.2,
                    dash="solid" if which == "now" else "dot",
                )
                figure.add_scatter(
                    x=x, y=line, mode="lines+markers", name=f"{label}, {which}", line=style, text=names, cliponaxis=False,
                    marker=dict(symbol=symbol + ("" if which == "now" else "-open"), size=8 if which == "now" else 6, color=colors[2 + k]),
                    hovertemplate=f"%{{text}}, {which}<br>{label} %{{y:.3f}}<extra></extra>",
                )  # fmt: skip
        figure.update_xaxes(range=[-0.2, max(run.depth, 1) + 0.2], tickvals=x, ticktext=names)
        figure.update_yaxes(range=[-0.03, 1.05])
        return figure

    def frame(self) -> Part:
        x = list(range(self.run.depth + 1))
        values = self.lines(exact=False)
        return dict(set=[[k, x, line] for k, line in enumerate(values)], caption=self.caption())


class MapsCard(TableCard):
    """What a linear model reads from features of different kinds."""

    name, title, file = "maps", "A linear model on …", "features"
    alt = "Scores of the best linear model on features that are raw, made by hand, random, frozen, learned and lazy"

    def __init__(self, run: FeaturesModel) -> None:
        self.run = run

    def revision(self) -> str:
        return f"{self.run.view.generation}-{self.run.look_revision}"

    def caption(self) -> str:
        return " · ".join(row.more for row in self.run.maps(exact=False) if row.more)

    def columns(self) -> list[Column]:
        what = "R²" if self.run.data.task == "regression" else "Accuracy"
        return [
            column("Features", "What the linear model is given"), column("n", "How many features"),
            column("Train", f"{what} on training data"), column("Test", f"{what} on test data"),
        ]  # fmt: skip

    def rows_of(self, exact: bool) -> list[list[Cell]]:
        is_value = self.run.data.task == "regression"

        def score(value: float) -> Cell:
            return (
                cell(short_number(value, 2), value) if is_value and np.isfinite(value) else share_cell(value)
            )

        return [
            [cell(row.name, None), cell(row.units, float(row.units.replace(",", ""))), score(row.train), score(row.test)]
            for row in self.run.maps(exact)
        ]  # fmt: skip

    def table(self) -> list[list[Cell]]:
        return self.rows_of(exact=True)

    def frame(self) -> Part:
        return dict(rows=self.rows_of(exact=False))
