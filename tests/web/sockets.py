"""A socket with one of our readers of requests behind it, for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(
    app: Starlette, made: Callable[..., asyncio.Protocol], headers: list[tuple[bytes, bytes]] | None = None
) -> AsyncIterator[Connection]:
    """A connection to the app; ``headers`` are the server's own, on every answer."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, ws="none")
    config.load()
    state = uvicorn.Server(config).server_state
    state.default_headers = headers or []
    loop = asyncio.get_running_loop()
    server: Any = await loop.create_server(lambda: made(config, state, {}), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
