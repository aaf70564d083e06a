"""The Boxes view: any network's flow graph, box by box, for one sample or all of them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import streamlit as st

from engine import MLP, OPTIMIZERS, Experiment, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import Dataset
from engine.limits import MAX_SAMPLES
from engine.network.penalties import PENALTIES
from engine.network.trace import SLOPES, function_name, trace
from engine.options import Option
from engine.shown import short_number
from pages.backpropagation.common import SYMBOLS, keep_symbols, step_option, write
from pages.backpropagation.notation import MARKS, matrix_formulas, names
from pages.shared import session
from pages.shared.figures import theme
from pages.shared.figures.base import base_figure, figure_json
from pages.shared.figures.boundary import points_trace
from pages.shared.live.handover import offered
from pages.shared.page import Page, View
from pages.shared.predict import Guess, chart_of, predict
from pages.shared.stepper import stepper
from pages.shared.still import answer, question
from pages.shared.text import figure_text
from pages.shared.weights import MOST_LINKED, linked_weights, numbers, weights_text
from pages.shared.widgets.experiment import base_controls, widget_values
from pages.shared.widgets.network import network_values
from pages.shared.widgets.table import load

MOST_DRAWN = 500  # points on the map; where there are more samples, every so many is drawn
GRID = 36
LINE_GRID = 201
FIRST_NETWORK = NetworkConfig((3,))
PLACE = re.compile(r"[A-Za-z]\d{0,2}(:\d{1,3}(,\d{1,3})?)?")
OPTIONS = {
    "from": Option("from", "lecture", "Network", "The lecture's, or one of your own.", choices=("lecture", "own")),
    "sample": Option("sample", 1, "Sample", "Which training sample goes through.", 1, MAX_SAMPLES, integer=True),
    "all": Option("all", False, "All samples", "The mean loss of all training samples."),
    "by": Option("by", "unit", "Formulas for", "A whole box, or one of its units.", choices=("matrices", "unit")),
    "stop": Option("stop", False, "Stop at the parameters", "The input needs no derivative to train the network."),
    "symbols": SYMBOLS,
    "step": step_option(),
}  # fmt: skip
VIEW = View("Boxes", OPTIONS, lanes=1, guesses=True)
WORDS = {
    "input": "input of the graph", "affine": "pre-activation: weights times inputs, plus bias", "activation": "activation",
    "loss": "loss", "penalty": "penalty on the weights",
}  # fmt: skip


@dataclass
class Kept:
    """Weights that were moved or brought, for the network that they belong to; the box that was opened."""

    weights: list[float] | None = None
    network: Any = None
    open: str = ""
    message: str = ""


@dataclass
class Subject:
    """What goes through the boxes: network, weights, inputs and labels, and the data set if there is one."""

    mlp: MLP
    theta: np.ndarray
    X: np.ndarray
    y: np.ndarray
    l1: float = 0.0
    l2: float = 0.0
    data: Dataset | None = None
    labels: list[str] = field(default_factory=list)


def show(here: Page) -> None:
    keep_symbols(here)
    kept = session.of("backpropagation.boxes", Kept)
    is_linked = arrive(here, kept)
    with st.sidebar:
        config = controls(here, kept)
    question(
        "How does every weight learn its share of the loss?",
        "forwards a box waits for its inputs, backwards for its outputs, and none needs the whole network.",
    )
    try:
        subject = lecture() if config is None else own(config, load(config.dataset))
    except ValueError as error:
        st.error(str(error))
        return
    count, sample = len(subject.X), here.form["sample"]
    if sample > count:
        here.form.put("sample", count)
        if is_linked and subject.data is not None:
            here.warn(f"sample is {sample} in the link, but there are {count}; {count} is used instead.")
    kept.weights = fitting(kept, (here.form["from"], config and (config.network, config.loss, config.dataset, config.seed)), subject)  # fmt: skip
    _panel(here, kept, config, subject, sent(subject, here.dark))
    answer(
        "Each box multiplies what comes back to it by its own slope and hands it on to its inputs. A unit that feeds several "
        "boxes adds up what they hand back: one product along each path to the loss, and their sum. No box has to know what "
        "stands above it. A dead ReLU (z < 0) and a threshold hand back 0, and everything to their left gets nothing.",
        "Answer: what does a box have to know?",
    )


def arrive(here: Page, kept: Kept) -> bool:
    """Take over the weights and the opened box of a link, if one has just come in."""
    linked = here.linked()
    if linked is None:
        return False
    _, query = linked
    kept.open = query.get("open", "") if PLACE.fullmatch(query.get("open", "")) else ""
    if query.get("open") and not kept.open:
        here.warn(f"open is {query['open'][:40]!r} in the link, which is no box; none is opened.")
    if "net" not in query and query.get("from", "lecture") != "own":
        here.form.update(network_values(FIRST_NETWORK))
    kept.weights, kept.network = None, None
    if "bring" in query:
        run = offered("playground")
        if run is None:
            here.warn("The Playground holds no network in this session; the lecture's is shown.")
        else:
            bring(here, kept, run, here.form["sample"])
    elif "weights" in query:
        kept.weights = linked_weights(query["weights"])
        if kept.weights is None:
            here.warn("weights in the link are not all numbers; the initial weights are used instead.")
    return True


def fitting(kept: Kept, network: Any, subject: Subject) -> list[float] | None:
    """The kept weights, if they are of this network; a network that changed starts from its own."""
    is_new = kept.network is not None and kept.network != network
    kept.network = network
    if is_new:
        kept.message = ""
    if kept.weights is None or is_new or len(kept.weights) != subject.mlp.parameter_count:
        if kept.weights is not None and not is_new:
            st.warning(
                f"The weights are {len(kept.weights)}, but this network has {subject.mlp.parameter_count}; "
                "its initial weights are used instead.",
                icon=":material/link_off:",
            )
        return None
    return kept.weights


def controls(here: Page, kept: Kept) -> ExperimentConfig | None:
    """The sidebar: which network, and its settings; None for the lecture's."""
    run = offered("playground")
    if run is not None and st.button(
        "Bring the Playground's network", icon=":material/download:", width="stretch"
    ):
        bring(here, kept, run)
    labels = {"lecture": "lecture 9, case 2", "own": "your own"}
    key = here.form.open("from", "lecture")
    held = st.segmented_control(
        "Network",
        list(labels),
        key=key,
        default=here.form["from"],
        format_func=lambda name: labels[name],
        required=True,
        disabled=here.form.locks("from"),
    )
    source = here.form.take("from", held if held in labels else "lecture")
    if kept.message:
        st.caption(kept.message)
    if source == "lecture":
        st.caption("Two inputs, two sigmoid units, one sigmoid output, the label 1. The slide's constant inputs x₀ = 1 and z₀ = 1 are the biases here.")  # fmt: skip
        formulas()
        return None
    penalties = {name: PENALTIES[name].strength.clamp(here.form.get(name, 0.0)) for name in ("l1", "l2")}
    lane = LaneConfig("sgd", OPTIMIZERS["sgd"].start_rate, **penalties)
    config = replace(base_controls(here.form), lanes=(lane,))
    formulas()
    return config


