"""The session's record: an append-only log that survives a dead process, and the account of a controlled drug."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ketasim.core.errors import InputError


@dataclass
class Log:
    """Events in the order they happened, one JSON object a line; on disk where a path is given.

    Opening a path that another living session holds is refused. `events` are those of this session.
    """

    path: Path | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    _lock: Path | None = None
    _written: int = 0
    _held: bool = False

    @classmethod
    def open(cls, path: str | Path) -> Log:
        """Take a log for writing; what it holds already is read (a torn last line is dropped and said)."""
        target = Path(path)
        lock = target.with_suffix(target.suffix + ".lock")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _claim(lock)
        except OSError as error:
            raise InputError("session log", str(path), "a path that can be written", f"{error.strerror}.") from None
        log = cls(target, _lock=lock)
        if target.exists():
            lines = target.read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines):
                try:
                    log.events.append(json.loads(line))
                except json.JSONDecodeError:
                    if number != len(lines) - 1:
                        log.close()
                        raise InputError("session log", f"line {number + 1}", "one JSON object a line") from None
            whole = "".join(json.dumps(e) + "\n" for e in log.events)
            part = target.with_suffix(".part")
            part.write_text(whole, encoding="utf-8")
            part.replace(target)
            log._written = len(log.events)
        return log

    def add(self, minute: float, kind: str, **what: Any) -> dict[str, Any]:
        """Append one event; it is on disk when this returns."""
        event = {"min": round(minute, 6), "kind": kind, **what}
        self.events.append(event)
        if not self._held:
            self.commit()
        return event

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, events are kept off the disk until `commit`; what was not committed can be forgotten."""
        self._held = True
        try:
            yield
        finally:
            self._held = False

    def commit(self, already: int | None = None) -> None:
        """Put on disk what is not there yet (`already`: how many events of the file this session repeats)."""
        start = self._written if already is None else already
        new = self.events[start:]
        if self.path is not None and new:
            with self.path.open("a", encoding="utf-8") as file:
                file.write("".join(json.dumps(e) + "\n" for e in new))
                file.flush()
                os.fsync(file.fileno())
        self._written = max(start, len(self.events))

    def forget(self, count: int) -> None:
        """Drop events after the first `count` that were never written; what is written stays for good."""
        del self.events[max(count, self._written) :]

    def close(self) -> None:
        """Let go of the log."""
        if self._lock is not None:
            self._lock.unlink(missing_ok=True)
            self._lock = None


def _claim(lock: Path) -> None:
    for _ in range(2):
        try:
            handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            owner = lock.read_text(encoding="utf-8").strip()
            if owner.isdigit() and _alive(int(owner)):
                raise InputError(
                    "session log",
                    str(lock.with_suffix("")),
                    "a log no other session writes",
                    f"Process {owner} has it.",
                ) from None
            lock.unlink(missing_ok=True)
            continue
        with os.fdopen(handle, "w") as file:
            file.write(str(os.getpid()))
        return


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass
class Account:
    """A controlled drug in mg: what was drawn must have been given or wasted, before a witness."""

    drawn: float = 0.0
    given: float = 0.0
    wasted: float = 0.0
    entries: list[dict[str, Any]] = field(default_factory=list)

    def draw(self, mg: float, by: str) -> None:
        """Take from stock."""
        self._positive("drawn", mg)
        self.drawn += mg
        self.entries.append({"what": "drawn", "mg": mg, "by": by})

    def give(self, mg: float) -> None:
        """What reached the patient."""
        if mg < -1e-9 or self.given + mg > self.drawn - self.wasted + 1e-6:
            raise InputError("given", f"{mg:.4g} mg", f"at most the {self.left:.4g} mg left in the syringe")
        self.given += mg
        self.entries.append({"what": "given", "mg": mg})

    def waste(self, mg: float, by: str, witness: str) -> None:
        """Destroy a rest before a witness who is another person."""
        self._positive("wasted", mg, zero=True)
        if not witness or witness == by:
            raise InputError("witness", witness, f"the name of a second person, other than {by}")
        if mg > self.left + 1e-6:
            raise InputError("wasted", f"{mg:.4g} mg", f"at most the {self.left:.4g} mg left in the syringe")
        self.wasted += mg
        self.entries.append({"what": "wasted", "mg": mg, "by": by, "witness": witness})

    def copy(self) -> Account:
        """The account as it stands."""
        return replace(self, entries=list(self.entries))

    @property
    def left(self) -> float:
        """Neither given nor wasted yet, mg."""
        return self.drawn - self.given - self.wasted

    def check(self) -> None:
        """InputError where the account does not balance to a thousandth of a milligram."""
        if abs(self.left) > 1e-3:
            raise InputError("controlled drug account", f"{self.left:.4g} mg unaccounted for", "drawn = given + wasted")

    def _positive(self, name: str, mg: float, zero: bool = False) -> None:
        if not (mg > 0 or (zero and mg >= 0)):
            raise InputError(name, f"{mg:.4g} mg", "an amount larger than 0")
