"""LaTeX of any component or system: its equations part by part as they are written, its numbers and their papers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ketasim import __version__
from ketasim.core import citations
from ketasim.core.component import Component
from ketasim.core.system import Part, System
from ketasim.core.whole import write_whole
from ketasim.exchange import latex_names as names

LONGEST = 420  # characters of LaTeX that still fit a line
NO_PAPER = {"assumed", "definition", "user"}
_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,booktabs,longtable,array}
\usepackage[margin=25mm]{geometry}
\usepackage[hidelinks]{hyperref}
\allowdisplaybreaks
"""


def latex(system: System | Component) -> str:
    """A whole LaTeX document.

    Every part gets its equations (as the paper writes them, inputs as symbols), what its inputs are joined to, and a
    table of its numbers with unit, standing and source. Parts that are not written as equations are named as such.
    """
    whole = system if isinstance(system, System) else System(type(system).__name__, (Part(system, "model"),))
    bodies = [_part(p) for p in whole.parts]
    title = names.text(whole.name)
    return (
        f"{_PREAMBLE}\\title{{{title}}}\n\\author{{ketasim {__version__}}}\n\\date{{}}\n"
        "\\begin{document}\n\\maketitle\n"
        "Time is in hours; amounts are in \\textmu mol unless a unit says otherwise.\n\n"
        + "\n".join(bodies)
        + _papers(whole)
        + "\\end{document}\n"
    )


def write(system: System | Component, path: str | Path) -> Path:
    """Write the document; InputError where the path cannot be written."""
    return write_whole(path, latex(system), "LaTeX file", folders=False)


def equations(component: Component) -> list[tuple[str, str]]:
    """(left side, right side) in LaTeX: rates of states, outputs that are not states of the same name, initial values
    that are not zero, jumps."""
    import sympy

    def symbols(given: Mapping[str, Any]) -> dict[str, Any]:
        return {n: sympy.Symbol(names.symbol(n), real=True) for n in given}

    c = component.with_values(symbols(component.parameters()))
    x, u = symbols(component.states), symbols(component.inputs)
    if "t" in u:
        u["t"] = sympy.Symbol("t", real=True)
    rates, read, start = c.rates(x, u), c.read(x, u), c.initial()
    known = {**x, **u, **{n: sympy.Symbol(names.symbol(n), real=True) for n in component.parameters()}}
    new = {n: _frozen(_tidy(v)) for n, v in read.items() if n not in known or sympy.sympify(v) != known[n]}
    named = [(v, sympy.Symbol(names.symbol(n), real=True)) for n, v in new.items() if n not in known and not v.is_Atom]
    named.sort(key=lambda pair: -pair[0].count_ops())
    rows = [
        (rf"\frac{{\mathrm{{d}}{names.symbol(s)}}}{{\mathrm{{d}}t}}", _in_terms_of(_frozen(_tidy(rates[s])), named))
        for s in component.states
    ]
    rows += [(names.symbol(n), _in_terms_of(v, [pair for pair in named if pair[0] != v])) for n, v in new.items()]
    rows += [(f"{names.symbol(s)}(0)", _frozen(_tidy(v))) for s, v in start.items()]
    for event in component.jump_events:
        after = rf"\big|_{{\mathrm{{{names.text(event)}}}}}"
        rows += [(names.symbol(s) + after, _frozen(_tidy(v))) for s, v in c.jump(event, x, u).items()]
    return _shortened(rows)


def _tidy(value: Any) -> Any:
    """A SymPy expression whose whole and simple fractional numbers are exact (0.5 becomes one half)."""
    import sympy

    expression = sympy.sympify(value)
    exact = {}
    for f in expression.atoms(sympy.Float):
        ratio = sympy.nsimplify(f, rational=True)
        if ratio.q <= 12 and abs(ratio.p) < 10**6:
            exact[f] = ratio
    return expression.xreplace(exact)


def _frozen(expression: Any) -> Any:
    """The expression with Max and Min as plain functions, which SymPy does not try to simplify at every touch."""
    import sympy

    names_of = {sympy.Max: sympy.Function("max"), sympy.Min: sympy.Function("min")}

    def walk(e: Any) -> Any:
        if e.is_Atom:
            return e
        arguments = [walk(a) for a in e.args]
        return names_of[e.func](*arguments) if e.func in names_of else e.func(*arguments)

    return walk(expression)


def _in_terms_of(expression: Any, named: list[tuple[Any, Any]]) -> Any:
    """The expression with outputs written by their names where they occur whole, or as factors of a product."""
    import sympy

    def walk(e: Any, value: Any, symbol: Any) -> Any:
        if e == value:
            return symbol
        if e.is_Atom:
            return e
        arguments = [walk(a, value, symbol) for a in e.args]
        new = e.func(*arguments) if any(a is not b for a, b in zip(arguments, e.args, strict=True)) else e
        if new.is_Mul and value.is_Mul and set(value.args) < set(new.args):
            return sympy.Mul(symbol, *(a for a in new.args if a not in value.args))
        return new

    for value, symbol in named:
        expression = walk(expression, value, symbol)
    return expression


