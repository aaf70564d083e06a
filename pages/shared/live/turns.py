"""One at a time: Streamlit begins the next run of a page while the last is still at work, until it next draws something.

Both have the same session, and so the same experiments: who wants to use them takes turns.
"""

from __future__ import annotations

import threading

from pages.shared import session


def my_turn() -> threading.RLock:
    """The session's lock, for a `with` around everything that a run does. A run that is to stop gives it up when it
    next draws, so the wait is short.
    """
    return session.of("session.turns", threading.RLock)
