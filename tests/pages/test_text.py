"""Other people's words are text: nothing in them is Markdown, HTML or Plotly's."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.text import JOINER, figure_text, plain_text

ATTACKS = {
    "![x](http://evil.example/x.png)": r"!\[x\](http\:" + JOINER + "//evil.example/x.png)",
    "[x](javascript:alert(1))": r"\[x\](javascript\:alert(1))",
    "<img src=x onerror=alert(1)>": r"\<img src=x onerror=alert(1)\>",
    ":red[danger] :material/home:": r"\:red\[danger\] \:material/home:",
    "www.evil.example": f"www{JOINER}.evil.example",
    "a@evil.example": f"a{JOINER}@evil.example",
    "$\\frac{1}{2}$": r"\$\\frac\{1\}\{2\}\$",
    "**bold** _it_ `code` ~~no~~": r"\*\*bold\*\* \_it\_ \`code\` \~\~no\~\~",
    "# head": r"\# head",
    "1. list": r"1\. list",
    "one\n\n# two": r"one  \# two",
}


@pytest.mark.parametrize("words", ATTACKS)
def test_markdown_is_text(words):
    assert plain_text(words) == ATTACKS[words]


def test_sentences_of_ours_are_left_as_they_are():
    sentence = "learning_rate is 9 in the link: the largest is 0.5 (see above); 0.5 is used instead."
    assert plain_text(sentence) == sentence


@given(st.text(max_size=80))
def test_every_character_with_a_meaning_is_escaped(words):
    escaped = plain_text(words)
    assert "\n" not in escaped
    assert not re.search(r"(?<!\\)(\\\\)*[`*{}\[\]<>#|$~&]", escaped)
    assert not re.search(r"(?<!\\)(\\\\)*:(?=\S)", escaped)


@given(st.text(max_size=80))
def test_plotly_finds_no_tag_no_entity_and_no_value(words):
    escaped = figure_text(words)
    assert not set(escaped) & set("<>%$")
    assert re.sub(r"&(amp|lt|gt|#37|#36);", "", escaped).count("&") == 0


def test_long_words_are_cut():
    assert len(plain_text("a" * 5000)) == 120
    assert len(figure_text("a" * 5000)) == 120
