"""What the browser must know of the points and surfaces beside their formulas."""

from __future__ import annotations

from typing import Any

from engine.surfaces.functions import FUNCTIONS
from engine.surfaces.line_fit import the_points


def points_of(dark: bool = False) -> dict[str, Any]:
    """The page's own twenty points."""
    fit = the_points()
    return dict(x=fit.x.tolist(), y=fit.y.tolist())


def surface_facts(*keys: str) -> dict[str, dict[str, Any]]:
    """What the browser must know of a function beside its formula."""
    facts: dict[str, dict[str, Any]] = {}
    for key in keys:
        if key == "line":
            fit = the_points()
            facts[key] = dict(
                label="Line fit", box=[[-2.0, 2.0], [-2.0, 2.0]], start=[-1.5, 1.5], rate=0.1, minima=[fit.best.tolist()],
                least=fit.least, curvature=float(fit.eigen[0][-1]), convex=True, horizon=8.0, top=40.0,
            )  # fmt: skip
            continue
        function = FUNCTIONS[key]
        facts[key] = dict(
            label=function.label, box=[list(side) for side in function.box], start=list(function.start),
            rate=function.rate, minima=[list(place) for place in function.minima], **_SHAPE[key],
        )  # fmt: skip
    return facts


# the least value, the largest curvature at the minimum (where there is one), whether it is convex, how long the flow is drawn
_SHAPE: dict[str, dict[str, Any]] = {
    "ravine": dict(least=0.0, curvature=1.0, convex=True, horizon=60.0, top=10.0),
    "unit": dict(least=0.0, curvature=0.4, convex=False, horizon=2000.0, top=1.0),
    "rosenbrock": dict(least=0.0, curvature=1001.6, convex=False, horizon=3.0, top=800.0),
    "saddle": dict(least=-0.25, curvature=2.0, convex=False, horizon=12.0, top=3.0),
}
