"""The panel's protocol, its charts' numbers and figures, without Streamlit's server."""

import base64
import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from engine import DATASETS, DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from pages.playground.run import PlaygroundRun
from pages.shared.figures import theme
from pages.shared.figures.boundary import Predictions, boundary_figure, field_bytes, hover_trace
from pages.shared.figures.loss import Mark, last_mark, loss_figure, mark_layout
from pages.shared.live.answers import Mailbox, respond
from pages.shared.live.cards import Card
from pages.shared.live.request import MOST_FRAMES, MOST_UPDATES, read_request


def make_run(name: str = "circles", rate: float = 0.3, **network) -> PlaygroundRun:
    dataset = DatasetConfig(name)
    data = load_dataset(dataset)
    config = ExperimentConfig(dataset, NetworkConfig(**network), lanes=(LaneConfig("sgd", rate),))
    return PlaygroundRun(config, data, dark=False)


def pull(run, mailbox, action="play", have=None, **more):
    raw = dict(
        action=action,
        run=run.run_id,
        sequence=1,
        seen=-1,
        frames=3,
        updates=2,
        budget_ms=400,
        have=have or {},
    )
    return json.loads(respond(run, mailbox, read_request(raw | more)))


def decoded(part: str, dtype=np.uint8) -> np.ndarray:
    return np.frombuffer(base64.b64decode(part), dtype)


@pytest.mark.parametrize("name", list(DATASETS))
def test_frames_hold_what_the_engine_says_and_are_plain_json(name):
    run = make_run(name, 0.05)
    answer = pull(run, Mailbox(clock=lambda: 0.0))
    json.dumps(answer, allow_nan=False)
    assert [frame["state"]["step"] for frame in answer["frames"]] == [2, 4, 6]
    steps, train = answer["frames"][-1]["charts"]["loss"]["extend"][0][1:]
    assert steps[-1] == 6.0
    assert train[-1] == pytest.approx(run.experiment.history.train_loss[-1, 0], rel=1e-5)


def test_boundary_bytes_are_the_probabilities():
    run = make_run()
    frame = pull(run, Mailbox(clock=lambda: 0.0))["frames"][-1]
    image = decoded(frame["charts"]["boundary"]["image"]["data"])
    expected = run.experiment.predict(run.data.map_features(run.view.grid))[0][:, 0]
    assert np.abs(image / 255 - expected).max() < 0.003


def trained(updates: int, random: bool = False) -> PlaygroundRun:
    run = make_run()
    run.slice.choose(random)
    for _ in range(updates):
        run.advance("play", 1)
        run.slice.frame()
    return run


def exact_landscape(run) -> tuple[list[dict], dict]:
    """The contours and the points of the path in the figure at rest."""
    rest = run.slice.rest()
    while part := run.slice.refine():
        rest |= part
    return list(rest["figure"]["data"]), rest


def test_the_landscape_at_rest_shows_the_loss_of_the_plane():
    run = trained(40)
    traces, rest = exact_landscape(run)
    field = next(trace for trace in traces if trace["type"] == "contour")
    z = np.frombuffer(base64.b64decode(field["z"]["bdata"]), field["z"]["dtype"]).reshape(51, 51)
    alphas, betas = (np.frombuffer(base64.b64decode(field[axis]["bdata"]), "f8") for axis in "xy")
    plane, mlp, data = run.slice.on.plane, run.experiment.mlp(0), run.data
    theta = plane.points(alphas[[9]], betas[[30]])
    assert 10 ** z[30, 9] == pytest.approx(mlp.loss(theta, data.X_train, data.y_train)[0], rel=1e-4)
    assert rest["caption"] == f"{run.slice.truth.explained:.0%} of the path's variance"


def test_the_landscape_holds_the_path_and_a_random_one_does_not():
    run = trained(80)
    exact_landscape(run)
    assert run.slice.truth.explained > 0.9
    ends = run.slice.coordinates()[[0, -1]]
    left, right, bottom, top = run.slice.on.window
    assert ((ends >= [left, bottom]) & (ends <= [right, top])).all()
    assert run.state()["message"] is None or "plane" in run.state()["message"]
    other = trained(80, random=True)
    exact_landscape(other)
    assert other.slice.truth.explained < 0.3
    assert "off this plane" in other.state()["message"] or "plane" in other.state()["message"]
    other.slice.frame()
    assert other.slice.warning() == ""  # it was said of a picture that is gone


