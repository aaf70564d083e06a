"""The script that app.py serves: page settings and the way from page to page."""

import streamlit as st

from pages.shared.live.turns import my_turn

# first of all: a browser that hears of the pages before it has an icon asks another site for theirs
st.set_page_config(page_icon="📉", layout="wide", initial_sidebar_state=310)

PAGES = [
    st.Page("playground/playground.py", title="Playground", icon=":material/play_circle:", default=True),
    st.Page("lessons/lessons.py", title="Lessons", icon=":material/school:"),
    st.Page("arena/arena.py", title="Arena", icon=":material/stadium:"),
    st.Page("learning_rate/learning_rate.py", title="Learning rate", icon=":material/speed:"),
    st.Page("landscape/landscape.py", title="Landscape", icon=":material/landscape:"),
    st.Page("first_steps/first_steps.py", title="First steps", icon=":material/directions_walk:"),
    st.Page("backpropagation/backpropagation.py", title="Backpropagation", icon=":material/conversion_path:"),
    st.Page("units/units.py", title="Units", icon=":material/layers:"),
    st.Page("generalisation/generalisation.py", title="Generalisation", icon=":material/radar:"),
    st.Page("capacity/capacity.py", title="Capacity", icon=":material/hub:"),
    st.Page("lectures/lectures.py", title="Lectures", icon=":material/menu_book:"),
]
# on a phone Streamlit's menu of pages is behind a button: there each is one tap away
PHONE = """<style>
@media (min-width: 761px) { :has(> .st-key-pages) { display: none; } }
@media (max-width: 760px) {
  .st-key-pages { flex-flow: row nowrap; gap: .2rem; overflow-x: auto; }
  .st-key-pages > div { flex: none; width: auto; }
}
</style>"""
page = st.navigation(PAGES, position="top")
st.html(PHONE)
with st.container(horizontal=True, key="pages"):
    for each in PAGES:
        st.page_link(each)
st.set_page_config(f"{page.title} · Descent Lab")
with my_turn():
    page.run()
