"""Static files whose text is compressed once for all visitors, not once for each; Streamlit's own are kept in memory."""

from __future__ import annotations

import gzip
import mimetypes
import os
from pathlib import Path
from typing import ClassVar

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

TEXT = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".csv": "text/csv",
    ".html": "text/html",
}


class CompressedFiles(StaticFiles):
    """Browsers keep a file and ask each time whether it is still the same (ETag): an answer without a body."""

    def __init__(
        self, directory: str | Path | None = None, packages: list[str | tuple[str, str]] | None = None
    ) -> None:
        super().__init__(directory=directory, packages=packages)
        self._packed: dict[
            str, tuple[float, bytes]
        ] = {}  # path -> time of the change, gzip; files of ours only

    def pack(self, full_path: os.PathLike[str] | str) -> bytes:
        """The file as gzip: compressed when it is first asked for, and after it has changed."""
        path, changed = str(full_path), os.stat(full_path).st_mtime
        if path not in self._packed or self._packed[path][0] != changed:
            self._packed[path] = changed, gzip.compress(Path(path).read_bytes(), compresslevel=6, mtime=0)
        return self._packed[path][1]

    def find(self, path: str) -> str:
        """The full path of a file that is served."""
        return str(self.lookup_path(path)[0])

    def file_response(
        self,
        full_path: os.PathLike[str] | str,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        headers = Headers(scope=scope)
        media_type = TEXT.get(Path(full_path).suffix)
        if media_type is None or "gzip" not in headers.get("accept-encoding", ""):
            response = super().file_response(full_path, stat_result, scope, status_code)
            response.headers["Cache-Control"] = "no-cache"
            return response
        response = Response(
            self.pack(full_path), status_code, media_type=media_type,
            headers={
                "Content-Encoding": "gzip",
                "Vary": "Accept-Encoding",
                "Cache-Control": "no-cache",  # keep it, but ask
                "ETag": f'"{stat_result.st_mtime_ns:x}-{stat_result.st_size:x}-gzip"',
            },
        )  # fmt: skip
        return (
            NotModifiedResponse(response.headers)
            if self.is_not_modified(response.headers, headers)
            else response
        )


class StreamlitFiles:
    """Middleware that answers for Streamlit's scripts, styles and fonts from memory.

    A first visit asks for more than a hundred of them. Streamlit reads each from the disk, in a thread, uncompressed: for a
    class that opens a link together, that is half of the server's work. A name holds a hash of what is in the file, so
    browsers may keep it for a year, as Streamlit allows them too.
    """

    KEEP: ClassVar = {"Cache-Control": "public, immutable, max-age=31536000", "Vary": "Accept-Encoding"}

    def __init__(self, app: ASGIApp) -> None:
        root = Path(st.__file__).parent / "static"
        self.app = app
        self.paths = {
            f"/{path.relative_to(root).as_posix()}": path for path in (root / "static").rglob("*.*")
        }
        self.answers: dict[tuple[str, bool], Response] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and scope["method"] == "GET" and path in self.paths:
            await self.answer(path, "gzip" in Headers(scope=scope).get("accept-encoding", ""))(
                scope, receive, send
            )
        else:
            await self.app(scope, receive, send)

    def answer(self, path: str, takes_gzip: bool) -> Response:
        """The whole file, made when it is first asked for."""
        if (path, takes_gzip) not in self.answers:
            self.answers[path, takes_gzip] = self.make(self.paths[path], takes_gzip)
        return self.answers[path, takes_gzip]

    def make(self, file: Path, takes_gzip: bool) -> Response:
        body, media_type = file.read_bytes(), TEXT.get(file.suffix)
        if media_type is None or not takes_gzip:
            return Response(
                body, media_type=media_type or mimetypes.guess_type(file.name)[0], headers=self.KEEP
            )
        return Response(
            gzip.compress(body, compresslevel=6, mtime=0),
            media_type=media_type,
            headers={**self.KEEP, "Content-Encoding": "gzip"},
        )
