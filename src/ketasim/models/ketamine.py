"""The default: each route with the disposition it was fitted with, summed; everything else stands on top in layers."""

from __future__ import annotations

from collections.abc import Sequence

from ketasim.core.arrays import ArrayOutput
from ketasim.core.system import Part, System
from ketasim.models import codrugs, routes
from ketasim.models.assembly import Readings, readings
from ketasim.models.model import Built, Model, Need, Target, stack
from ketasim.models.moieties import FORMS, MOIETIES, MOUTH, usual_form
from ketasim.models.prune import prune
from ketasim.models.remarks import remarks

ROUTES = ("iv", "im", "sc", "intranasal", "oral", "sublingual", "buccal", "rectal", "inhaled")
PAIRS = frozenset(
    {(d, r) for d in MOIETIES for r in ROUTES}
    | {(d, f"{r} {f}") for d in MOIETIES for r in MOUTH for f in FORMS if f != usual_form(d)}
    | codrugs.pairs()
)
ANALYTES = ("ketamine", "norketamine", "HNK", "DHNK")
HNK_NOTE = "hydroxynorketamine: measured ratios to ketamine are about twice these; R form scaled from S"
R_NOTE = "R-norketamine behaves as S-norketamine (assumed)"


def kinetics(need: Need) -> tuple[tuple[Part, ...], dict[tuple[str, str], tuple[Target, ...]], Readings]:
    """Parts, targets of doses and read-outs for the routes at hand.

    Options: dhnk (default: when one of its outputs is asked for by name); women_clearance (1.0; 1.2 as in
    sigtermans2009); ihmsen (False; R slows S).
    """
    plan = routes.plan(need)
    others = codrugs.beside(need.given)
    read = readings(plan.curves, ANALYTES)
    flags = {
        name: (
            *words,
            *((HNK_NOTE,) if "HNK" in name else ()),
            *((R_NOTE,) if name.startswith("R_norketamine") else ()),
        )
        for name, words in read.flags.items()
    }
    shown = Readings((), (*read.outputs, *others.outputs), flags, (*routes.grades(need.given), *others.warnings))
    return (*plan.parts, *read.parts, *others.parts), plan.targets | others.targets, shown


def build(need: Need) -> Built:
    """Kinetics for the routes given and the layers that the wanted outputs need."""
    from ketasim.models.layers import LAYERS

    parts, targets, read = kinetics(need)
    kinetic = frozenset(p.signal(o) for p in parts for o in p.component.outputs)
    chosen = stack(LAYERS, need.outputs, kinetic)
    flags, outputs, readouts = dict(read.flags), list(read.outputs), []
    every: Sequence[Part] = parts
    signals = kinetic
    arrays: dict[str, ArrayOutput] = {}
    for layer in chosen:
        added: Sequence[Part] = layer.parts(need, signals)
        every = (*every, *added)
        signals = signals | {p.signal(o) for p in added for o in p.component.outputs}
        readouts += list(layer.readouts(need, signals)) if layer.readouts else []
        outputs += [o for o in layer.provides if o not in outputs]
        flags |= layer.flags
        arrays |= layer.arrays(need) if layer.arrays else {}
    if need.outputs is not None:
        wanted = {
            *need.outputs,
            *(n for r in readouts for n in r.needs),
            *(n for a in arrays.values() for n in a.needs),
        }
        every, targets = prune(every, wanted, targets)
    system = System("ketamine", tuple(every))
    return Built(system, targets, flags, tuple(readouts), tuple(outputs), read.warnings, arrays)


MODEL = Model(
    name="ketamine",
    title="Default composition: Kamp parent, Simons metabolites, Perez-Ruixo nasal and first pass, graded other routes",
    source="kamp2020",
    site="both",
    routes=PAIRS,
    build=build,
    valid={"age_y": (2.0, 90.0), "weight_kg": (10.0, 170.0)},
    population="adults; children by allometry and enzyme maturation",
    remarks=remarks,
    note="known misses: half-life 3.1 h (others 5-12 h), volume 238 L (label 709 L)",
)
