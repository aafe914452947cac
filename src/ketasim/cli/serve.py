"""serve: the app, on this machine."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer


def command(
    port: Annotated[int, typer.Option(help="Port (0: any free one).")] = 8765,
    host: Annotated[
        str, typer.Option(help="Address to listen on; the default is reached from this machine alone.")
    ] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")] = True,
    offline: Annotated[
        Path | None, typer.Option(help="Write one HTML file that runs the acute model without a server, and stop.")
    ] = None,
) -> None:
    """Open the app: move a slider, see brain and body respond.

    It runs on this machine and asks nothing of any other. Needs the extra app.
    """
    if offline is not None:
        import_module("ketasim.server.offline").write(offline)
        print(f"ketasim: the page is {offline}; open it in any browser", file=sys.stderr)
        return
    import_module("ketasim.server.run").serve(host, port, browser)
