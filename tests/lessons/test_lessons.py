"""Every claim of every lesson, trained and looked at."""

import pytest

from pages.shared.classroom.lesson import shelf
from tests.lessons.trained import looking

SHELF = shelf()
STEPS = [(name, k) for name, lesson in SHELF.lessons.items() for k in range(len(lesson.steps))]


def test_every_file_is_a_lesson_and_there_are_fourteen():
    assert not SHELF.problems and len(SHELF.lessons) >= 14


@pytest.mark.parametrize(("name", "k"), STEPS, ids=[f"{name}-{k + 1}" for name, k in STEPS])
def test_the_answer_is_what_happens_and_no_other_choice_is(name, k):
    step = SHELF.lessons[name].steps[k]
    look = looking(step)
    holds = [[claim.holds(look) for claim in choice.claims] for choice in step.choices]
    said = {
        claim.what: dict(look(claim.what, claim.at)) for choice in step.choices for claim in choice.claims
    }
    assert [all(each) for each in holds] == [n == step.answer for n in range(len(holds))], said
    for fact in step.facts:
        assert fact.holds(look), (fact, dict(look(fact.what, fact.at)))
