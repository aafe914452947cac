"""What one client, and all of them together, may ask for."""

from __future__ import annotations

from dataclasses import dataclass

MESSAGE_BYTES = 32_768
BODY_BYTES = 32_768
MESSAGES_A_SECOND = 400
"""Above this, sustained for a second, a connection is closed: no slider sends as much."""
CONNECTIONS = 32
REGIMEN_CHARACTERS = 400
DOSES = 800
HORIZON_H = 24.0 * 366 * 2
BAND_PEOPLE = 200
TRIAL_PEOPLE = 2_000
ARMS = 4
JOBS_A_CLIENT = 2
JOBS = 8
JOB_SECONDS = 600.0
EXPORT_PEOPLE = 1_000
EXPORT_VALUES = 5_000_000
THREADS = 2


@dataclass(frozen=True)
class Place:
    """Where the server listens, and by which names it may be called."""

    host: str = "127.0.0.1"
    port: int = 8765

    @property
    def names(self) -> frozenset[str]:
        """Accepted values of the Host header."""
        loopback = {"127.0.0.1", "localhost", "[::1]"}
        hosts = loopback if self.host in {"127.0.0.1", "::1", "localhost"} else {*loopback, self.host}
        return frozenset(f"{h}:{self.port}" for h in hosts) | (frozenset(hosts) if self.port == 80 else frozenset())

    @property
    def origins(self) -> frozenset[str]:
        """Accepted values of the Origin header."""
        return frozenset(f"http://{name}" for name in self.names)
