"""The app's server: a page, a binary WebSocket and a few read-only addresses, on this machine alone.

`application()` builds the FastAPI application, `run.serve` starts it. Needs the extra `app`.
"""
