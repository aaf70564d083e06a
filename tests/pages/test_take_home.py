"""What one takes home: a report that loads nothing and holds what was written as text, and an animation of what was seen."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from engine import DatasetConfig, ExperimentConfig, LaneConfig, NetworkConfig
from engine.data.load import load_dataset
from engine.shown import short_number
from pages.arena.run import ArenaRun
from pages.playground.run import PlaygroundRun
from pages.shared.animation import gif, pictures
from pages.shared.figures.boundary import field_palette
from pages.shared.report import report_html
from pages.shared.take_home import FILES

DATA = DatasetConfig("moons", samples=60)
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


SGD = (LaneConfig("sgd", 0.3),)


def make(kind=PlaygroundRun, lanes=SGD):
    config = ExperimentConfig(DATA, NetworkConfig((4,)), lanes=lanes)
    run = kind(config, load_dataset(DATA), False)
    for _ in range(5):
        run.forward("play", 2)
    return run


def figures(text):
    return json.loads(
        re.search(r'<script type="application/json" id="figures">(.*?)</script>', text, re.S)[1]
    )


def test_a_report_has_the_charts_as_they_stand():
    run = make()
    text = report_html(run, "https://lab.example.org/?lr=0.3", "my note", "answer 4")
    found = figures(text)
    loss = next(
        each for each in found if each and len(each["data"]) == 3 and each["data"][0].get("name") == "train"
    )
    assert loss["data"][0]["y"][-1] == pytest.approx(run.experiment.history.train_loss[-1, 0], rel=1e-6)
    assert sum("images" in each["layout"] for each in found if each) == 2  # boundary and landscape
    for said in (
        "my note",
        "answer 4",
        'href="https://lab.example.org/?lr=0.3"',
        "At update 10. Seed 0.",
        "NumPy",
        "moons · 4 tanh · SGD 0.3",
    ):
        assert said in text
    assert 4.5e6 < len(text.encode()) < 5.5e6, "about 5 MB, as the button's help says"
    assert ".then(raisePowers)" in text and "\nexport " not in text.rpartition("<script>")[2]
    (diagram,) = re.findall("<svg viewBox=.0 0 900.*?</svg>", text)
    (W, _), (V, b) = run.experiment.weights(0)
    assert diagram.count("<line ") == W.size + V.size == 12 and diagram.count("<circle ") == 7
    assert f"<title>Layer 1, neuron 2 to Output: {short_number(float(V[1, 0]))}</title>" in diagram
    assert f"<title>Output, bias {short_number(float(b[0]))}</title>" in diagram
    assert diagram.count("stroke-dasharray") == (W < 0).sum() + (V < 0).sum()
    settings = re.search(r"<h2>Settings</h2><pre>(.*?)</pre>", text, re.S)[1]
    assert ExperimentConfig.from_json(settings.replace("&quot;", '"')) == run.config


def test_a_report_loads_nothing_and_no_text_is_markup():
    run = make(ArenaRun, (LaneConfig("sgd", 0.3, name=EVIL[:40]), LaneConfig("adam", 0.02)))
    run.show("scores")
    text = report_html(run, "javascript:alert(1)", EVIL, EVIL)
    bare = re.sub(
        r"<script>.*?</script>", "", text.replace("</script><script>", "</script>\n<script>"), flags=re.S
    )
    assert "alert(1)</script>" not in bare and "<img" not in bare
    assert 'href="javascript' not in text
    assert "default-src 'none'" in text
    assert not re.findall(
        r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", text[: text.index('id="figures"')]
    )
    assert "&lt;/script&gt;" in text


def test_a_report_of_tables_has_their_rows():
    run = make(ArenaRun, (LaneConfig("sgd", 0.3), LaneConfig("adam", 0.02)))
    run.show("scores")
    text = report_html(run, "")
    for row in run.scores.table():
        for cell in row:
            assert cell["text"].replace("<", "&lt;") in text


@pytest.mark.parametrize(("kind", "count"), [(PlaygroundRun, 1), (ArenaRun, 3)])
def test_an_animation_has_a_picture_for_each_moment(kind, count):
    run = make(kind, tuple(LaneConfig("sgd", 0.1 * k) for k in range(1, count + 1)))
    shares, images = zip(*pictures(run), strict=True)
    assert len(images) == len(run.timeline.kept) + 1 == 6
    assert shares[-1] == 1.0 and list(shares) == sorted(shares)
    with Image.open(io.BytesIO(gif(list(images)))) as file:
        assert (file.format, file.n_frames) == ("GIF", 6)
        assert file.info["loop"] == 0
    # a corner of the last field is what the network says there now
    points = run.view.plane_points(64)
    outputs = run.experiment.predict_lane(run.rows_of[0][0], run.data.map_features(points))
    color = field_palette(run.data, False)[run.view.field(outputs, 0).reshape(64, 64)[-1, 0]]
    assert np.abs(np.array(images[-1].getpixel((6, 22))) - color).max() <= 12


def test_every_file_is_made_of_every_lane():
    run = make(ArenaRun, (LaneConfig("sgd", 0.3), LaneConfig("adam", 0.02)))
    for _, name, _, maker, _ in FILES:
        assert len(maker(run.experiment, 1)) > 50, name
