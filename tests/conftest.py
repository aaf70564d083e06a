"""One BLAS thread for all tests, as in the app: it must be asked for before any test loads NumPy."""

from engine import threads as threads  # isort: skip  (first)

import pytest
from hypothesis import settings

# no test fails because the machine is slow
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test in a browser that fails is tried once more: a shared machine may stand still for longer than a browser waits."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))
