"""Start the server on this machine."""

from __future__ import annotations

import socket
import sys

from ketasim.core.errors import InputError, KetasimError
from ketasim.server.limits import MESSAGE_BYTES, Place

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(host: str = "127.0.0.1", port: int = 8765, browser: bool = True, warm: bool = True) -> None:
    """Listen until interrupted. port 0 : any free one. KetasimError where the port is taken or a package is missing."""
    if not 0 <= port <= 65535:
        raise InputError("port", port, "0 to 65535")
    try:
        import uvicorn
        import websockets  # noqa: F401

        from ketasim.server.app import application
    except ImportError as error:
        raise KetasimError(f"the app needs the package {error.name}: pip install 'ketasim[app]'") from None
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise KetasimError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from None
    place = Place(host, bound.getsockname()[1])
    shown = f"http://{'localhost' if host in LOOPBACK else host}:{place.port}/"
    if host not in LOOPBACK:
        print(f"ketasim: listening on {host}: anyone who reaches this machine can use the app", file=sys.stderr)
    print(
        f"ketasim: the app is at {shown} (research and teaching, not advice on dosing); end with Ctrl+C",
        file=sys.stderr,
    )
    config = uvicorn.Config(
        application(place, warm),
        log_level="warning",
        access_log=False,
        ws_max_size=MESSAGE_BYTES,
        ws_max_queue=16,
        ws_per_message_deflate=False,
        ws="websockets-sansio",
        server_header=False,
        timeout_graceful_shutdown=2,
        date_header=False,
        proxy_headers=False,
        limit_concurrency=200,
        h11_max_incomplete_event_size=16_384,
        lifespan="on",
    )
    if browser:
        import threading
        import webbrowser

        threading.Timer(0.8, webbrowser.open, (shown,)).start()
    uvicorn.Server(config).run(sockets=[bound])
