"""The app with one address more, for tests: what the Arena's run on the server has done and is set to."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import JSONResponse  # noqa: E402
from starlette.routing import Route  # noqa: E402
from streamlit.runtime import get_instance  # noqa: E402

import app as served  # noqa: E402  it asks for one BLAS thread before NumPy loads


async def marks(_: Request) -> JSONResponse:
    """The last session's race: its marks (update, row, text), its lanes as a link, its updates, and which run it is."""
    session = get_instance()._session_mgr.list_active_sessions()[-1].session
    run = session.session_state["arena.state"].runs[""]
    return JSONResponse(
        dict(
            marks=[list(mark) for mark in run.experiment.history.marks],
            config=run.config.to_json(),
            updates=run.experiment.updates,
            run=run.run_id,
        )
    )


app = st.App(ROOT / "pages" / "navigation.py", routes=[Route("/marks", marks), *served.app._user_routes])
