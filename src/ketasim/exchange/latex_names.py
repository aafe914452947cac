"""How names and text of the model are set in LaTeX."""

from __future__ import annotations

import re

GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "rho",
    "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Sigma", "Phi", "Psi", "Omega",
}  # fmt: skip
_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "−": "$-$", "×": r"$\times$", "·": r"$\cdot$", "µ": r"$\mu$", "≤": r"$\le$", "≥": r"$\ge$", "±": r"$\pm$",
    "→": r"$\to$",
    "²": "$^2$", "³": "$^3$", "⁺": "$^{+}$", "⁻": "$^{-}$", "½": "$\\frac12$", "≈": r"$\approx$", "√": r"$\sqrt{}$",
    "γ": r"$\gamma$", "α": r"$\alpha$", "β": r"$\beta$", "κ": r"$\kappa$", "δ": r"$\delta$", "σ": r"$\sigma$",
    "τ": r"$\tau$",
    "θ": r"$\theta$", "λ": r"$\lambda$", "ω": r"$\omega$", "Σ": r"$\Sigma$", "∂": r"$\partial$", "∞": r"$\infty$",
}  # fmt: skip


def symbol(name: str) -> str:
    """A name as a mathematical symbol: V1 → V_{1}, ke0 → k_{e0}, k_on → k_{on}, CL → CL upright."""
    head, _, tail = name.partition("_")
    match = re.fullmatch(r"([A-Za-z])(\d+)", head)
    rate = re.fullmatch(r"(k)([a-z]\w*)", head)
    if match:
        base, sub = match.group(1), match.group(2)
    elif rate and len(head) < 5:
        base, sub = "k", rate.group(2)
    else:
        digits = re.fullmatch(r"([A-Za-z]+)(\d+)", head)
        base, sub = (digits.group(1), digits.group(2)) if digits else (head, "")
        base = "\\" + base if base in GREEK else base if len(base) == 1 else rf"\mathrm{{{base}}}"
    parts = [p for p in (sub, *tail.split("_")) if p]
    lower = ",".join(parts)
    return f"{base}_{{{lower}}}" if lower.isdigit() else rf"{base}_{{\mathrm{{{lower}}}}}" if parts else base


def text(words: str) -> str:
    """Plain words made safe for LaTeX."""
    return "".join(_SPECIAL.get(c, c) for c in words)


def unit(name: str) -> str:
    """A unit as set in a table."""
    return text(name.replace("umol", "µmol").replace("ug", "µg")) if name not in ("", "1") else ""


def number(value: float) -> str:
    """A number with six digits; powers of ten written out."""
    shown = f"{value:.6g}"
    mantissa, _, exponent = shown.partition("e")
    return f"${mantissa} \\times 10^{{{int(exponent)}}}$" if exponent else f"${mantissa}$"
