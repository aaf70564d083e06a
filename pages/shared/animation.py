"""How boundaries came about, as a GIF: a picture for each moment of the timeline, all lanes side by side, the losses below."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from engine import Experiment
from pages.shared.figures import theme
from pages.shared.figures.boundary import field_palette
from pages.shared.figures.packing import Array
from pages.shared.live.run import LanesRun

CELLS = 64  # of a field's side that are worked out
SIDE = 192  # pixels of a field's side
LOSS = 110  # pixels of the losses' height
GAP = 6
ACROSS = 4  # fields in a row
MOST_LANES = 8
MILLISECONDS = 120  # that a picture is shown; the last one longer


def moments(run: LanesRun) -> list[Experiment]:
    """The experiment at each moment of the timeline, and as it is now."""
    newest = run.experiment if run.timeline.end is None else run.newest
    earlier = [kept.moment for kept in run.timeline.kept if kept.moment.updates < newest.updates]
    return [*(newest.at(moment) for moment in earlier), newest]


def pictures(run: LanesRun) -> Iterator[tuple[float, Image.Image]]:
    """How far it is, and the next picture."""
    steps = moments(run)
    points = run.view.plane_points(CELLS)
    inputs = run.data.map_features(points)
    rows = [own[0] for own in run.rows_of][:MOST_LANES]
    for k, experiment in enumerate(steps, 1):
        yield k / len(steps), picture(run, experiment, rows, inputs, steps[-1])


def picture(
    run: LanesRun, experiment: Experiment, rows: list[int], inputs: Array, newest: Experiment
) -> Image.Image:
    """All lanes' fields with the training points, and the losses up to this moment."""
    dark = run.view.dark
    ground, ink = ("#0f161d", "#e6e9ec") if dark else ("#ffffff", "#1a1a1a")
    across = min(len(rows), ACROSS)
    down = -(-len(rows) // across)
    size = across * (SIDE + GAP) + GAP, down * (SIDE + 18 + GAP) + LOSS + 2 * GAP + 14
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    palette = field_palette(run.data, dark)
    for k, row in enumerate(rows):
        left, top = GAP + k % across * (SIDE + GAP), GAP + k // across * (SIDE + 18 + GAP)
        outputs = experiment.predict_lane(row, inputs)
        field = run.view.field(outputs, row).reshape(CELLS, CELLS)[::-1]
        painted = Image.fromarray(np.ascontiguousarray(palette[field][..., :3])).resize((SIDE, SIDE))
        image.paste(painted, (left, top + 16))
        draw.text(
            (left, top), run.looks[k].name.replace("η", "rate")[:30], fill=ink
        )  # Pillow's font has no η
        dots(draw, run, left, top + 16)
    losses(
        draw, run, experiment, newest, rows, (GAP, size[1] - LOSS - GAP, size[0] - GAP, size[1] - GAP), ink
    )
    draw.text((GAP, size[1] - LOSS - GAP - 14), f"training loss, update {experiment.updates:,}", fill=ink)
    return image


def dots(draw: ImageDraw.ImageDraw, run: LanesRun, left: int, top: int) -> None:
    data = run.data
    points = data.P_train * data.scale + data.mean
    x = left + SIDE * (points[:, 0] - data.x_range[0]) / (data.x_range[1] - data.x_range[0])
    y = top + SIDE * (1 - (points[:, 1] - data.y_range[0]) / (data.y_range[1] - data.y_range[0]))
    colors = ("#8a3b00", "#003f66", "#00573f", "#7a2f57", "#6b4a00")
    for px, py, label in zip(x.tolist(), y.tolist(), data.y_train.tolist(), strict=True):
        fill = "#444444" if data.task == "regression" else colors[int(label) % len(colors)]
        draw.ellipse((px - 1.5, py - 1.5, px + 1.5, py + 1.5), fill=fill)


def losses(
    draw: ImageDraw.ImageDraw, run: LanesRun, experiment: Experiment, newest: Experiment, rows: list[int],
    box: tuple[int, int, int, int], ink: str,
) -> None:  # fmt: skip
    """Each lane's training loss, on a logarithmic axis that holds the whole run."""
    left, top, right, bottom = box
    draw.rectangle(box, outline=ink)
    whole = newest.history.train_loss[:, rows]
    good = whole[np.isfinite(whole) & (whole > 0)]
    if not good.size or newest.updates == 0:
        return
    low, high = np.log10(good.min()), np.log10(min(good.max(), 100 * whole[0].max()))
    span = max(high - low, 1e-6)
    steps = experiment.history.steps
    for k, row in enumerate(rows):
        values = experiment.history.train_loss[:, row]
        use = np.isfinite(values) & (values > 0)
        x = left + (right - left) * steps[use] / newest.updates
        y = bottom - 3 - (bottom - top - 6) * np.clip((np.log10(values[use]) - low) / span, 0, 1)
        if use.sum() > 1:
            color = run.looks[k].color if len(rows) > 1 else theme.LANE_COLORS[run.view.dark][0]
            draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=color, width=2)


def gif(images: list[Image.Image]) -> bytes:
    """The pictures as an animated GIF that goes round for ever."""
    small = [image.quantize(128, dither=Image.Dither.NONE) for image in images]
    file = io.BytesIO()
    durations = [MILLISECONDS] * (len(small) - 1) + [12 * MILLISECONDS]
    small[0].save(file, "GIF", save_all=True, append_images=small[1:], duration=durations, loop=0)
    return file.getvalue()
