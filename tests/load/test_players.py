"""The load client itself: it speaks Streamlit's protocol and keeps the browser's pace."""

import asyncio
import re

from tests import apart
from tests.load import player
from tests.load.__main__ import Class
from tests.load.servers import ROOT, Server, serve


def test_students_open_the_page_play_and_move_the_rate() -> None:
    async def lesson(server: Server) -> list[player.Seen]:
        students = Class(server, 2, "", every=0.5)
        await students.come(0)
        await students.usable(60)
        for _ in range(600):  # no timing: as long as it takes, at most a minute
            await asyncio.sleep(0.1)
            if all(one.seen.frames > 10 and one.seen.controls for one in students.players):
                break
        await students.go()
        return [one.seen for one in students.players]

    with serve() as server:
        for seen in apart.run(lesson(server)):
            assert seen.frames > 10
            assert seen.controls, "no moved rate was answered"
            assert not seen.errors
        assert not server.trouble()


def test_the_client_keeps_the_pace_of_the_panel() -> None:
    script = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "assets" / "live").glob("*.js"))

    def constant(name: str) -> float:
        found = re.search(rf"\b{name} = ([\d.]+)", script)
        assert found, f"{name} is not in the panel's scripts"
        return float(found[1])

    assert constant("TARGET_FPS") == player.TARGET_FPS
    assert constant("LOST_AFTER_MS") == 1000 * player.LOST_AFTER
    assert constant("MOST_FRAMES") == player.MOST_FRAMES
