"""Whether what is drawn now stands on the left of the page."""

from __future__ import annotations

from streamlit.delta_generator_singletons import context_dg_stack
from streamlit.proto.RootContainer_pb2 import RootContainer


def is_left() -> bool:
    """Whether a widget that is drawn now gets its place in the sidebar."""
    stack = context_dg_stack.get()
    place = getattr(stack[-1], "_root_container", None) if stack else None  # there is no public name for it
    return place == RootContainer.SIDEBAR
