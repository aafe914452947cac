"""One WebSocket: messages in, frames out. For each kind of question the newest wins; older ones are never computed."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from ketasim.core.errors import InputError, KetasimError
from ketasim.server import courses, explore, networks, population, sessions, weeks
from ketasim.server import messages as m
from ketasim.server.jobs import Job, Jobs
from ketasim.server.limits import MESSAGE_BYTES, MESSAGES_A_SECOND

ANSWERS: dict[str, Callable[[Any], bytes]] = {
    "curves": explore.curves,
    "bands": explore.bands,
    "spectrum": explore.spectrum,
    "ensemble": explore.ensemble,
    "observed": explore.observed,
    "inverse": explore.inverse,
    "network": networks.network,
    "weeks": weeks.weeks,
    "session": sessions.session,
    "course": courses.course,
}
LOG = logging.getLogger("ketasim.server")


class Connection:
    """A client. One question of each kind runs at a time; one more may wait and is replaced by newer ones."""

    def __init__(self, socket: Any, pool: Executor, jobs: Jobs) -> None:
        self.socket, self.pool, self.jobs = socket, pool, jobs
        self.name = secrets.token_hex(8)
        self._waiting: dict[str, Any] = {}
        self._running: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._seconds: tuple[int, int] = (0, 0)

    async def serve(self) -> None:
        """Until the client leaves or misbehaves."""
        from starlette.websockets import WebSocketDisconnect

        await self.socket.accept()
        try:
            while True:
                message = await self.socket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                text = message.get("text")
                if text is None or len(text) > MESSAGE_BYTES:
                    await self.socket.close(1003 if text is None else 1009)
                    break
                if self._too_fast():
                    await self.socket.close(1008, "too many messages")
                    break
                await self._take(text)
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self.jobs.forget(self.name)
            for task in self._tasks:
                task.cancel()

    def _too_fast(self) -> bool:
        second = int(time.monotonic())
        count = self._seconds[1] + 1 if self._seconds[0] == second else 1
        self._seconds = (second, count)
        return count > MESSAGES_A_SECOND

    async def _take(self, text: str) -> None:
        try:
            asked = m.read(text)
        except InputError as error:
            await self._say({"type": "error", "id": None, "kind": "message", "words": str(error)})
            return
        except (ValueError, RecursionError):
            await self._say({"type": "error", "id": None, "kind": "message", "words": "a message is JSON text"})
            return
        if asked.type == "ping":
            await self._say({"type": "pong", "id": asked.id})
        elif asked.type == "job.start":
            await self._start(asked)
        elif asked.type == "job.cancel":
            found = self.jobs.cancel(self.name, asked.job)
            await self._say({"type": "job.cancel", "id": asked.id, "job": asked.job, "found": found})
        else:
            replaced = self._waiting.get(asked.type)
            self._waiting[asked.type] = asked
            if replaced is not None:
                await self._say({"type": "dropped", "id": replaced.id, "kind": asked.type})
            if asked.type not in self._running:
                self._running.add(asked.type)
                task = asyncio.create_task(self._answer(asked.type))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _answer(self, kind: str) -> None:
        loop = asyncio.get_running_loop()
        try:
            while (asked := self._waiting.pop(kind, None)) is not None:
                try:
                    frame = await loop.run_in_executor(self.pool, ANSWERS[kind], asked)
                except KetasimError as error:
                    await self._say({"type": "error", "id": asked.id, "kind": kind, "words": str(error)})
                except Exception:
                    LOG.exception("answering %s", kind)
                    await self._say(
                        {
                            "type": "error",
                            "id": asked.id,
                            "kind": kind,
                            "words": "this could not be computed; see the server's log",
                        }
                    )
                else:
                    async with self._sending:
                        await self.socket.send_bytes(frame)
        except RuntimeError:
            pass  # the client left while we were computing
        finally:
            self._running.discard(kind)

    async def _start(self, asked: m.StartJob) -> None:
        loop = asyncio.get_running_loop()

        def tell(job: Job, change: dict[str, Any]) -> None:
            text = {"type": "job", "id": asked.id, "job": job.name, "kind": job.kind, **change}
            asyncio.run_coroutine_threadsafe(self._say(text), loop)

        try:
            job = self.jobs.start(self.name, asked.work.kind, population.work(asked.work), tell)
        except KetasimError as error:
            await self._say({"type": "error", "id": asked.id, "kind": "job", "words": str(error)})
            return
        await self._say(
            {"type": "job", "id": asked.id, "job": job.name, "kind": job.kind, "state": "queued", "progress": 0}
        )

    async def _say(self, message: dict[str, Any]) -> None:
        try:
            async with self._sending:
                await self.socket.send_text(json.dumps(message, ensure_ascii=False))
        except RuntimeError:
            pass
