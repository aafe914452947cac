"""The application: the page, a few addresses that only read, exports, and the WebSocket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import ValidationError
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect

from ketasim import __version__
from ketasim.core.errors import InputError, KetasimError
from ketasim.server import evidence, explore
from ketasim.server import messages as m
from ketasim.server.connection import Connection
from ketasim.server.exports import TYPES, export
from ketasim.server.guard import Guard
from ketasim.server.jobs import Jobs
from ketasim.server.limits import CONNECTIONS, THREADS, Place
from ketasim.server.static import bundle

NEEDED = ("ketasim.simulate", "ketasim.patients", "ketasim.dosing", "ketasim.clinic")
WARM = ("0.5 mg/kg iv over 40 min", "esketamine 56 mg intranasal")
LOG = logging.getLogger("ketasim.server")


def application(place: Place | None = None, warm: bool = True) -> FastAPI:
    """The app for one place. warm : build the usual models in the background, so that the first slider is quick."""
    for name in NEEDED:  # before any thread: two threads must not import the same package at once
        import_module(name)
    pool, jobs = ThreadPoolExecutor(THREADS, thread_name_prefix="answer"), Jobs()

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        if warm:
            pool.submit(_warm)
        yield
        jobs.close()
        pool.shutdown(wait=False, cancel_futures=True)

    app = FastAPI(title="ketasim", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, lifespan=life)
    app.add_middleware(GZipMiddleware, minimum_size=2048)
    app.add_middleware(Guard, place=place or Place())
    open_sockets: set[Connection] = set()

    async def aside(function: Any, *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, function, *given)

    @app.exception_handler(KetasimError)
    async def said(_: Request, error: KetasimError) -> JSONResponse:
        return JSONResponse({"error": str(error)}, 422 if isinstance(error, InputError) else 409)

    @app.get("/api/choices")
    async def choices() -> Any:
        return evidence.choices()

    @app.get("/api/evidence")
    async def numbers(model: str = "ketamine", regimen: str = WARM[0]) -> Any:
        checked = _scene(model, regimen)
        return await aside(evidence.evidence, checked.model, checked.regimen)

    @app.get("/api/bibtex")
    async def papers(model: str = "ketamine", regimen: str = WARM[0]) -> Any:
        checked = _scene(model, regimen)
        return PlainTextResponse(await aside(evidence.bibtex, checked.model, checked.regimen))

    @app.get("/api/history")
    async def history() -> Any:
        return evidence.history()

    @app.get("/api/law")
    async def law() -> Any:
        return evidence.law()

    @app.get("/api/molecule")
    async def molecule() -> Any:
        return await aside(evidence.molecule)

    @app.get("/api/claims")
    async def claims() -> Any:
        return evidence.claims()

    @app.post("/api/export")
    async def exported(request: Request) -> Response:
        try:
            asked = m.Export.model_validate_json(await request.body())
        except ClientDisconnect:
            return PlainTextResponse("too large", 413)
        except ValidationError as error:
            raise m.sentence(error) from None
        body = await aside(export, asked)
        name = f"ketasim.{asked.format}"
        return Response(
            body, media_type=TYPES[asked.format], headers={"content-disposition": f'attachment; filename="{name}"'}
        )

    @app.websocket("/ws")
    async def socket(ws: WebSocket) -> None:
        if len(open_sockets) >= CONNECTIONS:
            await ws.close(1013, "too many pages are open")
            return
        connection = Connection(ws, pool, jobs)
        open_sockets.add(connection)
        try:
            await connection.serve()
        finally:
            open_sockets.discard(connection)

    @app.get("/{path:path}")
    async def page(path: str, request: Request) -> Response:
        held = bundle().get(path or "index.html")
        if held is None:
            return PlainTextResponse("not here", 404)
        packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = {
            "cache-control": "public, max-age=31536000, immutable" if held.lasting else "no-cache",
            "vary": "accept-encoding",
        }
        if packed:
            headers["content-encoding"] = "gzip"
        return Response(held.packed if packed else held.plain, media_type=held.kind, headers=headers)

    return app


def _scene(model: str, regimen: str) -> m.Scene:
    try:
        return m.Scene(model=model, regimen=regimen)
    except ValidationError as error:
        raise m.sentence(error) from None


def _warm() -> None:
    """Build and compile what most pages ask first."""
    for sentence in WARM:
        scene = m.Scene(regimen=sentence)
        for ask, kind in ((explore.curves, m.Curves), (explore.bands, m.Bands), (explore.spectrum, m.Spectrum)):
            try:
                ask(kind(type=kind.__name__.lower(), id=0, scene=scene))  # type: ignore[arg-type]
            except KetasimError:
                LOG.exception("warming %s", sentence)
