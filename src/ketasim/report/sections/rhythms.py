"""EEG spectrogram of a session: power against rest over time and frequency, and the change of each band in words."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np

from ketasim.core.result import Result
from ketasim.report.context import Context
from ketasim.report.numbers import duration
from ketasim.report.registry import Section
from ketasim.report.text import chip, esc, paragraph

NEEDS = ("nmda.block.pyramidal", "nmda.block.pv", "nmda.block.sst", "occupancy.HCN1", "eeg.gamma")
LOOK_H, COLUMNS, LOW_HZ, HIGH_HZ = 3.0, 180, 1.0, 60.0
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 330, 46, 12, 96, 40
DOWN, UP = np.array([0, 90, 160]), np.array([190, 70, 0])
TICKS_HZ = (1, 2, 4, 8, 13, 30, 60)
SMALL_DB = 0.05
FINE, STRIP_S, STRIP_LEFT, STRIP_PX = 721, 30.0, 64, WIDTH - 64 - 12


def render(result: Result, context: Context) -> str:
    """The spectrogram of the first session of one person (the middle of several), and what it says in words."""
    if not context.sessions or any(name not in result for name in NEEDS):
        return ""
    start = context.sessions[0].start_h
    stop = min(context.sessions[0].end_h + LOOK_H, float(result.times_h[-1]))
    if stop <= start:
        return ""
    times, frequencies, change = spectrogram(result, context, start, stop)
    words = _words(times, frequencies, change)
    who = "the middle of these people" if context.many else "this person"
    lead = (
        f"Power against rest in {who}, computed from the block of the column's cells and channels. "
        "Directions come from EEG and MEG of volunteers; sizes are not validated."
    )
    marks = " ".join(chip(f, "warn") for f in context.flags(["eeg.gamma"]))
    html = paragraph(lead) + _drawn(times, frequencies, change, words) + paragraph(words) + f"<p>{marks}</p>"
    return html + _bursts(result, context, start, stop)


def spectrogram(
    result: Result, context: Context, start_h: float, stop_h: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(hours from the start (columns,), Hz (f,), dB against rest (columns, f))."""
    from ketasim.circuits import eeg

    at = np.linspace(start_h, stop_h, COLUMNS)
    middle = {n: np.interp(at, result.times_h, context.typical(n)[1])[None, :] for n in eeg.INPUTS}
    variant = str((result.manifest.get("options") or {}).get("eeg", "column"))
    power = eeg.session(middle, 0, variant).power
    rest = eeg.spectra(np.zeros((4, 1))).power[0]
    keep = (eeg.FREQUENCIES >= LOW_HZ) & (eeg.FREQUENCIES <= HIGH_HZ)
    return at - start_h, eeg.FREQUENCIES[keep], 10 * np.log10(power[:, keep] / rest[keep])


def _bursts(result: Result, context: Context, start_h: float, stop_h: float) -> str:
    """When gamma and slow-delta alternate, likelier than not, in words and half a minute of it as a strip."""
    if "p_bursts" not in result:
        return ""
    at = np.linspace(start_h, stop_h, FINE)
    seen = np.flatnonzero(np.interp(at, result.times_h, context.typical("p_bursts")[1]) > 0.5)
    if not len(seen):
        return ""
    from ketasim.circuits.bursts import GammaBursts, alternation

    c = GammaBursts()
    last = at[seen[-1]] - start_h
    words = (
        f"Deep enough for gamma bursts: until {duration(float(last))} after the start, states of gamma (about "
        f"{c.gamma_s:.1f} s) and of slow-delta (about {c.delta_s:.1f} s) are likelier than not to alternate, where "
        "nine volunteers had 2.5 and 1.8 s. The spectrogram above is that of the active column and does not show them."
    )
    states = alternation(STRIP_S, component=c)
    bars = "".join(
        f'<rect x="{STRIP_LEFT + STRIP_PX * start / STRIP_S:.1f}" y="{4 if gamma else 30}" '
        f'width="{STRIP_PX * length / STRIP_S:.1f}" height="26" fill="{"#BE4600" if gamma else "#005AA0"}"/>'
        for start, length, gamma in zip(states.start_s, states.duration_s, states.gamma, strict=True)
    )
    ticks = "".join(
        f'<text x="{STRIP_LEFT + STRIP_PX * s / STRIP_S:.1f}" y="74" text-anchor="middle">{s}</text>'
        for s in range(0, 31, 5)
    )
    left = STRIP_LEFT - 6
    marks = " ".join(chip(f, "warn") for f in context.flags(["p_bursts"]))
    return (
        '<figure class="fig full" id="fig-bursts"><figcaption><h3>Half a minute of alternation, simulated</h3>'
        f'</figcaption><svg viewBox="0 0 {WIDTH} 92" role="img" aria-label="Gamma and slow-delta states in turn" '
        'font-size="12" fill="currentColor" style="display:block;width:100%;height:auto">'
        f'<text x="{left}" y="21" text-anchor="end">gamma</text><text x="{left}" y="47" text-anchor="end">delta</text>'
        f'{bars}{ticks}<text x="{STRIP_LEFT + STRIP_PX / 2}" y="90" text-anchor="middle">time, s</text></svg></figure>'
        + paragraph(words) + f"<p>{marks}</p>"
    )  # fmt: skip


