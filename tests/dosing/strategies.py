"""Random regimens, built from objects rather than text."""

from hypothesis import strategies as st

from ketasim.dosing import Block, Give, Pause, Regimen, Repeat, Span, Strand, Target, Unit, drugs, products
from ketasim.dosing.catalogue import INFUSION_ROUTES

numbers = st.floats(0.01, 500).map(lambda x: float(f"{x:.12g}")) | st.integers(1, 500).map(float)
short_spans = st.builds(Span, st.floats(0.5, 600).map(lambda x: float(f"{x:.6g}")), st.sampled_from(["s", "min"])) | (
    st.builds(Span, st.integers(1, 5).map(float), st.just("h"))
)
gaps = st.builds(Span, st.integers(1, 9).map(float), st.sampled_from(["h", "d", "week"]))
masses = st.sampled_from(["ng", "ug", "mg", "g"])


@st.composite
def gives(draw: st.DrawFn) -> Give:
    drug = drugs()[draw(st.sampled_from(sorted(drugs())))]
    route = draw(st.sampled_from(drug.routes))
    infusable = route in INFUSION_ROUTES
    if drug.kind == "placebo":
        unit = draw(st.none() | st.just(Unit("mL")))
        duration = draw(st.none() | short_spans) if infusable else None
        return Give(drug.name, draw(numbers) if unit else 0.0, unit, route, duration)
    if drug.name == "esketamine" and route == "intranasal" and draw(st.booleans()):
        apart = draw(st.none() | st.sampled_from([Span(0, "min"), Span(7.5, "min")]))
        return Give(drug.name, 28.0 * draw(st.integers(1, 4)), Unit("mg"), route, apart=apart)
    fitting = [p.name for p in products().values() if p.suits(drug.name, route) and not p.divided]
    product = draw(st.sampled_from([*fitting, ""])) if fitting else ""
    if drug.name == "esketamine" and route == "intranasal":
        product = "nasal_solution"
    rate = draw(st.booleans()) and infusable
    volume = draw(st.booleans())
    per_kg = draw(st.booleans())
    unit = Unit("mL" if volume else draw(masses), per_kg, draw(st.sampled_from(["s", "min", "h", "d"])) if rate else "")
    strength = (draw(numbers), draw(masses)) if volume else None
    duration = draw(short_spans) if rate or (infusable and draw(st.booleans())) else None
    hcl = drug.kind == "ketamine" and draw(st.booleans())
    return Give(drug.name, draw(numbers), unit, route, duration, strength, hcl, per_kg and draw(st.booleans()), product)


targets = st.builds(
    Target,
    st.sampled_from(["ketamine", "esketamine", "propofol"]),
    st.sampled_from(["plasma", "effect"]),
    numbers,
    st.sampled_from(["ng/mL", "ug/mL", "mg/L"]),
    short_spans,
)
pauses = st.builds(Pause, gaps)
repeats = (
    st.builds(Repeat, st.integers(1, 7), st.just("week"), st.none(), st.integers(1, 20), st.none())
    | st.builds(Repeat, st.integers(1, 4), st.just("day"), st.none(), st.none(), gaps)
    | st.builds(Repeat, st.just(1), st.just(""), gaps, st.integers(1, 20), st.none())
    | st.builds(Repeat, st.integers(1, 7), st.just("week"), st.none(), st.none(), gaps)
)


@st.composite
def strands(draw: st.DrawFn, *, aims: bool) -> Strand:
    given_steps = gives() | targets if aims else gives()
    blocks: list[Block] = []
    for number in range(draw(st.integers(1, 4))):
        if number and draw(st.integers(0, 5)) == 0:
            blocks.append(Block((draw(pauses),)))
            continue
        steps = [draw(given_steps), *draw(st.lists(given_steps | pauses, max_size=2))]
        repeat = draw(st.none() | repeats)
        at = ()
        if draw(st.booleans()):
            start = max(Strand(tuple(blocks)).end_h if blocks else 0.0, 0.0) + draw(st.integers(0, 50))
            day = Span(float(-(-start // 24)), "d")
            at = (day,)
            if repeat is None and draw(st.booleans()):
                at = (day, Span(day.value + draw(st.integers(1, 9)), "d"))
        blocks.append(Block(tuple(steps), repeat, at))
    return Strand(tuple(blocks))


regimens = st.lists(strands(aims=False), min_size=1, max_size=3).map(lambda x: Regimen(tuple(x)))
regimens_with_aims = st.lists(strands(aims=True), min_size=1, max_size=3).map(lambda x: Regimen(tuple(x)))