def test_the_plane_follows_the_path_without_swimming():
    run, planes = trained(60), []
    for _ in range(60):
        planes.append((run.slice.on.plane.d1, run.slice.on.plane.d2))
        run.advance("play", 1)
        run.slice.frame()
    for (d1, d2), (e1, e2) in itertools.pairwise(planes):
        assert d1 @ e1 > 0.95 and d2 @ e2 > 0.95


def test_the_tails_of_frames_make_up_the_path():
    run, x, y = make_run(), [], []
    for _ in range(230):  # the recorder is thinned on the way
        run.advance("play", 1)
        part = run.slice.frame()
        [[trace, start, new_x, new_y]] = part["tail"]
        x, y = [*x[:start], *new_x], [*y[:start], *new_y]
        assert trace == 0 and start <= len(x)
    assert np.abs(np.array([x, y]).T - run.slice.coordinates()).max() < 2 * 10.0**-run.slice.on.decimals


def test_the_landscapes_switch_is_a_click():
    run, mailbox = make_run(), Mailbox(clock=lambda: 0.0)
    card = {chart["name"]: chart for chart in pull(run, mailbox, "rest")["charts"]}["landscape"]
    assert card["switch"]["on"] is False
    answer = pull(run, mailbox, "click", click=dict(chart="landscape", x=0, y=0))
    card = {chart["name"]: chart for chart in answer["charts"]}["landscape"]
    assert card["switch"]["on"] is True and "figure" in card and "landscape" in answer["rest"]


def test_network_frame_has_every_weight_and_map():
    run = make_run(hidden=(5, 3))
    part = pull(run, Mailbox(clock=lambda: 0.0), frames=1)["frames"][-1]["charts"]["network"]
    weights = decoded(part["weights"], np.float32)
    assert np.array_equal(weights, np.concatenate([W.ravel() for W, _ in run.experiment.weights(0)]))
    assert len(decoded(part["maps"])) == (2 + 5 + 3 + 1) * part["size"] ** 2


def test_figures_are_sent_once_and_again_when_they_change():
    run, mailbox = make_run(), Mailbox(clock=lambda: 0.0)
    first = pull(run, mailbox, "rest")
    have = {chart["name"]: chart["revision"] for chart in first["charts"]}
    assert all("figure" in chart for chart in first["charts"])
    assert not any("figure" in chart for chart in pull(run, mailbox, have=have)["charts"])
    run.view.dark = True
    assert all("figure" in chart for chart in pull(run, mailbox, have=have)["charts"])


def test_frames_stay_until_they_are_seen():
    run, mailbox = make_run(), Mailbox(clock=lambda: 0.0)
    ids = [frame["id"] for frame in pull(run, mailbox)["frames"]]
    again = [frame["id"] for frame in pull(run, mailbox, seen=ids[0])["frames"]]
    assert again[:2] == ids[1:]
    assert ids[0] not in again


def test_no_pull_no_work():
    run, mailbox = make_run(), Mailbox(clock=lambda: 0.0)
    respond(run, mailbox, None)
    respond(run, mailbox, None)
    assert run.experiment.updates == 0


def test_a_pull_for_an_old_run_trains_nothing():
    run = make_run()
    respond(
        run,
        Mailbox(clock=lambda: 0.0),
        read_request(dict(action="play", run="another", sequence=1, seen=-1, frames=3, updates=2)),
    )
    assert run.experiment.updates == 0


@pytest.mark.parametrize("raw", [None, 3, "play", [], {}, {"action": "rm"}, {"action": ["play"]}])
def test_what_is_no_pull_is_ignored(raw):
    assert read_request(raw) is None


@pytest.mark.parametrize("value", [10**400, -1, float("nan"), float("inf"), "9", None, [], True])
def test_a_modified_client_cannot_ask_for_more(value):
    request = read_request(
        dict(
            action="play",
            run="x",
            sequence=value,
            seen=value,
            frames=value,
            updates=value,
            budget_ms=value,
            have=value,
        )
    )
    assert 1 <= request["frames"] <= MOST_FRAMES and 1 <= request["updates"] <= MOST_UPDATES
    assert 0 < request["seconds"] <= 0.5


def test_reset_goes_back_to_the_same_weights():
    run, mailbox = make_run(), Mailbox(clock=lambda: 0.0)
    start = run.experiment.theta(0)
    pull(run, mailbox)
    answer = pull(run, mailbox, "reset")
    assert np.array_equal(run.experiment.theta(0), start)
    assert answer["state"]["step"] == 0 and answer["run"] == run.run_id


