"""Several processes behind HAProxy: what is started with what, and what is started again."""

import os
import sys
import time

import pytest

from pages.server import __main__ as several
from pages.server import cores


def test_the_proxy_knows_every_process_and_keeps_a_browser_with_its_own():
    text = several.proxy_settings("0.0.0.0:8501", [9001, 9002, 9003])
    assert "bind 0.0.0.0:8501" in text
    for k, port in enumerate((9001, 9002, 9003), 1):
        assert f"server w{k} 127.0.0.1:{port} cookie w{k} check" in text
    assert "cookie DL insert" in text
    assert text.count("{servers}") == 1  # in the comment that tells about it


def test_processes_share_a_secret_and_have_a_core_each(monkeypatch):
    monkeypatch.setenv(several.SECRET, "good")
    monkeypatch.delenv(cores.VARIABLE, raising=False)
    kept = several.workers([9001, 9002], ["lab.example"])
    assert [one.environment[several.SECRET] for one in kept] == ["good", "good"]
    assert [one.environment[cores.VARIABLE] for one in kept] == ["0", "1"]
    assert kept[0].environment["STREAMLIT_SERVER_ALLOWED_HOSTS"] == "lab.example,localhost,127.0.0.1"
    assert "--server.port=9002" in kept[1].command


def test_a_secret_is_made_once_and_is_nobody_elses_to_read(monkeypatch, tmp_path):
    monkeypatch.delenv(several.SECRET, raising=False)
    monkeypatch.setattr(several, "ROOT", tmp_path)
    (tmp_path / ".streamlit").mkdir()
    secret = several.cookie_secret()
    assert len(secret) == 64
    assert several.cookie_secret() == secret
    assert (tmp_path / ".streamlit" / "cookie_secret").stat().st_mode & 0o077 == 0


def test_without_a_proxy_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(several, "find_proxy", lambda: None)
    with pytest.raises(SystemExit, match="apt install haproxy"):
        several.serve(2, "127.0.0.1", 8501, [])


def test_a_process_that_died_is_started_again(monkeypatch):
    monkeypatch.setattr(several, "QUICK", 0.0)
    one = several.Kept("Sleeper", [sys.executable, "-c", "import time; time.sleep(600)"], dict(os.environ))
    one.look()
    first = one.process.pid
    one.look()
    assert one.process.pid == first
    one.process.kill()
    one.process.wait()
    one.look()
    assert one.process.pid != first
    one.stop()
    assert one.process.poll() is not None


def test_a_process_that_dies_at_once_is_not_started_in_a_tight_loop(monkeypatch):
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    one = several.Kept("Broken", [sys.executable, "-c", "raise SystemExit(3)"], {})
    for _ in range(3):
        one.look()
        one.process.wait()
    assert waits == [1, 1]