def bring(here: Page, kept: Kept, run: Any, sample: int = 1) -> None:
    """Take the Playground's network as it stands: settings, weights, and a sample."""
    config = run.experiment.config
    here.form.update(widget_values(config))
    here.form.put("from", "own")
    here.form.put("all", False)
    here.form.put("step", 0)
    here.form.put("sample", OPTIONS["sample"].clamp(sample))
    kept.weights, kept.network, kept.open = [float(value) for value in run.experiment.theta(0)], None, ""
    count = run.experiment.lanes[0].updates
    kept.message = f"The Playground's network after {count:,} updates."
    if len(kept.weights) > MOST_LINKED:
        kept.message += f" It has {len(kept.weights):,} weights. That is too many for a link: a reload shows its initial weights."


def lecture() -> Subject:
    mlp = MLP((2, 2, 1), ["sigmoid"], "binary_cross_entropy")
    theta = np.array([0.2, 0.4, -0.3, 0.1, 0.1, -0.2, -0.5, 0.8, 0.3])
    return Subject(mlp, theta, np.array([[1.0, 2.0]]), np.array([1.0]))


def own(config: ExperimentConfig, data: Dataset) -> Subject:
    experiment = Experiment(config, data)
    lane = config.lane(0)
    X, y = data.X_train, data.y_train
    return Subject(experiment.mlp(0), experiment.theta(0), X, y, lane.l1, lane.l2, data)


