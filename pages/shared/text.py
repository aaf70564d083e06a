"""Other people's words on the page: names from a link or a table, and messages that quote them, are text and no more."""

from __future__ import annotations

import html
import re

MARKDOWN = re.compile(
    r"[\\`*{}\[\]<>#|$~&]"  # code, emphasis, links, pictures, HTML, headings, tables, formulas, entities
    r"|(?<!\w)_|_(?!\w)"  # emphasis; not within a word
    r"|:(?=\S)"  # Streamlit's :red[…] and :material/…:; not before a space
    r"|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]"  # lists
)


ADDRESS = re.compile(r"(?<=:)(?=//)|(?i:(?<=www)(?=\.))|(?=@)")  # it is made a link even if escaped
JOINER = "\u2060"  # takes no room


def plain_text(words: str, longest: int = 120) -> str:
    """Words with nothing in them that Streamlit's Markdown would act on, in one line."""
    line = "".join(c if c.isprintable() else " " for c in words[:longest]).strip()
    return ADDRESS.sub(JOINER, MARKDOWN.sub(lambda found: f"\\{found[0]}", line))


def figure_text(words: str, longest: int = 120) -> str:
    """Words with nothing in them that Plotly would take for a tag, an entity or a value (%{x}) of its own."""
    return html.escape(words[:longest], quote=False).replace("%", "&#37;").replace("$", "&#36;")
