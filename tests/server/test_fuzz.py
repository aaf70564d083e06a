"""Widget values of any type, sent to a real server: the page is drawn, or says plainly that it could not be."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests import apart
from tests.load.servers import serve
from tests.load.wire import Tab


@pytest.fixture(scope="module")
def address():
    with serve() as running:
        yield running.address


def strings(values):
    state = WidgetState()
    state.string_array_value.data.extend(values)
    return state


def integers(values):
    state = WidgetState()
    state.int_array_value.data.extend(values)
    return state


def doubles(values):
    state = WidgetState()
    state.double_array_value.data.extend(values)
    return state


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
STATES = st.one_of(
    st.builds(lambda value: WidgetState(bool_value=value), st.booleans()),
    st.builds(lambda value: WidgetState(int_value=value), st.integers(-(2**62), 2**62)),
    st.builds(lambda value: WidgetState(double_value=value), st.floats()),
    st.builds(lambda value: WidgetState(string_value=value), TEXT),
    st.builds(lambda value: WidgetState(json_value=value), TEXT),
    st.builds(lambda value: WidgetState(bytes_value=value), st.binary(max_size=12)),
    st.builds(strings, st.lists(TEXT, max_size=3)),
    st.builds(integers, st.lists(st.integers(-(2**62), 2**62), max_size=3)),
    st.builds(doubles, st.lists(st.floats(), max_size=3)),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    states=st.lists(STATES, min_size=1, max_size=3),
    places=st.lists(st.integers(0, 50), min_size=3, max_size=3),
)
def test_widget_values_of_any_type_get_no_traceback(address, states, places):
    async def lesson():
        tab = Tab(address, "", "", lambda data: None)
        await tab.connect()
        listening = asyncio.create_task(tab.listen())
        await until(lambda: tab.finished >= 1)
        for state, place in zip(states, places, strict=False):
            one = WidgetState()
            one.CopyFrom(state)
            one.id = tab.ids[place % len(tab.ids)]
            tab.widgets[one.id] = one
        await tab.rerun()
        await until(lambda: tab.finished >= 2)
        listening.cancel()
        await tab.close()
        return tab

    tab = apart.run(lesson())
    for message in [*tab.errors, *tab.alerts]:
        assert ".py" not in message
        assert "Traceback" not in message


async def until(condition, seconds=30):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)