def output_guess(subject: Subject, weights: list[float] | None, sample: int) -> Guess | None:
    """About the first thing that comes back: ∂L by the last pre-activation, for one sample and one output."""
    mlp = subject.mlp
    if mlp.layer_sizes[-1] != 1:
        return None
    place = min(sample, len(subject.X)) - 1
    theta = subject.theta if weights is None else np.array(weights)
    boxes = {box.key: box for box in trace(mlp, theta, subject.X[[place]], subject.y[[place]]).boxes}
    layer = len(mlp.layer_sizes) - 1
    slope, output = (
        float(boxes[f"z{layer}"].gradient.ravel()[0]),
        float(mlp.predict(theta[None], subject.X[[place]])[0].ravel()[0]),
    )
    if not math.isfinite(slope):
        return None
    why = (
        ", output minus label" if math.isclose(slope, output - float(subject.y[place]), rel_tol=1e-6) else ""
    )
    return Guess(
        f"The network puts out {short_number(output)}, and the label is {short_number(float(subject.y[place]))}. What is the derivative of the loss by the sum z that goes into the output unit?",
        slope, f"{short_number(slope)}{why}.", covers=(chart_of("backpropagation.boxes_stepper"),),
    )  # fmt: skip


@st.fragment
def _panel(
    here: Page, kept: Kept, config: ExperimentConfig | None, subject: Subject, whole: dict[str, Any]
) -> None:
    parameters = subject.mlp.parameter_count

    def take(raw: dict[str, Any]) -> None:
        here.take(raw)
        found = None if here.form.locks("weights") else numbers(raw.get("weights"))
        if found is not None and len(found) == parameters:
            kept.weights = found
        if "open" in raw and not here.form.locks("open"):
            place = raw["open"]
            kept.open = place if isinstance(place, str) and PLACE.fullmatch(place) else ""

    predict(here, lambda: output_guess(subject, kept.weights, here.form["sample"]))
    values = here.values() | dict(weights=kept.weights, open=kept.open)
    stepper(
        "backpropagation.boxes_stepper", "backpropagation/boxes.js", "The network as a flow graph, step by step", OPTIONS,
        values, whole, take, here.limits("weights", "open"),
    )  # fmt: skip
    more = {"open": kept.open} if kept.open else {}
    if kept.weights is not None and len(kept.weights) <= MOST_LINKED:
        more["weights"] = weights_text(kept.weights)
    write(here, config, more)


def sent(subject: Subject, dark: bool) -> dict[str, Any]:
    """The trace for the browser: boxes with their formulas and names, the network, weights, samples, and the map."""
    mlp = subject.mlp
    found = trace(mlp, subject.theta, subject.X[:1], subject.y[:1], subject.l1, subject.l2)
    boxes = [
        dict(
            key=box.key, kind=box.kind, inputs=box.inputs, outputs=box.outputs, forward=box.forward, backward=box.backward,
            parameter=box.is_parameter, size=list(box.value.shape[0 if box.is_parameter or not box.value.ndim else 1 :]),
            matrix={notation: matrix_formulas(box, notation) for notation in MARKS}, words=words(box.key, box.kind, mlp),
            function=function_of(box.key, mlp), slope=SLOPES.get(mlp.activations[int(box.key[1:]) - 1], "") if box.slope is not None else "",
        )
        for box in found.boxes
    ]  # fmt: skip
    return dict(
        boxes=boxes, names={notation: names(found, notation) for notation in MARKS}, marks=MARKS,
        net=dict(sizes=mlp.layer_sizes, activations=mlp.activations, loss=mlp.loss_key, l1=subject.l1, l2=subject.l2),
        theta=subject.theta.astype(float), X=np.asarray(subject.X, float), T=mlp.target(subject.y, np.float64),
        map=None if subject.data is None else data_map(subject.data, dark),
    )  # fmt: skip


def words(key: str, kind: str, mlp: MLP) -> str:
    """What a box is, both ways that its name is used."""
    layer = int(key[1:] or 0)
    if kind == "activation":
        if key == "p":
            return "the probability that the network states"
        what = (
            "output of the network"
            if layer == len(mlp.slots)
            else f"output of hidden layer {layer}, its “activations”"
        )
        return f"{what}, made by the activation function {function_name(mlp.activations[layer - 1])}"
    return {
        "x": "the sample", "y": "the label", "W": f"weights of layer {layer}", "b": f"biases of layer {layer}",
        "J": "loss and penalty",
    }.get(key[0], WORDS[kind])  # fmt: skip