def _shortened(rows: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    """Both sides in LaTeX; where a right side is too long for a line, repeated parts get letters of their own."""
    import sympy

    long = [v for _, v in rows if len(_tex(v)) > LONGEST]
    letters = (sympy.Symbol(f"w_{{{i}}}", real=True) for i in range(1, 1000))
    parts, whole = sympy.cse(long, symbols=letters) if long else ([], [])
    short = iter(whole)
    out = [(left, _tex(_tidy(next(short)) if len(_tex(v)) > LONGEST else v)) for left, v in rows]
    return out + [(_tex(symbol), _tex(_tidy(v))) for symbol, v in parts]


def _tex(value: Any) -> str:
    import sympy

    return str(sympy.latex(sympy.sympify(value), mul_symbol=r"\,", min=-4, max=6))


def _part(p: Part) -> str:
    c = p.component
    doc = [line.strip() for line in (type(c).__doc__ or "").strip().splitlines()]
    out = [rf"\section*{{{names.text(p.name)}: {names.text(type(c).__name__)}}}", names.text(doc[0] if doc else ""), ""]
    out += [rf"\noindent\emph{{{head}}} {names.text(rest)}\par" for head, rest in _said(doc)]
    if c.exportable:
        rows = equations(c)
        if rows:
            lines = " \\\\\n".join(f"{left} &= {right}" for left, right in rows)
            out += [r"\begin{align*}", lines, r"\end{align*}"]
    else:
        out.append("This part is computed, not written as equations.\n")
    out += _wires(p)
    out += _numbers(c)
    return "\n".join(out) + "\n"


def _said(doc: list[str]) -> list[tuple[str, str]]:
    """What the component's own words say it assumes and when it fails."""
    out: list[tuple[str, str]] = []
    for line in doc[1:]:
        head = next((h for h in ("Assumes", "Fails when") if line.startswith(h)), "")
        if head:
            out.append((head, line[len(head) :].strip()))
        elif out and line and not line.startswith("Equation"):
            out[-1] = (out[-1][0], f"{out[-1][1]} {line}")
        elif line.startswith("Equation"):
            continue
    return out


def _wires(p: Part) -> list[str]:
    rows = []
    for port, unit in p.component.inputs.items():
        wired = p.wire.get(port, port)
        if isinstance(wired, (int, float)):
            source = f"{wired:g}"
        else:
            source = wired if isinstance(wired, str) else " + ".join(wired)
        source = source or "nothing (0)"
        rows.append(rf"${names.symbol(port)}$ & {names.text(source)} & {names.unit(unit)} \\")
    if not rows:
        return []
    head = [r"\begin{center}\begin{tabular}{lll}", r"\toprule", r"input & joined to & unit \\", r"\midrule"]
    return [*head, *rows, r"\bottomrule", r"\end{tabular}\end{center}"]


def _numbers(c: Component) -> list[str]:
    rows = []
    known = citations.references()
    for name, q in c.parameters().items():
        keys = [k for k in q.source.replace(",", " ").replace(";", " ").split() if k]
        cited = ", ".join(rf"\cite{{{k}}}" if k in known and k not in NO_PAPER else names.text(k) for k in keys)
        where = f", {names.text(q.where.rstrip('.'))}" if q.where else ""
        standing = "assumed" if q.assumed else q.status
        note = f" {names.text(q.note)}" if q.note else ""
        value = f"{names.number(q.value)} & {names.unit(q.unit)}"
        rows.append(rf"${names.symbol(name)}$ & {value} & {standing} & {cited}{where}.{note} \\")
    if not rows:
        return []
    head = [
        r"\begin{longtable}{lllp{18mm}p{75mm}}",
        r"\toprule",
        r"number & value & unit & standing & source \\",
        r"\midrule\endhead",
    ]
    return [*head, *rows, r"\bottomrule", r"\end{longtable}"]


def _papers(system: System) -> str:
    keys = [k for q in system.parameters.values() for k in q.source.replace(",", " ").replace(";", " ").split()]
    found = citations.cite(k for k in keys if k not in NO_PAPER)
    if not found:
        return ""
    items = []
    for r in found:
        title = names.text(r.plain("title"))
        link = rf" \url{{{r.link}}}" if r.link else ""
        items.append(rf"\bibitem{{{r.key}}} {names.text(r.short)}. {title}.{link}")
    return "\\begin{thebibliography}{99}\n" + "\n".join(items) + "\n\\end{thebibliography}\n"