def test_divergence_stops_the_run_and_stays_on_the_chart():
    run, mailbox = make_run("plane", 500.0, activation="identity"), Mailbox(clock=lambda: 0.0)
    answer = pull(run, mailbox, frames=20)
    assert answer["state"]["finished"] and "too large" in answer["state"]["message"]
    drawn = [y for frame in answer["frames"] for y in frame["charts"]["loss"]["extend"][0][2]]
    assert max(y for y in drawn if y is not None) > 1e6


def test_field_bytes_by_hand():
    blobs = load_dataset(DatasetConfig("blobs"))
    values = field_bytes(np.array([[1.0, 0, 0, 0], [0.25] * 4, [0, 0, 0, 1.0]]), blobs, False)
    assert values.tolist() == [24, 0, 3 * 25 + 24]
    circles = load_dataset(DatasetConfig("circles"))
    assert field_bytes(np.array([[0.0], [0.5], [1.0]]), circles, False).tolist() == [0, 128, 255]
    assert len(set(field_bytes(np.array([[0.51], [0.6], [1.0]]), circles, True))) == 1


@pytest.mark.parametrize("loss", ["mean_squared_error", "quadratic", "huber", "cross_entropy"])
def test_the_painted_class_is_the_largest_output_of_three_or_more(loss):
    config = ExperimentConfig(DatasetConfig("blobs"), loss=loss, lanes=(LaneConfig("sgd", 0.3),))
    run = PlaygroundRun(config, load_dataset(config.dataset), dark=False)
    for factor in (0, 3, 40):  # values reach below 0 and above 1
        run.experiment.set_theta(
            0, np.random.default_rng(factor).normal(size=run.experiment.theta(0).size) * factor
        )
        run.view.forget()
        outputs = run.experiment.predict(run.data.map_features(run.view.grid))[0]
        painted = decoded(run.cards[1].frame()["image"]["data"]) // theme.CONFIDENCE_LEVELS
        assert np.array_equal(painted, outputs.argmax(axis=1))


def test_a_tie_has_no_shade_and_any_lead_has_one():
    blobs = load_dataset(DatasetConfig("blobs"))
    values = np.array([[0.1, 0.1, 0.1, 0.1], [-0.9, -0.5, -0.8, -0.7], [0, 0, 1, 0], [0, 5, 0, 0]])
    shades = field_bytes(values, blobs, False, probabilities=False)
    assert shades.tolist() == [0, 25 + 5, 2 * 25 + 24, 25 + 24]


def said(outputs, data, probabilities):
    """What a browser says of one prediction: its template, the word and the value."""
    trace = hover_trace(Predictions(np.zeros(1), np.zeros(1), np.array([outputs]), probabilities), data)
    words = trace.get("meta", {}).get("words", [""])
    word = words[int(np.ravel(trace.get("customdata", [0]))[0])]
    return trace["hovertemplate"].replace("%{text}", word).replace("<extra></extra>", ""), float(
        trace["z"][0, 0]
    )


def test_a_probability_is_called_one_and_a_value_a_value():
    circles, blobs = (load_dataset(DatasetConfig(name)) for name in ("circles", "blobs"))
    assert said([1.16], circles, False) == ("value %{z:.3f}", pytest.approx(1.16))
    assert said([0.16], circles, True) == (f"P({circles.class_names[1]}) = %{{z:.3f}}", pytest.approx(0.16))
    name = blobs.class_names[1]
    assert said([0.0, 1.2, 0.1, 0.1], blobs, False) == (f"{name}: value %{{z:.3f}}", pytest.approx(1.2))
    assert said([0.0, 0.6, 0.2, 0.2], blobs, True) == (f"{name}: P = %{{z:.3f}}", pytest.approx(0.6))


@pytest.mark.parametrize("dark", [False, True])
def test_loss_figure_holds_the_numbers_and_the_marks(dark):
    lines = dict(train=[3.0, 2.0, 1.0], test=[3.5, 2.5, 1.5], validation=[3.2, 2.2, None])
    figure = loss_figure([0, 1, 5], lines, dark, True, [Mark(5, "rate 1 → 2")], 1.2)
    assert [list(trace.y) for trace in figure.data[:3]] == list(lines.values())
    assert all(list(trace.x) == [0, 1, 5] for trace in figure.data[:3])
    assert len({trace.line.dash for trace in figure.data[:3]}) == 3  # colour is never the only cue
    assert list(figure.data[3].y) == [None, 1.2, None], "an arrow where a line has left the chart"
    assert figure.layout.shapes[0].x0 == 5 and figure.layout.annotations[0].text == "1"
    assert figure.layout.annotations[0].hovertext == "rate 1 → 2"
    assert figure.layout.yaxis.type == "log"


