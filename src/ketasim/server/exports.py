"""Files of a scene: long tables and the report page."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ketasim.core.errors import InputError
from ketasim.server.limits import EXPORT_VALUES
from ketasim.server.messages import Export
from ketasim.server.scenes import grid, person, window

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
}


def export(asked: Export) -> bytes:
    """The file's bytes; InputError where it would be too large."""
    from ketasim.simulate import simulate

    if asked.session or asked.course or asked.weeks:
        from ketasim.server.records import record

        return record(asked)
    scene, regimen = asked.scene, window(asked.scene.regimen, asked.scene.until_h)
    times = grid(regimen.doses, scene.until_h)
    outputs = tuple(asked.outputs) if asked.outputs else None
    size = asked.people * len(times) * (len(outputs) if outputs else 160)
    if size > EXPORT_VALUES:
        raise InputError("people", asked.people, f"fewer, or fewer outputs: {EXPORT_VALUES} values at most")
    result = simulate(
        scene.model,
        person(scene.patient),
        regimen,
        times,
        scene.seed,
        subjects=asked.people,
        outputs=outputs,
        settings=dict(scene.settings),
        options=dict(scene.options),
    )
    if asked.format == "json":
        return result.to_json().encode()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"ketasim.{asked.format}"
        if asked.format == "html":
            from ketasim.report import write_html

            write_html(result, target)
        else:
            getattr(result, f"to_{asked.format}")(target)
        return target.read_bytes()
