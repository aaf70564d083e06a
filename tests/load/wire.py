"""One browser tab without a browser: Streamlit's WebSocket, its messages, and the live panel among them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState

PANEL = "descent_lab_live"


class Tab:
    """A session. `on_panel` is called with every new answer for the live panel."""

    def __init__(
        self, address: str, page: str, query: str, on_panel: Callable[[dict[str, Any]], None]
    ) -> None:
        self.address = address  # http://host:port
        self.page, self.query = page, query
        self.on_panel = on_panel
        self.cookies: dict[str, str] = {}
        self.page_hash = self.fragment = self.panel = ""
        self.sliders: dict[str, Slider] = {}  # label -> the select slider
        self.widgets: dict[str, WidgetState] = {}  # what this tab has set
        self.errors: list[str] = []  # red boxes on the page
        self.alerts: list[str] = []  # sentences of the page, such as warnings
        self.ids: list[str] = []  # of the widgets, as they come
        self.finished = 0  # runs of the script, whole or a fragment
        self.received = 0  # bytes
        self._batch: str | None = None
        self._socket: websockets.ClientConnection | None = None

    async def connect(self) -> None:
        """Open the WebSocket as the browser does, with the cookies it has, and ask for the page."""
        headers = {"Origin": self.address}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._socket = await websockets.connect(
            f"ws{self.address.removeprefix('http')}/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit"), websockets.Subprotocol(secrets.token_hex(8))],
            additional_headers=headers, max_size=None, open_timeout=30, compression=None,
        )  # fmt: skip
        response = self._socket.response
        for cookie in response.headers.get_all("Set-Cookie") if response else []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value  # the proxy's: it says which process has this session
        await self.rerun()

    async def listen(self) -> None:
        """Read until the connection is lost."""
        assert self._socket is not None
        async for data in self._socket:
            assert isinstance(data, bytes)
            self.received += len(data)
            self._read(ForwardMsg.FromString(data))

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    def _read(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page_hash = message.new_session.page_script_hash
        elif kind == "script_finished":
            self.finished += 1
        elif kind == "delta" and message.delta.HasField("new_element"):
            element = message.delta.new_element
            what = element.WhichOneof("type") or ""
            found: Any = getattr(element, what, None)
            if getattr(found, "id", "") and what != "bidi_component":
                self.ids.append(found.id)
            if what == "slider" and element.slider.options:
                self.sliders[element.slider.label] = element.slider
            elif what == "exception":
                self.errors.append("\n".join([element.exception.message, *element.exception.stack_trace]))
            elif what == "alert":
                self.alerts.append(element.alert.body)
            elif what == "bidi_component" and element.bidi_component.component_name == PANEL:
                self.panel, self.fragment = element.bidi_component.id, message.delta.fragment_id
                panel = element.bidi_component
                self._answer(json.loads(panel.bytes or panel.json))

    def _answer(self, data: dict[str, Any]) -> None:
        if data.get("batch") not in (
            None,
            self._batch,
        ):  # the same batch again: Streamlit drew the panel once more
            self._batch = data["batch"]
            self.on_panel(data)

    async def rerun(self, trigger: WidgetState | None = None, fragment: str = "") -> None:
        assert self._socket is not None
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id = self.query, self.page_hash, fragment
        if not self.page_hash:
            state.page_name = self.page
        state.context_info.color_scheme = "light"
        state.widget_states.widgets.extend(self.widgets.values())
        if trigger is not None:
            state.widget_states.widgets.append(trigger)
        await self._socket.send(message.SerializeToString())

    async def pull(self, request: Mapping[str, Any]) -> None:
        """What `setTriggerValue("pull", request)` sends."""
        trigger = WidgetState(
            id=f"$$STREAMLIT_INTERNAL_KEY_{self.panel}__events",
            json_trigger_value=json.dumps([{"event": "pull", "value": request}]),
        )
        await self.rerun(trigger, self.fragment)

    async def slide(self, label: str, steps: int) -> None:
        """Move a select slider by `steps` places, as the arrow keys do."""
        slider = self.sliders[label]
        options, values = list(slider.options), self.widgets.get(slider.id)
        now = values.string_array_value.data[0] if values else (slider.raw_value or [options[0]])[0]
        place = min(max(options.index(now) + steps, 0), len(options) - 1)
        state = WidgetState(id=slider.id)
        state.string_array_value.data.append(options[place])
        self.widgets[slider.id] = state
        await self.rerun()
