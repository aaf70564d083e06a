"""One process keeps to one core: its threads hold the interpreter in turns, and handing it from core to core costs more
than half of the frames (20 players: 464 frames/s on one core, 160 on two). More cores are for more processes.

DESCENT_LAB_CORE=3 names the core, DESCENT_LAB_CORE=all leaves the process where the system puts it.
"""

from __future__ import annotations

import contextlib
import os

VARIABLE = "DESCENT_LAB_CORE"


def keep_to_one_core() -> int | None:
    """Keep this process to one of the cores that it may use; that core, or None where it was left alone.

    Threads that start later inherit it. (Only Linux has the call.) Which core: the process id spreads several servers.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted == "all" or not hasattr(os, "sched_setaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) == 1:
        return allowed[0]
    core = allowed[(int(wanted) if wanted.isdecimal() else os.getpid()) % len(allowed)]
    for thread in os.listdir("/proc/self/task"):  # `streamlit run` has started some before it came to us
        with contextlib.suppress(OSError):  # it has ended
            os.sched_setaffinity(int(thread), {core})
    return core
