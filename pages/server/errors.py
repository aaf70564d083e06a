"""What a visitor sees where a page fails: one plain sentence. The log has the rest."""

import streamlit as st


def say_plainly(error: Exception) -> bool:
    """Streamlit's `on_script_error`: Streamlit has logged the error; its red box with our paths is not shown."""
    st.error(
        "This page failed while it was drawn, and the reason is in the server's log. Reload the page to go on: "
        "the address holds your settings.",
        icon=":material/error:",
    )
    return True
