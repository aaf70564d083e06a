"""A component of our own: a module in `assets` that is loaded from the server's folder."""

from __future__ import annotations

from typing import Any

import streamlit as st

SCRIPT = """
const ready = import(new URL("assets/%s", document.baseURI).href);
export default function (component) {
  let close = null, closed = false;
  ready.then((module) => { if (!closed) close = module.default(component); });
  return () => { closed = true; close?.(); };
}
"""


def asset_component(name: str, module: str) -> Any:
    """A component whose module's default export is called with it, and gives a function that takes it down."""
    return st.components.v2.component(
        f"descent_lab_{name}", html="<div></div>", js=SCRIPT % module, isolate_styles=False
    )
