"""The script that app.py serves: page settings and the way from page to page."""

import streamlit as st

st.set_page_config(page_title="Descent Lab", page_icon="📉", layout="wide", initial_sidebar_state=310)

page = st.navigation(
    [st.Page("playground.py", title="Playground", icon=":material/play_circle:", default=True)],
    position="hidden",
)
page.run()