def test_flags_number_the_marks_and_the_last_one_is_said_in_words():
    marks = [Mark(2, "SGD → Adam"), Mark(4, "here the lanes are compared", "verdict"), Mark(5, "a <b> name")]
    layout = mark_layout(marks, False)
    assert [each["text"] for each in layout["annotations"]] == ["1", "verdict", "2"]
    assert layout["annotations"][2]["hovertext"] == "a &lt;b&gt; name"
    assert len({each["yshift"] for each in layout["annotations"]}) == 3, "close marks do not cover each other"
    assert last_mark(marks) == "2: a <b> name", "the caption is plain text"
    assert last_mark([]) == "" and last_mark(marks[1:2]) == ""


def test_the_caption_of_the_losses_says_the_last_change():
    run = PlaygroundRun(ExperimentConfig(), load_dataset(ExperimentConfig().dataset), False)
    card = next(card for card in run.cards if card.name == "loss")
    run.advance("play", 3)
    assert card.frame().get("caption") is None and card.caption() == ""
    lane = run.config.lanes[0]
    run.swap(replace(run.config, lanes=(replace(lane, learning_rate=2 * lane.learning_rate),)))
    assert "→" in card.frame()["caption"] and card.frame().get("caption") is None
    assert card.rest()["caption"] == card.caption() != ""


@pytest.mark.parametrize("dark", [False, True])
def test_the_map_of_a_class_has_the_colour_of_the_class(dark):
    def outputs(name):
        config = ExperimentConfig(DatasetConfig(name))
        run = PlaygroundRun(config, load_dataset(config.dataset), dark)
        return [
            np.frombuffer(base64.b64decode(each), np.uint8).reshape(256, 3)
            for each in run.cards[0].mounted()["outputs"]
        ]

    assert outputs("circles") == []
    palettes = outputs("iris")
    assert len(palettes) == 3
    for palette, color in zip(palettes, theme.CLASS_COLORS, strict=False):
        assert palette[-1].tolist() == theme.rgb(color).astype(int).tolist()
        assert abs(palette[128].astype(int) - theme.rgb(theme.middle(dark))).max() <= 2, "zero is neutral"


def test_points_are_drawn_in_their_units():
    data = load_dataset(DatasetConfig("iris"))
    figure = boundary_figure(data, False, True)
    assert figure.data[0].x.max() == pytest.approx(6.9)  # the longest petal, in cm
    assert len(figure.data[0].x) + len(figure.data[1].x) == 150
    assert figure.layout.xaxis.title.text == "petal length (cm)"
    assert len(set(figure.data[0].marker.symbol)) == 3


def contrast(a: str, b: str) -> float:
    def luminance(color):
        c = theme.rgb(color) / 255
        c = np.where(c <= 0.03928, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return float(c @ [0.2126, 0.7152, 0.0722])

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_line_colours_stand_out_from_the_ground(dark):
    assert all(contrast(color, theme.surface(dark)) >= 3 for color in theme.LANE_COLORS[dark][:2])


class Finer(Card):
    """A card whose exact view takes three slices of work."""

    kind = "plotly"
    name = title = alt = "finer"

    def __init__(self):
        self.left = 3

    def mounted(self):
        return {}

    def frame(self):
        return dict(caption="coarse")

    def rest(self):
        return dict(figure={}, progress=0.0)

    def refine(self):
        if not self.left:
            return None
        self.left -= 1
        return dict(progress=1 - self.left / 3)


def test_a_picture_gets_finer_pull_by_pull_and_nothing_else_is_worked_on():
    run, mailbox = make_run(), Mailbox(clock=lambda: 0.0)
    run.cards = [*run.cards[:3], Finer()]
    assert pull(run, mailbox, "rest")["rest"]["finer"]["progress"] == 0
    frames = len(mailbox.outbox)
    for expected in (1 / 3, 2 / 3, 1):
        answer = pull(run, mailbox, "refine")
        assert answer["rest"] == {"finer": {"progress": pytest.approx(expected)}}
    assert pull(run, mailbox, "refine")["rest"] == {}
    assert len(mailbox.outbox) == frames and run.experiment.updates == 0
