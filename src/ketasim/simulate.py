"""The verb: a model, one or many patients and a regimen become a Result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ketasim.core.component import Component, DoseInput
from ketasim.core.errors import InputError
from ketasim.core.result import Result
from ketasim.core.schedule import JUMP, EdgeList, Edges
from ketasim.core.solvers import solver
from ketasim.core.system import Part, System
from ketasim.manifest import manifest
from ketasim.models import switches
from ketasim.models.catalogue import note
from ketasim.models.model import Built, Model, Need
from ketasim.models.moieties import way
from ketasim.timeline import hours, output_times

if TYPE_CHECKING:
    from ketasim.dosing import Regimen
    from ketasim.patients import Cohort, Patient

LAYERS = ("between", "occasion", "doubt")
CHUNK = 4096
MOST = 0.7
"""Share of this machine's memory that values may fill."""
FAST_H = 10 / 60
KEPT = 32
_BUILT: dict[tuple[Any, ...], Built] = {}


def simulate(
    model: str | Model | System | Component = "ketamine",
    patient: Patient | Cohort | None = None,
    regimen: Regimen | str = "",
    times_h: Sequence[float] | np.ndarray | None = None,
    seed: int = 0,
    *,
    subjects: int | None = None,
    vary: Sequence[str] | str | None = None,
    outputs: Sequence[str] | None = None,
    until: str | float | None = None,
    engine: str = "native",
    options: Mapping[str, Any] | None = None,
    values: Mapping[str, float | np.ndarray] | None = None,
    settings: Mapping[str, float] | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Simulate a regimen in a patient or a cohort.

    Parameters
    ----------
    model : name of a model (``ketasim.models``), a Model, or a System or Component of your own.
    patient : a Patient (default: 70 kg adult) or a Cohort. regimen : a Regimen or a regimen sentence.
    times_h : output times in hours; by default they follow the doses. until : end of the run when times_h is not given.
    subjects : draw this many people around one patient. vary : what is drawn, of "between", "occasion" and "doubt";
    by default nothing for one person and "between" for several.
    settings : circumstances that are no property of a person (psychotherapy, anaesthesia, masking), name → number;
    parts see them as covariates ``setting_<name>``.
    outputs : ids to keep (all by default); parts nobody asked for are not built. `fc` and `gbc` (arrays over brain
    regions) come with the curves they are read from.
    options : named switches of the model. values : parameters to set, ``part.parameter`` → number, or one
    number a subject.
    engine : native, vectorised, exact or reference. Randomness depends on (seed, subject id) alone.

    Returns
    -------
    Result with (subjects, times) arrays. A subject that could not be finished is named in `failures`, its rows are NaN.

    Raises
    ------
    InputError : for anything that cannot be simulated as asked.
    """
    from ketasim.dosing import Regimen
    from ketasim.patients import Cohort, Patient

    course = Regimen.parse(regimen) if isinstance(regimen, str) and regimen.strip() else regimen
    if isinstance(course, str):
        raise InputError("regimen", course, "a sentence such as '0.5 mg/kg iv over 40 min'")
    cohort = patient if isinstance(patient, Cohort) else Cohort.from_patient(patient or Patient(), subjects or 1)
    if isinstance(patient, Cohort) and subjects not in (None, len(cohort)):
        raise InputError("subjects", subjects, f"{len(cohort)}, the size of the cohort")
    doses, aims = course.fixed_doses, course.targets
    options = switches.checked(options or {})
    built, chosen = build(model, doses, outputs, options, tuple(a.drug for a in aims))
    drawn = _layers(vary, len(cohort))
    end = hours(until) if until is not None else None
    if times_h is None:
        given: list[Any] = [*doses, *aims]
        spans = sorted((d.start_h, d.start_h + d.duration_h) for d in given)
        stop = end if end is not None else max((e for _, e in spans), default=0.0) + 24.0
        _doses_before(given, stop)
        times = output_times([start for start, _ in spans], [e for _, e in spans], stop)
    else:
        times = np.asarray(times_h, float)
        _check_times(times)
        stop = max(float(times[-1]), end or 0.0) if len(times) else end or 0.0
    names, left_out = _outputs(built, outputs, len(cohort))
    asked = tuple(n for n in outputs or () if n in built.arrays)
    solve = solver(engine)
    tolerance = {k: v for k, v in (("rtol", rtol), ("atol", atol)) if v is not None}
    cov = {**cohort.covariates, **{f"setting_{k}": np.full(len(cohort), float(v)) for k, v in (settings or {}).items()}}
    individual = individuals(built.system, cohort, seed, drawn, values, cov)
    program = built.system.program
    traced = tuple(n for n in dict.fromkeys([*names, *_readout_needs(built, names)]) if n in program.outputs)
    failures, final, stats = [], [], {}
    _fits(len(cohort), len(times), len(traced))
    values_all = np.empty((len(cohort), len(times), len(traced)))
    for a in range(0, len(cohort), CHUNK):
        rows = slice(a, min(a + CHUNK, len(cohort)))
        here = {k: np.asarray(v)[rows] for k, v in cov.items()}
        edges = dose_edges(built, doses, individual[rows], here, aims, options)
        block = values_all[rows]
        into = {"values": block} if engine == "native" else {}
        run = solve(program, individual[rows], edges, times, traced, end_h=stop, threads=threads, **tolerance, **into)
        if not np.shares_memory(run.values, block):
            block[:] = run.values.transpose(0, 2, 1)
        if run.failures:
            block[run.status != 0] = np.nan
        failures += [_named(text, cohort.ids, a) for text in run.failures]
        final.append(run.final_state)
        stats = dict(run.stats)
        if progress is not None:
            progress(rows.stop, len(cohort))
    curves = {name: values_all[:, :, i] for i, name in enumerate(traced)}
    unit = {name: program.outputs[name][1] for name in traced}
    for readout in built.readouts:
        if set(readout.provides) & set(names):
            columns = {n: individual[:, i] for i, n in enumerate(program.parameter_names)}
            curves.update(readout.compute(curves, times, columns, {"covariates": cov, "doses": doses, "seed": seed}))
            unit.update(readout.units)
    parameters = dict(built.system.parameters)
    for readout in built.readouts:
        if set(readout.provides) & set(names):
            parameters.update(readout.parameters)
    warnings = [
        *course.warnings,
        *built.warnings,
        *left_out,
        *cohort.cautions,
        *switches.idle(options, chosen.name if chosen else built.system.name, bool(aims)),
        *(chosen.extrapolations(cov, built.system) if chosen else ()),
    ]
    for name in asked:
        parameters.update(built.arrays[name].parameters)
    result = Result(
        outputs={n: curves[n] for n in names},
        units={n: unit[n] for n in names},
        times_h=times,
        subjects=np.asarray(cohort.ids),
        parameters=parameters,
        individual=individual,
        covariates=cov,
        failures=tuple(failures),
        warnings=tuple(dict.fromkeys(warnings)),
        flags=built.flags,
        doses=tuple(_dose_row(d) for d in doses),
        final_state=np.concatenate(final) if final else None,
        notes={n: about for n in names if (about := note(n)) is not None},
        system=built.system,
        read_from={o: (r.needs, tuple(r.parameters)) for r in built.readouts for o in r.provides},
        manifest=manifest(
            built, course, cohort, seed, drawn, engine, tolerance, stats, individual, options, values, stop, cov,
            outputs,
        ),
        arrays=built.arrays,
        asked=asked,
    )  # fmt: skip
    for name in asked:
        result.array(name)  # what cannot be had is said now
    return result


def build(
    model: str | Model | System | Component,
    doses: Sequence[Any],
    outputs: Sequence[str] | None = None,
    options: Mapping[str, Any] | None = None,
    pumped: Sequence[str] = (),
) -> tuple[Built, Model | None]:
    """The system for a model and some doses; a System or Component of one's own is taken as it is."""
    from ketasim import models

    given = frozenset((d.drug, models.way(d.drug, d.route, d.product)) for d in doses if d.drug != "saline")
    given |= {(drug, "iv") for drug in pumped}
    fast = any(d.duration_h < FAST_H for d in doses if d.route == "iv" and d.drug != "saline")
    need = Need(given, tuple(outputs) if outputs is not None else None, fast, switches.checked(options or {}))
    if isinstance(model, Component):
        model = System(type(model).__name__, (Part(model, "model"),))
    if isinstance(model, System):
        targets = {pair: models.default_targets(model, *pair) for pair in given}
        return Built(model, targets, outputs=tuple(model.program.outputs)), None
    chosen = models.get(model) if isinstance(model, str) else model
    chosen.check(need)
    return _built(chosen, need), chosen


def _built(model: Model, need: Need) -> Built:
    """Built once for each need: tracing and generated code are what a slider must not wait for."""
    key = (model.name, id(model), need.given, need.outputs, need.fast, repr(sorted(need.options.items())))
    if key not in _BUILT:
        if len(_BUILT) >= KEPT:
            _BUILT.pop(next(iter(_BUILT)))
        _BUILT[key] = model.build(need)
    return _BUILT[key]


def individuals(
    system: System,
    cohort: Cohort,
    seed: int,
    vary: Sequence[str],
    values: Mapping[str, float | np.ndarray] | None = None,
    covariates: Mapping[str, np.ndarray] | None = None,
    doubt_draws: np.ndarray | None = None,
) -> np.ndarray:
    """Individual parameters (subjects, parameters): draws keyed by (seed, subject), then covariates.

    doubt_draws : (subjects,) number of the draw of doubt that each shares with others (default: one each).
    """
    from ketasim.core import variability

    unknown = set(values or {}) - set(system.parameters)
    if unknown:
        raise InputError("parameter", sorted(unknown)[0], "a parameter of the model; see ketasim explain")
    fixed = {k: np.broadcast_to(np.asarray(v, float), (len(cohort),)) for k, v in (values or {}).items()}
    drawn: dict[str, Any] = {}
    if layers := tuple(v for v in vary if v != "occasion"):
        drawn = variability.draw(system.parameters, seed, cohort.ids, layers=layers, doubt_draws=doubt_draws)
    if "occasion" in vary:
        drawn |= {k: v[:, 0] for k, v in variability.occasions(system.parameters, drawn, seed, cohort.ids, 1).items()}
    drawn |= fixed
    return system.individual(drawn, covariates or cohort.covariates, len(cohort))


def dose_edges(
    built: Built,
    doses: Sequence[Any],
    individual: np.ndarray,
    cov: Mapping[str, np.ndarray],
    aims: Sequence[Any] = (),
    options: Mapping[str, Any] | None = None,
) -> Edges:
    """All doses of a regimen, and what a pump gives to meet its targets, as solver edges for some subjects."""
    n, program, system = len(individual), built.system.program, built.system
    edges = EdgeList(n)
    events = list(program.jumps)
    for dose in doses:
        if dose.opens_session and "session_start" in events:
            edges.add(JUMP, events.index("session_start"), dose.start_h)
        if dose.drug == "saline":
            continue
        weight, ideal = (np.broadcast_to(np.asarray(cov[k], float), (n,)) for k in ("weight_kg", "ibw_kg"))
        mg = np.broadcast_to(np.asarray(dose.amount_mg(weight, ideal), float), (n,))
        for target in built.targets_of(dose.drug, way(dose.drug, dose.route, dose.product)):
            amount = mg * target.fraction * 1000.0 / target.molar_mass
            given = DoseInput(amount, dose.start_h, dose.duration_h, dose.device_index, dose.session_index)
            for one in system.dose_inputs(target.part, target.port, given, individual):
                edges.add_input(program, one)
    if aims:
        from ketasim.pump import add_pumped

        begun = {d.session_index for d in doses}
        for session in sorted({x.session_index for x in aims} - begun):
            if "session_start" in events:
                first = min(x.start_h for x in aims if x.session_index == session)
                edges.add(JUMP, events.index("session_start"), first)
        add_pumped(edges, built, aims, individual, cov, options or {})
    return edges.build()


def _layers(vary: Sequence[str] | str | None, n: int) -> tuple[str, ...]:
    if vary is None:
        return ("between",) if n > 1 else ()
    chosen = (vary,) if isinstance(vary, str) else tuple(vary)
    for layer in chosen:
        if layer not in LAYERS:
            raise InputError("vary", layer, ", ".join(LAYERS))
    return chosen


def _fits(people: int, times: int, outputs: int) -> None:
    """InputError where the values would fill more than MOST of this machine's memory."""
    import os

    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return
    wanted = 8 * people * times * outputs
    if wanted > MOST * memory:
        raise InputError(
            "size of the run", f"{people} people × {outputs} outputs × {times} times = {wanted / 1e9:.1f} GB",
            f"{MOST * memory / 1e9:.1f} GB on this machine",
            "Ask for fewer outputs (--output), or for a folder (--out FOLDER), where people are done in blocks.",
        )  # fmt: skip


def _outputs(built: Built, outputs: Sequence[str] | None, people: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the outputs, and one sentence for each read-out that is left out because nobody named it."""
    known = built.outputs or tuple(built.system.program.outputs)
    if outputs is None:
        costly = [r for r in built.readouts if 0 < r.few < people]
        dropped = {o for r in costly for o in r.provides}
        said = [f"{r.name} is left out for {people} people; ask for it by name ({r.provides[0]} …)" for r in costly]
        return tuple(n for n in known if n not in dropped), tuple(said)
    everything = {*known, *built.system.program.outputs, *(o for r in built.readouts for o in r.provides)}
    for name in outputs:
        if name not in everything and name not in built.arrays:
            raise InputError("output", name, ", ".join(sorted({*everything, *built.arrays})))
    kept = [n for o in outputs for n in (built.arrays[o].needs if o in built.arrays else (o,))]
    return tuple(dict.fromkeys(kept)), ()


def _readout_needs(built: Built, names: Sequence[str]) -> list[str]:
    return [n for r in built.readouts if set(r.provides) & set(names) for n in r.needs]


def _check_times(times: np.ndarray) -> None:
    if times.ndim != 1 or not np.isfinite(times).all() or (np.diff(times) < 0).any() or (times < 0).any():
        raise InputError("times_h", "not a rising list of hours", "finite times from 0 upwards, in order")


def _doses_before(doses: Sequence[Any], stop: float) -> None:
    late = [d for d in doses if d.start_h >= stop]
    if late:
        raise InputError("dose", f"at {late[0].start_h:g} h", f"before the end of the run at {stop:g} h")


def _named(text: str, ids: Any, offset: int) -> str:
    """Put the subject's id in the place of its row number."""
    head, number, rest = text.split(" ", 2)
    return f"{head} {ids[int(number) + offset]} {rest}"


def _dose_row(dose: Any) -> dict[str, Any]:
    names = ("drug", "route", "amount", "basis", "start_h", "duration_h", "device_index", "session_index")
    return {name: getattr(dose, name) for name in names}
