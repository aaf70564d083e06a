"""Static files whose text is compressed once for all visitors, not once for each."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

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
