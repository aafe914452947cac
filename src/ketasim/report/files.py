"""Writing the report and its figures to disk; nothing half-written is ever left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ketasim.core.errors import InputError
from ketasim.core.result import Result
from ketasim.core.whole import write_whole
from ketasim.report.charts import png, svg
from ketasim.report.charts.layout import lay_out
from ketasim.report.context import Context, Ensemble, finished
from ketasim.report.observations import Observed, read_observed
from ketasim.report.page import render_html


def write_html(
    result: Result, path: str | Path, *, ensemble: Ensemble | None = None,
    observed: str | Path | Observed | None = None, doubt: Result | None = None, title: str = "", kind: str = "kinetics",
) -> Path:  # fmt: skip
    """Write one self-contained HTML page about a result.

    ensemble : sampling site → sequence of (model name, times in h, values) for the parent drug.
    observed : a CSV of observations, or one already read. doubt : the same run with doubt alone drawn: a second band.
    InputError where the path cannot be written or the observations cannot be used.
    """
    text = _rendered(result, ensemble, observed, doubt, title, kind)[0]
    return write_whole(path, text, "report")


def write_figures(
    result: Result, folder: str | Path, *, ensemble: Ensemble | None = None,
    observed: str | Path | Observed | None = None, doubt: Result | None = None, title: str = "", kind: str = "kinetics",
    formats: Sequence[str] = ("svg",), width: float = 860.0, height: float = 380.0,
) -> list[Path]:  # fmt: skip
    """Write every figure of the report as a file: SVG by our own hand, PNG with the extra `plot`.

    Figures that can be shown on a logarithmic axis are written twice (``<name>.svg``, ``<name>-log.svg``). Asking for
    png without matplotlib raises KetasimError naming the extra. Returns the paths written.
    """
    for wanted in formats:
        if wanted not in ("svg", "png"):
            raise InputError("figure format", wanted, "svg or png")
    context = _rendered(result, ensemble, observed, doubt, title, kind)[1]
    root, written = Path(folder), []
    for name, chart in context.figures.items():
        for log in (False, True) if chart.loggable() else (False,):
            drawing = lay_out(chart, width, height, log)
            target = root / (f"{name}-log" if log else name)
            if "svg" in formats:
                text = svg.write(drawing, name, chart.title, chart.description, themed=False)
                written.append(target.with_name(target.name + ".svg"))
                write_whole(written[-1], text, "report")
            if "png" in formats:
                written.append(target.with_name(target.name + ".png"))
                write_whole(written[-1], png.paint(drawing), "report")
    return written


def write_report(result: Result, path: str | Path, *, observed: str | Path | None = None, **more: Any) -> Path:
    """The report of the main job: as `write_html`, with the published models that apply and the doubt band added."""
    from ketasim.report.companions import doubt_of, ensemble_of

    more.setdefault("ensemble", ensemble_of(result))
    more.setdefault("doubt", doubt_of(result))
    return write_html(result, path, observed=observed, **more)


def _rendered(
    result: Result,
    ensemble: Ensemble | None,
    observed: str | Path | Observed | None,
    doubt: Result | None,
    title: str,
    kind: str,
) -> tuple[str, Context]:
    """The page and the context that holds its charts; subjects that could not be finished are left out of both."""
    result = finished(result)
    doubt = None if doubt is None else finished(doubt)
    if observed is not None and not isinstance(observed, Observed):
        observed = read_observed(observed, result)
    context = Context(result, title=title, kind=kind, doubt=doubt, ensemble=ensemble or {}, observed=observed)
    return render_html(result, context), context
