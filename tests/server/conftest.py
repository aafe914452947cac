"""A server for the tests, and a question with its answer."""

import json

import pytest
from tests.server.running import start


@pytest.fixture(scope="session")
def server():
    running, uvicorn_server, thread = start()
    yield running
    uvicorn_server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def ask():
    from ketasim.server.frames import decode

    async def _ask(ws, **message):
        """Send, and read until the answer to this id."""
        await ws.send(json.dumps(message))
        while True:
            answer = await ws.recv()
            head, arrays = decode(answer) if isinstance(answer, bytes) else (json.loads(answer), {})
            if head.get("id") == message.get("id"):
                return head, arrays

    return _ask
