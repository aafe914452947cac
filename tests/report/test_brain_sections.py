"""Occupancy at chosen times and the EEG spectrogram: what stands on the page is what the model says."""

import re
import struct
import zlib
from base64 import b64decode

import numpy as np
import pytest

import ketasim as ks
from ketasim.circuits import eeg
from ketasim.report.context import Context
from ketasim.report.sections import receptors, rhythms

DOSE = "0.5 mg/kg iv over 40 min"
NAMES = [*eeg.INPUTS, "nmda.block.2C", "occupancy.mu", *(f"eeg.{b}" for b in eeg.BANDS)]


@pytest.fixture(scope="module")
def context() -> Context:
    times = np.unique(np.append(np.arange(0, 6, 1 / 30), 40 / 60))
    result = ks.simulate(regimen=DOSE, times_h=times, outputs=NAMES)
    doubt = ks.simulate(regimen=DOSE, times_h=times, outputs=NAMES[:6], subjects=40, vary="doubt")
    return Context(result, doubt=doubt)


def test_occupancy_is_read_at_the_end_of_the_dose_and_later(context: Context) -> None:
    """The strong block of GluN2C with its interval of doubt at three times; mu stays out, being under 2 %."""
    html = receptors.render(context.result, context).split("Occupied at chosen times")[1]
    row = re.search(r"GluN2C.*?</tr>", html)
    assert row is not None and "occupancy.mu" in context.result
    shown = [float(x) for x in re.findall(r"<br>([\d.]+) %", row.group())]
    at = [40 / 60, 40 / 60 + 1, 40 / 60 + 4]
    expected = 100 * np.interp(at, context.result.times_h, context.result["nmda.block.2C"][0])
    assert np.allclose(shown, expected, rtol=0.05)
    low, high = (float(x) for x in re.search(r"\(([\d.]+) % to ([\d.]+) %\)", row.group()).groups())
    assert low < shown[0] < high
    assert ">mu " not in html.split("Other targets")[0]


def test_the_spectrogram_is_a_picture_of_the_spectra(context: Context) -> None:
    """The embedded image decodes to the colours of its numbers: bluest in the alpha band as the infusion ends."""
    html = rhythms.render(context.result, context)
    data = b64decode(re.search(r"base64,([^\"]+)", html).group(1))
    width, height = struct.unpack(">II", data[16:24])
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and (width, height) == (rhythms.COLUMNS, 120)
    length = struct.unpack(">I", data[33:37])[0]
    raw = np.frombuffer(zlib.decompress(data[41 : 41 + length]), np.uint8).reshape(height, 1 + 3 * width)[:, 1:]
    red = raw.reshape(height, width, 3)[..., 0].astype(int)
    row, column = np.unravel_index(red.argmin(), red.shape)
    hertz = 2 ** np.interp(row, [0, height - 1], [np.log2(60), 0])
    assert 8 <= hertz <= 13
    assert column / (width - 1) * (40 + 60 * rhythms.LOOK_H) == pytest.approx(40, abs=3)
    assert "alpha falls by up to" in html and "gamma rises by up to" in html


def test_nothing_to_show_says_nothing() -> None:
    result = ks.simulate(regimen=DOSE, times_h=[0.0, 1.0], outputs=["ketamine.arterial"])
    assert rhythms.render(result, Context(result)) == ""


def test_loss_and_return_of_consciousness_are_told() -> None:
    """2 mg/kg over a minute: lost and back later; not at 0.5 mg/kg over 40 min."""
    from ketasim.report.sections import acute

    times = np.arange(0, 3, 1 / 120)
    deep = ks.simulate(regimen="2 mg/kg iv over 1 min", times_h=times, outputs=["p_unresponsive", "sedation"])
    words = acute.render(deep, Context(deep))
    assert "Consciousness" in words and "likelier back than not at" in words
    light = ks.simulate(regimen=DOSE, times_h=times, outputs=["p_unresponsive", "sedation"])
    assert "Consciousness" not in acute.render(light, Context(light))


def test_bursts_are_shown_at_an_anaesthetic_dose_only(context: Context) -> None:
    """Alternation is said until when, with the durations of nine volunteers; nothing of it at the usual dose."""
    assert "fig-bursts" not in rhythms.render(context.result, context)
    times = np.arange(0, 3, 1 / 120)
    deep = ks.simulate(regimen="2 mg/kg iv over 1 min", times_h=times, outputs=[*NAMES, "p_bursts"])
    html = rhythms.render(deep, Context(deep))
    assert "fig-bursts" in html and "2.5 and 1.8 s" in html
    told = float(re.search(r"until ([\d.]+) min after the start", html).group(1))
    last = times[np.flatnonzero(deep["p_bursts"][0] > 0.5)[-1]] * 60
    assert told == pytest.approx(last, abs=0.6)


def test_no_dissociation_is_rated_in_the_unconscious_and_coarse_times_claim_no_seconds() -> None:
    from ketasim.report.sections import acute

    names = ["p_unresponsive", "cadss", "sedation"]
    deep = ks.simulate(regimen="2 mg/kg iv", times_h=np.arange(0, 3, 1 / 30), outputs=names)
    words = acute.render(deep, Context(deep))
    assert "nobody could rate it" in words and "within 2 min of the start" in words
    light = ks.simulate(regimen=DOSE, times_h=np.arange(0, 3, 1 / 30), outputs=names)
    assert "nobody could rate it" not in acute.render(light, Context(light))
