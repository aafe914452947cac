"""What every request passes: Host and Origin, size, and the headers that keep the page to itself."""

from __future__ import annotations

from typing import Any

from ketasim.server.limits import BODY_BYTES, Place

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
HEADERS = (
    (b"content-security-policy", CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), interest-cohort=()"),
)


class Guard:
    """ASGI middleware. A foreign Host (a name bound to this machine by somebody else) or Origin gets 403, a large body
    413, before anything reads it; a WebSocket is refused in the handshake."""

    def __init__(self, app: Any, place: Place) -> None:
        self.app, self.place = app, place

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        problem = self._problem(scope, headers)
        if scope["type"] == "websocket":
            if problem:
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": problem[1]})
                return
            await self.app(scope, receive, send)
            return
        if problem:
            status, words = problem
            await send(
                {
                    "type": "http.response.start",
                    "status": status,
                    "headers": [*HEADERS, (b"content-type", b"text/plain; charset=utf-8")],
                }
            )
            await send({"type": "http.response.body", "body": words.encode()})
            return
        taken = 0

        async def counted() -> Any:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return message if taken <= BODY_BYTES else {"type": "http.disconnect"}

        async def marked(message: Any) -> None:
            if message["type"] == "http.response.start":
                names = {k.lower() for k, _ in message.get("headers", [])}
                extra = [(k, v) for k, v in HEADERS if k not in names]
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        await self.app(scope, counted, marked)

    def _problem(self, scope: Any, headers: dict[str, str]) -> tuple[int, str] | None:
        if headers.get("host", "").lower() not in self.place.names:
            return 403, "this server answers only to its own name"
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self.place.origins:
            return 403, "this page may not talk to the server"
        if scope["type"] == "http":
            if scope["method"] not in ("GET", "HEAD", "POST"):
                return 405, "GET, HEAD or POST"
            length = headers.get("content-length", "0")
            if not length.isdigit() or int(length) > BODY_BYTES:
                return 413, f"at most {BODY_BYTES} bytes"
            if scope["method"] == "POST" and headers.get("content-type", "").partition(";")[0] != "application/json":
                return 415, "application/json"
        return None
