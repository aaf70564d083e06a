"""The workers that sweeps use (engine/studies/sweep.py): a Dask cluster's, where DESCENT_LAB_SCHEDULER names its scheduler,
such as tcp://host:8786; otherwise sweeps train in this process. All sessions share one connection.

Workers need the app's folder on their PYTHONPATH and the same packages as the app (requirements-cluster.txt).
"""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import Executor
from functools import partial
from importlib import import_module
from typing import Any

from engine.studies.sweep import Connect

VARIABLE = "DESCENT_LAB_SCHEDULER"
PATIENCE = 5.0  # seconds that a scheduler has to answer
AGAIN_AFTER = 60.0  # seconds until one that did not answer is asked again

_lock = threading.Lock()
_clients: dict[str, Any] = {}
_silent: dict[str, tuple[float, str]] = {}  # when a scheduler did not answer, and why


def workers() -> Connect | None:
    """What reaches the cluster's workers, to be given to a sweep; None without a cluster."""
    address = os.environ.get(VARIABLE, "").strip()
    return partial(executor, address) if address else None


def executor(address: str) -> Executor:
    """The workers of the scheduler at `address`. Raises `OSError` with a sentence where it does not answer."""
    with _lock:
        client = _clients.get(address)
        if client is None or client.status != "running":
            client = _clients[address] = _connected(address)
    result: Executor = client.get_executor(pure=False)
    return result


def _connected(address: str) -> Any:
    when, why = _silent.get(address, (-AGAIN_AFTER, ""))
    if time.monotonic() - when < AGAIN_AFTER:
        raise OSError(why)
    try:
        distributed: Any = import_module("distributed")
        return distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception as error:  # no package, no such address, no answer: Dask has errors of its own for each
        why = f"the scheduler {address} does not answer: {type(error).__name__}"
        _silent[address] = (time.monotonic(), why)
        raise OSError(why) from error


def close() -> None:
    """Leave all clusters."""
    with _lock:
        for client in _clients.values():
            client.close()
        _clients.clear()
        _silent.clear()
