"""A real server on a free port, in its own thread."""

import socket
import threading
import time
from contextlib import asynccontextmanager

import pytest

pytest.importorskip("fastapi", reason="the app needs the extra [app]")
uvicorn = pytest.importorskip("uvicorn", reason="the app needs the extra [app]")
websockets = pytest.importorskip("websockets", reason="the app needs the extra [app]")


class Running:
    """Where the server is, and how to reach it."""

    def __init__(self, port):
        self.port, self.http, self.ws = port, f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws"

    @asynccontextmanager
    async def talk(self, **options):
        async with websockets.connect(
            self.ws, max_size=2**24, **{"origin": f"http://localhost:{self.port}", **options}
        ) as ws:
            yield ws


def start(warm=False, port=0):
    from ketasim.server.app import application
    from ketasim.server.limits import MESSAGE_BYTES, Place

    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    place = Place("127.0.0.1", bound.getsockname()[1])
    server = uvicorn.Server(
        uvicorn.Config(
            application(place, warm), log_level="error", ws_max_size=MESSAGE_BYTES, ws="websockets-sansio",
            ws_per_message_deflate=False, server_header=False, lifespan="on",
        )
    )  # fmt: skip
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    return Running(place.port), server, thread
