"""A telephone line between browser and server that a test can cut."""

import asyncio
import threading


class Line:
    """Forwards a port of this machine to the server's, until `cut`; after `mend` again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.loop = asyncio.new_event_loop()
        self.writers: set[asyncio.StreamWriter] = set()
        self.is_cut = False
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.server = self._run(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=10)

    async def _connected(self, reader, writer):
        if self.is_cut:
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers |= {writer, back}
        await asyncio.gather(self._copy(reader, back), self._copy(there, writer))

    async def _copy(self, reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()
        self.writers.discard(writer)

    def cut(self) -> None:
        self.is_cut = True
        self.loop.call_soon_threadsafe(lambda: [writer.transport.abort() for writer in list(self.writers)])

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        async def end():
            self.server.close()
            for writer in list(self.writers):
                writer.transport.abort()
            await asyncio.sleep(0.2)

        self._run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
