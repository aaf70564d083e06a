"""Descent Lab: `streamlit run app.py`. Serves the pages, the live panel's scripts and Plotly's own."""

from pages.server import first as first  # isort: skip

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pandas  # noqa: F401  whole before the first session: Plotly looks at it while another session may still import it
import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from pages.server.errors import say_plainly
from pages.server.memory import Tabs, kept_small
from pages.server.scripts import CompressedFiles
from pages.server.web import middleware
from pages.shared.figures.thumbnails import thumbnail

ROOT = Path(__file__).parent
plotly = CompressedFiles(packages=[("plotly", "package_data")])
tabs = Tabs()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    await to_thread.run_sync(
        plotly.pack, plotly.find("plotly.min.js")
    )  # before the first visitor waits for it
    async with kept_small(tabs):
        yield


def data_set_picture(request: Request) -> Response:
    """The picture of a data set, to choose it by."""
    try:
        svg = thumbnail(request.path_params["key"])
    except KeyError:
        return Response(status_code=404)
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


app = st.App(
    ROOT / "pages" / "navigation.py",
    routes=[
        Route("/assets/datasets/{key}.svg", data_set_picture),
        Mount("/assets/plotly", plotly),
        Mount("/assets", CompressedFiles(directory=ROOT / "assets")),
    ],
    middleware=[Middleware(tabs.middleware), *middleware()],
    lifespan=lifespan,
    on_script_error=say_plainly,
)
