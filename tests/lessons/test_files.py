"""Lesson files: what a good one says, and where a broken one is broken."""

import pytest

from pages.shared.classroom.lesson import LessonError, read_lesson, shelf

GOOD = """title = "A"
minutes = 5
learns = "B"
order = 1

[[steps]]
text = "C"
link = "arena?data=spiral&lane1=opt:adam,lr:0.1"
do = "D"
question = "E?"
at = 50
choices = [
  {text = "F", claim = {what = "train loss", of = "SGD", below = 1}},
  {text = "G", claim = {what = "train loss", of = "SGD", above = 1}},
]
answer = 2
why = "H"

[[steps]]
text = "I"
link = "first_steps?view=downhill"
do = "J"
question = "K?"
choices = [{text = "L", claims = [{what = "state", at = 3, is = "running"}]}, {text = "M", claim = {what = "state", is = "diverged"}}]
answer = 1
why = "N"
"""


def test_a_file_says_what_its_steps_are():
    lesson = read_lesson("abc", GOOD)
    first, second = lesson.steps
    assert (lesson.title, lesson.minutes, lesson.learns, lesson.invites) == ("A", 5, "B", "")
    assert (first.page, dict(first.query)) == ("arena", {"data": "spiral", "lane1": "opt:adam,lr:0.1"})
    assert (first.at, first.answer, [choice.text for choice in first.choices]) == (50, 1, ["F", "G"])
    assert first.choices[0].claims[0].at == 50 and second.choices[0].claims[0].at == 3
    assert second.at is None and second.facts == ()
    assert lesson.query(1) == {"view": "downhill", "lesson": "abc.2"}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("minutes = 5", "minutes = ", 2, "invalid value"),
        ("minutes = 5", "minutes = 0", 2, "minutes is 0"),
        ("minutes = 5", 'minutes = "5"', 2, "not a whole number"),
        ("minutes = 5", "minutes = true", 2, "not a whole number"),
        ('title = "A"\n', "", 1, "has no title"),
        ('title = "A"', 'title = ""', 1, "0 characters"),
        ("order = 1", "order = 1\ncolor = 2", 5, "'color'"),
        ('do = "D"\n', "", 6, "step 1 has no do"),
        ('do = "J"\n', "", 19, "step 2 has no do"),
        ("answer = 2", "answer = 3", 16, "answer is 3"),
        ("answer = 2", "answer = 0", 16, "answer is 0"),
        ("answer = 2\n", "", 6, "step 1 has no answer"),
        ("at = 50", "at = 0", 11, "at is 0"),
        ("link = \"arena", "link = \"stadium", 8, "'stadium', which is no page"),
        ("link = \"arena", "link = \"../x", 8, "no page"),
        ('of = "SGD", below', 'of = "SGD", under', 13, "no 'under'"),
        ("claims = [{what = \"state\", at = 3, is = \"running\"}]", "claims = []", 24, "no claim"),
        ('{text = "M", claim', '{text = "M", color', 24, "has 'color'"),
        ('{text = "L", claims', '{txt = "L", claims', 24, "a choice is"),
        ("answer = 1", "answer = 1\ncovers = [1]", 26, "covers is [1]"),
        ("answer = 1", "answer = 1\nfacts = [1]", 26, "A claim is 1"),
        ("[[steps]]\ntext = \"I\"", "[[steps]\ntext = \"I\"", 19, ""),
    ],
)  # fmt: skip
def test_a_broken_file_names_its_line(old, new, line, said):
    assert old in GOOD
    with pytest.raises(LessonError) as caught:
        read_lesson("abc", GOOD.replace(old, new, 1))
    assert str(caught.value).startswith(f"abc.toml, line {line}: ") and said in str(caught.value)


def test_a_file_that_ends_too_soon_names_its_last_line():
    with pytest.raises(LessonError, match="line 14"):
        read_lesson("abc", GOOD[: GOOD.index("]\nanswer = 2")])


def test_a_broken_file_does_not_hide_the_others_and_a_mended_one_is_read_again(tmp_path):
    (tmp_path / "good.toml").write_text(GOOD, encoding="utf-8")
    bad = tmp_path / "bad.toml"
    bad.write_text("title = ", encoding="utf-8")
    (tmp_path / "bytes.toml").write_bytes(b"title = '\xff'")
    found = shelf(tmp_path)
    assert list(found.lessons) == ["good"]
    assert [problem.partition(":")[0] for problem in found.problems] == ["bad.toml, line 1", "bytes.toml"]
    bad.write_text(GOOD.replace('"A"', '"Mended"'), encoding="utf-8")
    assert shelf(tmp_path).lessons["bad"].title == "Mended"
