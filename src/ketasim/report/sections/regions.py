"""Where in the brain: our own schematic outline, tinted by the change of connectivity or by NMDA block.

The outline is drawn for this project and given to the public domain (CC0); it is a scheme, not an atlas.
"""

# ruff: noqa: E501  outlines stay whole

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ketasim.core.errors import KetasimError
from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.registry import Section
from ketasim.report.text import chip, esc, paragraph, table

NEEDS = ("nmda.block.pyramidal", "nmda.block.pv", "nmda.block.sst")
OUTLINE = (
    "M30 96C22 74 34 44 66 28C100 10 156 8 196 24C232 38 252 66 250 96C249 118 234 130 214 132"
    "C206 150 184 156 168 146C150 152 124 150 108 140C84 146 58 138 48 120C38 114 32 106 30 96Z"
)
# network → (outline on the scheme of a left hemisphere seen from the side, where its number stands)
PATCHES: Mapping[str, tuple[str, float, float]] = {
    "limbic": ("M48 118C60 112 80 114 92 122C92 132 86 140 76 140C64 138 54 130 48 120Z", 74, 126),
    "frontoparietal": ("M40 66C48 48 62 34 84 26C92 38 92 54 86 66C72 74 54 74 40 68Z", 66, 54),
    "default mode": ("M32 100C28 86 32 74 38 68C54 76 72 76 84 70C90 84 84 98 72 106C58 112 42 110 34 104Z", 58, 92),
    "salience": ("M90 70C100 62 118 62 128 72C132 86 126 98 112 102C98 104 88 98 86 92C92 84 92 78 90 70Z", 109, 84),
    "somatomotor": ("M90 24C112 14 142 12 158 16C156 34 148 52 134 68C122 60 106 58 92 64C98 50 98 36 90 24Z", 126, 40),
    "dorsal attention": ("M162 16C184 18 204 28 216 42C206 56 190 66 170 70C158 72 146 72 138 70C152 54 160 36 162 16Z", 183, 46),
    "visual": ("M220 46C240 62 250 82 248 102C246 118 232 128 214 128C204 116 200 98 204 82C206 68 212 56 220 46Z", 226, 92),
    "temporal": ("M96 122C112 112 128 108 150 106C172 104 190 104 200 112C204 124 204 138 190 146C172 150 140 148 112 138C104 134 98 128 96 122Z", 150, 128),
}  # fmt: skip
ARROW = {1: "up", -1: "down", 0: "no change"}


def render(result: Result, context: Context) -> str:
    """The outline with one number a network; without a connectome, block of the three cell classes in its place."""
    if not all(n in result.outputs for n in NEEDS) or not np.isfinite(result["nmda.block.pyramidal"]).any():
        return ""
    if float(np.nanmax(result["nmda.block.pyramidal"])) < 1e-4:
        return ""
    try:
        found = result.array("gbc") if len(result) <= 20 else None
    except KetasimError:
        found = None
    if found is None:
        return _blocks(result)
    change = np.nanmedian(found.values[:, 1] - found.values[:, 0], axis=0)
    labels = np.array([r.partition(" ")[2] for r in found.coords["region"]])
    means = {name: float(change[labels == name].mean()) for name in dict.fromkeys(labels) if name in PATCHES}
    if not means:
        return _blocks(result)
    rows = [[name, f"{value:+.4f}", ARROW[int(np.sign(round(value, 4)))]] for name, value in means.items()]
    rows.append(["all regions", f"{float(change.mean()):+.4f}", ARROW[int(np.sign(round(float(change.mean()), 4)))]])
    words = (
        "Change of global brain connectivity (mean Fisher z with all other regions) when block of pyramidal cells is "
        "deepest, against the same brain without drug. Studies disagree on its sign; no published model validates it."
    )
    return (
        paragraph(words) + _figure(means, "{:+.3f}", "change of global brain connectivity")
        + table(["network", "change, Fisher z", "direction"], rows, kind="numbers", caption="Change by network")
        + "".join(f'<p class="note">{esc(w)}</p>' for w in found.words[1:]) + chip("sign-level support", "warn")
    )  # fmt: skip


def _blocks(result: Result) -> str:
    """Without a connectome: peak block, the same over the whole cortex."""
    peaks = {n: float(np.nanmedian(np.nanmax(result[n], axis=1))) for n in NEEDS}
    names = ("pyramidal cells", "parvalbumin cells", "somatostatin cells")
    cortex = dict.fromkeys(PATCHES, 100 * peaks[NEEDS[0]])
    rows = [[name, f"{100 * peaks[n]:.0f} %"] for name, n in zip(names, NEEDS, strict=True)]
    words = (
        "Peak block of NMDA channels of pyramidal cells, the same over the whole cortex. How it changes connectivity "
        "between regions is shown for up to 20 people in a run that keeps every output or asks for gbc, where there is "
        "a connectome (pip install --no-deps cubnm, or one of your own)."
    )
    return (
        paragraph(words) + _figure(cortex, "{:.0f} %", "NMDA block", one=True)
        + table(["cells", "peak block"], rows, kind="numbers", caption="Peak block by cell class")
    )  # fmt: skip


def _figure(values: Mapping[str, float], form: str, what: str, one: bool = False) -> str:
    """SVG: orange for more, blue for less, stronger for larger; each number stands in its place."""
    largest = max(abs(v) for v in values.values()) or 1.0
    parts = []
    for name, (path, x, y) in PATCHES.items():
        value = values.get(name)
        if value is None:
            continue  # the parcellation has no network of this name
        colour = "#D55E00" if value > 0 else "#0072B2"
        opacity = 0.15 + 0.55 * abs(value) / largest
        title = f"{name}: {form.format(value)}"
        parts.append(
            f'<path d="{path}" fill="{colour}" fill-opacity="{opacity:.2f}" stroke="currentColor" stroke-opacity=".35" '
            f'stroke-width=".8"><title>{esc(title)}</title></path>'
        )
        if not one:
            parts.append(
                f'<text x="{x}" y="{y}" text-anchor="middle" font-size="7" fill="currentColor">{esc(name)}'
                f'<tspan x="{x}" dy="8.5" font-weight="600">{esc(form.format(value))}</tspan></text>'
            )
    if one:
        text = form.format(next(iter(values.values())))
        parts.append(
            f'<text x="166" y="94" text-anchor="middle" font-size="14" fill="currentColor">{esc(text)}</text>'
        )
    return (
        '<figure class="fig" id="fig-regions"><div class="sheet"><svg viewBox="20 0 244 164" role="img" '
        f'aria-label="{esc(f"Schematic side view of the cortex: {what}")}" '
        'style="max-width:640px;width:100%;height:auto;display:block;margin:0 auto">'
        f'{"".join(parts)}<path d="{OUTLINE}" fill="none" stroke="currentColor" stroke-width="1.6"/></svg></div>'
        '<p class="note">A scheme, not an atlas: networks are drawn once, where most of them lies. Front is left.</p>'
        "</figure>"
    )


SECTION = Section("regions", "Brain regions", render, needs=NEEDS, claims=(), nav="Regions")
