# ruff: noqa: E501  (one case a line)
"""Every statistic against its closed form on curves known analytically."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ketasim.core.errors import InputError
from ketasim.studies.catalogue import STATISTICS
from ketasim.studies.measuring import measure
from ketasim.studies.run import ArmRun
from ketasim.studies.study import Observation

CL, V, DOSE = 10.0, 50.0, 100.0  # L/h, L, mg: C0 2000 ng/mL, k 0.2 /h
K = CL / V


def run(people: int = 3, drug: float = 1.0, **extra: Any) -> ArmRun:
    t = np.unique(np.concatenate([np.linspace(0, 4, 400), np.linspace(4, 80, 600)]))
    n = np.ones((2, people, 1))
    c = n * drug * DOSE / V * 1000 * np.exp(-K * t)
    rise = n * drug * 100 * (np.exp(-0.2 * t) - np.exp(-2.0 * t))  # peak at ln(10)/1.8 h
    score = 30 - drug * np.arange(1, people + 1)[None, :, None] * np.minimum(
        t, 10.0
    )  # person i falls i per hour for 10 h
    values = {
        "ketamine.venous": c, "norketamine.venous": 0.25 * c, "cadss": rise, "madrs": n * score, "sbp": 120 + rise / 10,
        "p_nausea": n * 0.4 * (1 - np.exp(-t)), "relapse_hazard": n * np.full_like(t, 0.24 if drug else 0.48),
    }  # fmt: skip
    units = {"ketamine.venous": "ng/mL", "norketamine.venous": "ng/mL", "cadss": "points", "madrs": "points", "sbp": "mmHg",
             "p_nausea": "1", "relapse_hazard": "1/d"}  # fmt: skip
    return ArmRun(t, values, units, np.full((2, people), DOSE), np.full((2, people), 70.0), **extra)


def row(statistic: str, output: str = "ketamine.venous", value: float = 1.0, unit: str = "", **kw: Any) -> Observation:
    return Observation(id="x", arm="a", statistic=statistic, output=output, value=value, unit=unit, **kw)


PEAK = math.log(10) / 1.8
CASES: list[tuple[Observation, float]] = [
    (row("concentration", time="5 h"), 2000 * math.exp(-1)),
    (row("concentration", time="5 h", unit="umol/L"), 2000 * math.exp(-1) / 237.73),
    (row("average", **{"from": "0 h", "until": "10 h"}), 2000 * (1 - math.exp(-2)) / 2),
    (row("Cmax"), 2000.0),
    (row("Cmin", **{"from": "0 h", "until": "5 h"}), 2000 * math.exp(-1)),
    (row("Tmax", "cadss", unit="min"), PEAK * 60),
    (row("AUC"), 2000 / K),
    (row("AUC", until="8 h", unit="ng*min/mL"), 60 * 2000 / K * (1 - math.exp(-1.6))),
    (row("AUC_per_dose", until="8 h"), 2000 / K * (1 - math.exp(-1.6)) / DOSE),
    (row("clearance"), CL),
    (row("clearance", unit="mL/min/kg"), CL * 1000 / 60 / 70),
    (row("volume_ss", unit="L/kg"), V / 70),
    (row("volume_beta"), V),
    (row("half_life"), math.log(2) / K),
    (row("half_life", unit="min", **{"from": "1 h", "until": "3 h"}), 60 * math.log(2) / K),
    (row("offset", threshold=1000.0), math.log(2) / K),
    (row("duration", threshold=1000.0), math.log(2) / K),
    (row("onset", threshold=1000.0, direction="below"), math.log(2) / K),
    (row("peak", "cadss"), 100 * (math.exp(-0.2 * PEAK) - math.exp(-2 * PEAK))),
    (row("peak_change", "sbp", unit="mmHg"), 10 * (math.exp(-0.2 * PEAK) - math.exp(-2 * PEAK))),
    (row("peak_percent_change", "sbp"), 1000 / 120 * (math.exp(-0.2 * PEAK) - math.exp(-2 * PEAK))),
    (row("peak_time", "sbp", unit="min"), PEAK * 60),
    (row("output_ratio", "norketamine.venous", of="AUC", denominator="ketamine.venous"), 0.25),
    (row("mean", "madrs", time="5 h"), 30 - 5 * 2.0),  # people fall 1, 2, 3 points an hour
    (row("change", "madrs", time="24 h"), -20.0),
    (row("percent_change", "madrs", time="5 h"), -100 * 10 / 30),
    (row("SD", "madrs", of="change", time="24 h"), 10.0),  # changes −10, −20, −30
    (row("SD", "madrs", of="mean", time="5 h"), 5.0),
    (row("response", "madrs", time="24 h"), 2 / 3),  # 20/30 and 30/30 reach half, 10/30 does not
    (row("response", "madrs", time="24 h", threshold=0.3, unit="%"), 100.0),
    (row("remission", "madrs", time="24 h", threshold=10.0), 2 / 3),
    (row("share", "madrs", threshold=5.0, direction="below"), 1 / 3),
    (row("event_share", "p_nausea", time="2 h"), 0.4 * (1 - math.exp(-2))),
    (row("median_time_to_event", "relapse_hazard", unit="d"), math.log(2) / 0.24),
    (row("median_time_to_event", "madrs", threshold=20.0, direction="below"), 5.0),  # the middle person crosses at 5 h
    (row("event_share", "relapse_hazard", time="3 d", **{"from": "1 d"}), 1 - math.exp(-0.48)),
    (row("return_time", "sbp", threshold=0.5), 5.27137),  # exp(−0.2t) − exp(−2t) at half its peak (Brent's root)
    (row("event_rate", "relapse_hazard", unit="1/d", **{"from": "0 h", "until": "2 d"}), 0.24),
]


@pytest.mark.parametrize(
    ("observation", "expected"), CASES, ids=[f"{o.statistic}-{i}" for i, (o, _) in enumerate(CASES)]
)
def test_one_arm(observation: Observation, expected: float) -> None:
    found = measure(observation, run())
    assert found.shape == (2,)
    assert found == pytest.approx(expected, rel=5e-3)  # the grid is a hundredth of an hour


CONTRASTS: list[tuple[Observation, float]] = [
    (row("difference", "madrs", of="change", comparator="b", time="24 h"), -20.0),
    (row("ratio", "ketamine.venous", of="AUC", comparator="b"), 1.0),
    (row("hazard_ratio", "relapse_hazard", comparator="b", until="2 d"), 0.5),
    (row("risk_ratio", "p_nausea", of="event_share", comparator="b", time="2 h"), 1.0),
]


@pytest.mark.parametrize(("observation", "expected"), CONTRASTS, ids=[o.statistic for o, _ in CONTRASTS])
def test_contrasts(observation: Observation, expected: float) -> None:
    other = run(drug=0.0) if observation.output != "ketamine.venous" else run(drug=2.0)
    if observation.statistic == "ratio":
        expected = 0.5
    assert measure(observation, run(), other) == pytest.approx(expected, rel=1e-3)


def test_odds_ratio_with_half_a_person_in_each_cell() -> None:
    wanted = row("odds_ratio", "madrs", of="response", comparator="b", time="24 h")
    # 2 of 3 against 0 of 3, half a person added to each cell: (2.5/1.5) / (0.5/3.5)
    assert measure(wanted, run(), run(drug=0.0)) == pytest.approx((2.5 / 1.5) / (0.5 / 3.5))


def test_effect_size_is_the_difference_over_the_pooled_sd() -> None:
    wanted = row("effect_size", "madrs", of="change", comparator="b", time="24 h")
    # changes −10, −20, −30 (SD 10) against −5, −10, −15 (SD 5)
    assert measure(wanted, run(), run(drug=0.5)) == pytest.approx(-10 / math.sqrt((100 + 25) / 2))


def test_bioavailability_is_dose_normalised() -> None:
    half = run()
    half = ArmRun(half.times_h, half.values, half.units, half.dose_mg * 2, half.weight_kg)
    assert measure(row("bioavailability", comparator="b", unit="%"), half, run()) == pytest.approx(50.0, rel=1e-3)


def test_correlation_of_proportional_curves_is_one() -> None:
    wanted = row("correlation", "norketamine.venous", denominator="ketamine.venous", **{"from": "0 h", "until": "8 h"})
    assert measure(wanted, run()) == pytest.approx(1.0)


def test_correlation_of_means_is_over_the_sampling_times_not_over_people() -> None:
    """People differ tenfold, yet the means over time are proportional: one. Without times it is refused."""
    wanted = row("correlation_of_means", "norketamine.venous", denominator="ketamine.venous")
    seen = run(samples_h=(1.0, 2.0, 4.0))
    seen.values["norketamine.venous"] = seen.values["ketamine.venous"] * np.array([[[0.1], [1.0], [3.0]]])
    assert measure(wanted, seen) == pytest.approx(1.0)
    with pytest.raises(InputError, match="three times"):
        measure(wanted, run(samples_h=(1.0, 2.0)))


def test_sampling_times_limit_what_a_study_sees() -> None:
    seen = measure(row("Cmax", until="24 h"), run(samples_h=(1.0, 2.0, 4.0)))
    assert seen == pytest.approx(2000 * math.exp(-K))
    assert measure(row("Tmax", until="24 h"), run(samples_h=(1.0, 2.0, 4.0))) == pytest.approx(1.0)


def test_clock_can_start_at_the_last_dose() -> None:
    shifted = run(last_dose_h=1.0, end_h=2.0)
    assert measure(row("concentration", time="1 h", time_from="end"), shifted) == pytest.approx(
        2000 * math.exp(-3 * K), rel=1e-3
    )
    assert measure(row("Tmax", "cadss", time_from="last_dose"), shifted) == pytest.approx(PEAK - 1.0, abs=0.01)


def test_infusion_is_taken_off_the_mean_residence_time() -> None:
    t = np.unique(np.concatenate([np.linspace(0, 2, 2000), np.linspace(2, 90, 4000)]))
    level = DOSE / 2 / CL * 1000 * (1 - np.exp(-K * np.minimum(t, 2.0))) * np.exp(-K * np.maximum(t - 2.0, 0))
    infused = ArmRun(
        t,
        {"ketamine.venous": level[None, None, :]},
        {"ketamine.venous": "ng/mL"},
        np.array([[DOSE]]),
        np.array([[70.0]]),
        infusion_h=2.0,
    )
    assert measure(row("volume_ss"), infused) == pytest.approx(V, rel=2e-3)


def test_never_reached_is_not_a_number() -> None:
    assert np.isnan(measure(row("onset", threshold=1e9), run())).all()
    assert np.isnan(measure(row("concentration", time="500 h"), run())).all()


def test_units_of_a_row_must_fit() -> None:
    with pytest.raises(InputError, match="unit of x"):
        measure(row("clearance", unit="ng/mL"), run())


def test_risk_of_a_course_multiplies_the_sessions() -> None:
    """Three sessions a day apart, each with p rising to 0.4: 1 − 0.6³ of the people have had the event."""
    t = np.linspace(0, 72, 721)
    p = 0.4 * (1 - np.exp(-3 * (t % 24)))
    doses = tuple((24.0 * i + 0.1 * k, 0.0, "esketamine", "intranasal", 28.0) for i in range(3) for k in range(2))
    one = np.ones((1, 1))
    course = ArmRun(t, {"p_nausea": p[None, None, :]}, {"p_nausea": "1"}, one, one, doses=doses)
    assert measure(row("course_share", "p_nausea"), course) == pytest.approx(1 - 0.6**3, rel=1e-6)


def test_a_failed_person_does_not_count() -> None:
    broken = run()
    broken.values["ketamine.venous"][0, 1] = np.nan
    assert measure(row("half_life"), broken) == pytest.approx(math.log(2) / K, rel=1e-3)
    assert measure(row("AUC"), broken) == pytest.approx(2000 / K, rel=1e-3)


def test_loss_of_response_counts_those_who_had_it() -> None:
    """From 20 (a third left) back by 1, 2, 4 points an hour: 45 is reached after 25, 12.5 and 6.25 hours; a fourth person
    never responded, and a copy without responders has no median."""
    t = np.linspace(0, 60, 601)
    back = [np.where(t < 10, 60 - 4 * t, np.minimum(20 + k * (t - 10), 60)) for k in (1.0, 2.0, 4.0)]
    people = np.array([[*back, np.full_like(t, 60.0)], [np.full_like(t, 60.0)] * 4])
    held = ArmRun(t, {"caps5": people}, {"caps5": "points"}, np.ones((2, 4)), np.full((2, 4), 70.0))
    found = measure(row("median_response_loss", "caps5", threshold=0.25, **{"from": "10 h"}), held)
    assert found[0] == pytest.approx(12.5, abs=0.1) and np.isnan(found[1])


def test_every_statistic_is_exercised() -> None:
    tested = {o.statistic for o, _ in CASES + CONTRASTS} | {
        "odds_ratio",
        "effect_size",
        "bioavailability",
        "correlation",
        "correlation_of_means",
        "course_share",
        "median_response_loss",
    }
    assert tested | {"sign", "rank", "parameter", "experiment"} == set(STATISTICS)