def function_of(key: str, mlp: MLP) -> str:
    return function_name(mlp.activations[int(key[1:]) - 1]) if key[0] == "z" else ""


def data_map(data: Dataset, dark: bool) -> dict[str, Any]:
    """The plane of the data, or the line under a curve: where all samples are, those that are drawn, axes, and the inputs of
    a grid for what the network puts out there.
    """
    if data.inputs == 1:
        return line_map(data, dark)
    axes = [np.linspace(*limits, GRID) for limits in (data.x_range, data.y_range)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    x, y_axis = (axis * data.scale[k] + data.mean[k] for k, axis in enumerate(axes))
    figure = base_figure(dark, showlegend=False, dragmode=False)
    figure.update_xaxes(
        title_text=figure_text(data.axis_labels[0]), range=[x[0], x[-1]], fixedrange=True, showgrid=False
    )
    figure.update_yaxes(
        title_text=figure_text(data.axis_labels[1]),
        range=[y_axis[0], y_axis[-1]],
        fixedrange=True,
        showgrid=False,
    )
    classes = len(data.class_names)
    limit = float(np.abs(data.y_train).max()) or 1.0
    scale: dict[str, Any] = dict(zmin=-limit if data.task == "regression" else 0, zmax=limit if data.task == "regression" else 1)  # fmt: skip
    scale["colorscale"] = theme.colorscale(theme.diverging(dark))
    if data.task == "multiclass":
        colors = [theme.CLASS_COLORS[k] for k in range(classes)]
        steps = [[edge / classes, color] for k, color in enumerate(colors) for edge in (k, k + 1)]
        scale = dict(zmin=-0.5, zmax=classes - 0.5, colorscale=steps)
    return samples_on_map(data, dark) | dict(
        x=x, y=y_axis, inputs=data.map_features(grid), classes=classes, scale=scale, layout=figure_json(figure)["layout"],
    )  # fmt: skip


def samples_on_map(data: Dataset, dark: bool) -> dict[str, Any]:
    """Where all samples are, and the marks of those that are drawn."""
    drawn = np.arange(0, len(data.P_train), -(-len(data.P_train) // MOST_DRAWN))
    every = points_trace("train", data.P_train, data.y_train, data, dark)
    marks = points_trace("train", data.P_train[drawn], data.y_train[drawn], data, dark)
    return dict(points=[every["x"], every["y"]], drawn=drawn, marker=marks["marker"], labels=marks["text"])


def line_map(data: Dataset, dark: bool) -> dict[str, Any]:
    """As `data_map` where there is one input: the network's curve comes in place of colours."""
    places = np.linspace(*data.x_range, LINE_GRID)[:, None]
    figure = base_figure(dark, showlegend=False, dragmode=False)
    x = places[:, 0] * data.scale[0] + data.mean[0]
    figure.update_xaxes(title_text=figure_text(data.axis_labels[0]), range=[x[0], x[-1]], fixedrange=True)
    figure.update_yaxes(title_text=figure_text(data.target_name), fixedrange=True)
    samples = samples_on_map(data, dark)
    samples["labels"] = [f"target {short_number(samples['points'][1][n])}" for n in samples["drawn"]]
    return samples | dict(
        x=x, inputs=data.map_features(places), classes=0, line=dict(color=theme.LANE_COLORS[dark][0], width=2.5), layout=figure_json(figure)["layout"],
    )  # fmt: skip


def formulas() -> None:
    st.markdown("**Forward**, from the sample to the loss")
    st.latex(r"z_l=a_{l-1}W_l+b_l,\quad a_l=\varphi(z_l)")
    st.markdown("**Backward**, from the loss to the weights")
    st.latex(r"\partial z_l=\partial a_l\odot\varphi'(z_l)")
    st.latex(r"\partial a_{l-1}=\partial z_l\,W_l^{\top}")
    st.latex(r"\partial W_l=a_{l-1}^{\top}\,\partial z_l,\quad\partial b_l=\partial z_l")
    st.caption("∂ stands for the derivative of the loss. With all samples, the loss is their mean, and so is the gradient.")  # fmt: skip
