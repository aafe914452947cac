"""LaTeX: equations that mean what the component computes, text that LaTeX accepts."""

import re
import unicodedata

import pytest
import sympy

from ketasim.exchange import latex, latex_names, to_latex
from ketasim.kinetics.effect_site import EffectSite
from ketasim.models import NAMES

from .test_sbml import Everything, everything


def balanced(text):
    depth = 0
    for a, b in zip(" " + text, text, strict=False):
        if a != "\\":
            depth += {"{": 1, "}": -1}.get(b, 0)
        assert depth >= 0
    return depth == 0


def environments(text):
    stack = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", text):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    return not stack


@pytest.mark.parametrize("model", [n for n in NAMES if n != "ketamine"])
def test_documents_of_all_models_are_well_formed(model):
    from ketasim.models import MODELS

    drug, route = sorted(MODELS[model].routes)[0]
    text = to_latex(model, f"28 mg {drug} {route}" + (" over 40 min" if route in ("iv", "inhaled") else ""))
    assert balanced(text)
    assert environments(text)
    strange = {c for c in text if ord(c) > 126} - set("–—‘’“”…")
    assert all(unicodedata.normalize("NFD", c)[0].isascii() for c in strange), f"LaTeX would stop at {strange}"
    for line in text.splitlines():
        assert line.count("%") == line.count(r"\%"), line


def test_the_effect_site_reads_as_in_the_paper():
    rows = dict(latex.equations(EffectSite(half_time=0.1)))
    left = r"\frac{\mathrm{d}\mathrm{Ce}}{\mathrm{d}t}"
    assert left in rows
    assert r"C - \mathrm{Ce}" in rows[left].replace(r"- \mathrm{Ce} + C", r"C - \mathrm{Ce}")


def test_what_is_printed_is_what_is_computed():
    """The SymPy form behind the LaTeX, with letters put back, equals the equation itself."""
    component = Everything(k=0.7, V=3.0, g=1.7, start=0.2)
    back = {"max": sympy.Max, "min": sympy.Min}
    symbols = {n: sympy.Symbol(n, positive=True) for n in (*component.parameters(), *component.states, "t")}
    bound = component.with_values({n: symbols[n] for n in component.parameters()})
    exact = bound.rates({n: symbols[n] for n in component.states}, {"t": symbols["t"]})
    tidy = {n: latex._frozen(latex._tidy(v)) for n, v in exact.items()}
    tidy = {
        n: v.replace(lambda e: e.func.__name__ in back, lambda e: back[e.func.__name__](*e.args))
        for n, v in tidy.items()
    }
    at = {s: sympy.Float(v, 30) for s, v in zip(symbols.values(), (0.7, 3.0, 1.7, 0.2, 2.5, 0.6, 1.0, 0.3))}
    for n in exact:
        assert float(tidy[n].subs(at)) == pytest.approx(float(sympy.sympify(exact[n]).subs(at)), rel=1e-12)


def test_every_number_is_listed_with_its_source():
    text = to_latex("domino1984", "2 mg/kg iv")
    assert r"\bibitem{domino1984}" in text
    assert r"\cite{domino1984}" in text
    from ketasim.exchange.assembled import assemble

    system, _, _ = assemble("domino1984", "2 mg/kg iv")
    for p in system.parameters.values():
        assert latex_names.number(p.value) in text


def test_assumptions_and_limits_are_printed():
    text = latex.latex(everything())
    assert r"\emph{Assumes} nothing" in text
    assert r"\emph{Fails when} never" in text
    assert r"\begin{cases}" in text


@pytest.mark.parametrize(("name", "shown"), [
    ("V1", "V_{1}"), ("CL", r"\mathrm{CL}"), ("k_on", r"k_{\mathrm{on}}"), ("ke0", r"k_{\mathrm{e0}}"), ("A", "A"),
    ("gamma", r"\gamma"), ("MTT_gut", r"\mathrm{MTT}_{\mathrm{gut}}"), ("kin", r"k_{\mathrm{in}}"),
])  # fmt: skip
def test_names(name, shown):
    assert latex_names.symbol(name) == shown


def test_text_is_made_safe():
    assert latex_names.text("50 % of CYP2B6_x & {more}") == r"50 \% of CYP2B6\_x \& \{more\}"
    assert latex_names.number(1.5e-9) == r"$1.5 \times 10^{-9}$"


def test_mathematics_can_be_set():
    """Matplotlib's own reader of mathematics accepts every equation it has the words for."""
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="matplotlib is in the extra [plot]")
    parser = mathtext.MathTextParser("path")
    from ketasim.exchange.assembled import assemble

    system, _, _ = assemble("ketamine", "0.5 mg/kg iv over 40 min", outputs=("ketamine.arterial", "norketamine.venous"))
    read = 0
    for part in system.parts:
        for left, right in latex.equations(part.component):
            if "cases" not in right:
                parser.parse(f"${left} = {right}$".replace(r"\big|", "|"))
                read += 1
    assert read > 20


def test_products_are_written_with_the_output_that_is_part_of_them():
    a, b, c, d = sympy.symbols("a b c d", positive=True)
    out = sympy.Symbol("C")
    assert latex._in_terms_of(a / b * c - d, [(a / b, out)]) == out * c - d
    assert latex._in_terms_of(sympy.exp(a + b) + 1, [(a + b, out)]) == sympy.exp(out) + 1
    assert latex._in_terms_of(a / b**2, [(a / b, out)]) == a / b**2


def test_the_whole_model_is_written_in_seconds():
    import time

    begin = time.perf_counter()
    text = to_latex("ketamine", "0.5 mg/kg iv over 40 min")
    assert time.perf_counter() - begin < 60
    assert balanced(text)
    assert environments(text)
