"""Learning rate: too small, right, or too big? Six views of one question, one at a time."""

from __future__ import annotations

import streamlit as st

from engine.options import Option
from pages.learning_rate import finder as rate_finder
from pages.learning_rate import ladder as rate_ladder
from pages.learning_rate import picture as rate_picture
from pages.learning_rate import rate_map
from pages.learning_rate import schedules as rate_schedules
from pages.learning_rate import stability as rate_gauge
from pages.learning_rate.common import SHARED, come_back, follow_wish, page_of
from pages.shared.late_links import is_late, mark_replaced
from pages.shared.widgets.experiment import read_url

VIEWS = {
    "picture": rate_picture, "ladder": rate_ladder, "finder": rate_finder, "map": rate_map,
    "schedules": rate_schedules, "stability": rate_gauge,
}  # fmt: skip
LABELS = {
    "picture": "Picture", "ladder": "Ladder", "finder": "Finder", "map": "Map", "schedules": "Schedules", "stability": "Stability",
}  # fmt: skip
VIEW = Option("view", "picture", "View", "Which of the six views.", choices=tuple(VIEWS))


def switch_view() -> None:
    """If another view was chosen, put its link into the URL: as it was left, with the data and network of the last view
    that had some. Not a callback: what one does to the URL is lost when Streamlit runs it for the live panel alone.
    """
    chosen, shown = st.session_state.get("view"), st.session_state.get("rate_view")
    written = st.session_state.get("written_queries", {})
    if chosen not in VIEWS or shown not in VIEWS or st.session_state["page_shown"] != page_of(shown):
        return
    now = st.query_params.to_dict()
    if chosen != shown:
        query = dict(written.get(page_of(chosen), {})) or dict(VIEWS[chosen].DEFAULTS)
        if VIEWS[chosen].SHARES:
            query = {key: value for key, value in query.items() if key.partition(".")[0] not in SHARED}
            query |= st.session_state.get("rate_shared", {})
        st.query_params.from_dict(query | {"view": chosen})
        mark_replaced(page_of(chosen), now)
    elif page_of(shown) in written and is_late(page_of(shown), now):
        st.query_params.from_dict(written[page_of(shown)])


follow_wish()
come_back(tuple(VIEWS))
switch_view()
view = st.query_params.get("view", VIEW.default)
view = view if view in VIEWS else VIEW.default
if set(st.query_params) == {"view"} and VIEWS[view].DEFAULTS:
    st.query_params.from_dict({"view": view} | VIEWS[view].DEFAULTS)
st.session_state["rate_view"] = view
parameters = {"view": VIEW} | VIEWS[view].PARAMETERS
problems = read_url(page_of(view), parameters)
if st.session_state.pop("wanted_seed", None) is not None:
    st.session_state["seed"] = (st.session_state["seed"] + 1) % 10_000

with st.container(
    horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="rate_head"
):
    st.markdown("#### Learning rate · too small, right, or too big?")
    st.segmented_control(
        "View", list(VIEWS), key="view", format_func=lambda key: LABELS.get(key, key), label_visibility="collapsed",
        required=True,
    )  # fmt: skip
for problem in problems:
    st.warning(problem, icon=":material/link_off:")
VIEWS[view].show(page_of(view), parameters)