def _words(times: np.ndarray, frequencies: np.ndarray, change: np.ndarray) -> str:
    from ketasim.circuits.eeg import BANDS

    said, far, when = [], 0.0, 0
    for band, (low, high) in BANDS.items():
        curve = change[:, (frequencies >= low) & (frequencies < high)].mean(axis=1)
        k = int(np.argmax(np.abs(curve)))
        if abs(curve[k]) < SMALL_DB:
            said.append(f"{band} hardly changes")
        else:
            said.append(f"{band} {'rises' if curve[k] > 0 else 'falls'} by up to {abs(curve[k]):.1f} dB")
        if abs(curve[k]) > far:
            far, when = abs(curve[k]), k
    if far < SMALL_DB:
        return "No band changes by as much as 0.05 dB."
    text = ", ".join(said)
    return f"{text[0].upper()}{text[1:]}; the largest change is reached {duration(float(times[when]))} after the start."


def _drawn(times: np.ndarray, frequencies: np.ndarray, change: np.ndarray, words: str) -> str:
    """The picture with its axes and key, as SVG around one small PNG."""
    top = max(float(np.ceil(np.abs(change).max() * 2) / 2), 0.5)
    logs = np.log2(frequencies)
    rows = np.linspace(logs[-1], logs[0], 120)
    grid = np.stack([np.interp(rows, logs, line) for line in change], axis=1)  # (rows, columns), high pitch on top
    w, h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    parts = [_image(_colours(grid / top), LEFT, TOP, w, h)]
    for hz in TICKS_HZ:
        y = TOP + h * (logs[-1] - np.log2(hz)) / (logs[-1] - logs[0])
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{hz}</text>')
    last = 60 * float(times[-1])
    step = next(s for s in (5, 10, 15, 30, 60, 120, 240, 480) if last / s <= 12 or s == 480)
    for minute in np.arange(0, last + 1e-9, step):
        x = LEFT + w * minute / last
        parts.append(f'<text x="{x:.1f}" y="{TOP + h + 16}" text-anchor="middle">{minute:g}</text>')
    parts.append(f'<text x="{LEFT + w / 2}" y="{HEIGHT - 6}" text-anchor="middle">time, min</text>')
    parts.append(
        f'<text x="12" y="{TOP + h / 2}" text-anchor="middle" transform="rotate(-90 12 {TOP + h / 2})">Hz</text>'
    )
    key = LEFT + w + 18
    parts.append(_image(_colours(np.linspace(1, -1, 64)[:, None]), key, TOP, 12, h))
    for value, y in ((f"+{top:g} dB", TOP + 9), ("0", TOP + h / 2 + 4), (f"−{top:g} dB", TOP + h)):
        parts.append(f'<text x="{key + 18}" y="{y:.1f}">{value}</text>')
    return (
        '<figure class="fig full" id="fig-spectrogram">'
        "<figcaption><h3>EEG spectrogram, change against rest</h3></figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{esc(words)}" font-size="12" fill="currentColor" '
        f'style="display:block;width:100%;height:auto">{"".join(parts)}</svg></figure>'
    )


def _colours(share: np.ndarray) -> np.ndarray:
    """−1 to 1 → (rows, columns, 3) bytes: blue for less, white for none, orange for more."""
    s = np.clip(share, -1.0, 1.0)[..., None]
    return np.round(255 + np.where(s > 0, s * (UP - 255.0), -s * (DOWN - 255.0))).astype(np.uint8)


def _image(pixels: np.ndarray, x: float, y: float, width: float, height: float) -> str:
    """An SVG image of (rows, columns, 3) bytes, as PNG in the page itself."""
    rows, columns, _ = pixels.shape
    raw = b"".join(b"\0" + line.tobytes() for line in pixels)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0))
    png += chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")
    return (
        f'<image x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{b64encode(png).decode()}"/>'
    )


SECTION = Section("rhythms", "EEG over the session", render, needs=("eeg.gamma",), claims=(), nav="EEG")
