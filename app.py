"""Descent Lab: `streamlit run app.py`. Serves the pages, the live panel's scripts and Plotly's own."""

from pathlib import Path

import pandas  # noqa: F401  whole before the first session: Plotly looks at it while another session may still import it
import streamlit as st
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

ROOT = Path(__file__).parent

app = st.App(
    ROOT / "pages" / "navigation.py",
    routes=[
        Mount("/assets/live", StaticFiles(directory=ROOT / "assets" / "live")),
        Mount("/assets/picture", StaticFiles(directory=ROOT / "assets" / "picture")),
        Mount("/assets/plotly", StaticFiles(packages=[("plotly", "package_data")])),
    ],
)
