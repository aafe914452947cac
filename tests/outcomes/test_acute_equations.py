"""Acute equations against the constants their authors print, and against each other where both must say the same."""

import numpy as np
import pytest

from ketasim.outcomes.adverse import Event
from ketasim.outcomes.anxiety import Anxiety
from ketasim.outcomes.clock import EndpointClock
from ketasim.outcomes.cognition import Performance
from ketasim.outcomes.consciousness import Amnesia, Consciousness
from ketasim.outcomes.dissociation import Dissociation
from ketasim.outcomes.drug_effects import DrugHigh, Felt, Unreality
from ketasim.outcomes.interactions import Interactions
from ketasim.outcomes.pain_acute import AcutePain, OpioidNeed
from ketasim.outcomes.pain_experimental import PressurePain
from ketasim.outcomes.sedation import Sedation
from ketasim.outcomes.tolerance import AcuteTolerance, Sessions

REST = {
    "tolerance": 0.0, "antagonism": 0.0, "sensitivity": 1.0, "habituation": 0.0, "damp": 1.0, "benzodiazepine": 0.0,
    "opioid": 0.0, "hypnotic": 0.0, "alpha2": 0.0, "calm": 0.0, "N": 0.0, "window": 0.0, "need": 1.0, "rate": 0.0,
    "antiemetic": 0.0,
}  # fmt: skip
ADULT = {"age_y": np.array([40.0])}


def read(component, S, R=0.0, **more):
    return component.read({}, {"S": S, "R": R, **REST, **more})


def test_pressure_pain_doubles_at_the_level_olofsen_prints():
    """0.51 nmol/mL of S-ketamine is 121 ng/mL (molar mass 237.7)."""
    level = 0.51 * 237.73
    assert read(PressurePain(), level)["pressure_pain"] == pytest.approx(2.0, rel=0.01)
    assert read(PressurePain(), 0.0, 200.0)["pressure_pain"] == 1.0  # R did nothing


def test_drug_high_is_half_at_the_level_simons_prints():
    """0.3 nmol/mL."""
    assert read(DrugHigh(), 0.3 * 237.73)["drug_high"] == pytest.approx(50.0, rel=0.01)


def test_drug_high_is_nearly_straight_over_the_steps_of_bowdle():
    """Racemate 50 to 200 ng/mL, half of it S: R above 0.93."""
    steps = np.array([50.0, 100.0, 150.0, 200.0])
    high = np.array([read(DrugHigh(), s / 2, s / 2)["drug_high"] for s in steps])
    assert np.corrcoef(steps, high)[0, 1] > 0.93
    assert 30.0 < high[-1] < 90.0


@pytest.mark.parametrize(("level", "expected"), [(560.0, 1 - 0.939 / 2), (1e6, 1 - 0.939)])
def test_deep_sedation_is_that_of_herd(level, expected):
    """EC50 0.56 mg/L of racemate, fractional Emax 0.939."""
    deep = read(Sedation(), level / 2, level / 2)["deep"]
    assert 1 - deep == pytest.approx(expected, rel=1e-3)


def test_adults_wake_and_children_rouse_at_the_printed_levels():
    """0.74 mg/L in adults, 0.52 in children, of racemate."""
    plain = Consciousness()
    for age, level in ((40.0, 740.0), (8.0, 520.0)):
        own = plain.with_values({k: float(v[0]) for k, v in plain.derive({"age_y": np.array([age])}).items()})
        assert read(own, level / 2, level / 2)["p_unresponsive"] == pytest.approx(0.5, abs=0.02)


def test_anaesthesia_lies_between_one_and_a_half_and_two_milligrams_a_litre():
    """EC50 of surgical anaesthesia 2.0 (SD 0.5) mg/L."""
    p = [read(Consciousness(), c / 2, c / 2)["p_anaesthesia"] for c in (1500.0, 2500.0)]
    assert p[0] < 0.5 < p[1]


def test_recall_is_half_between_the_two_levels_of_herd():
    low, high = (read(Amnesia(), c / 2, c / 2)["p_amnesia"] for c in (380.0, 440.0))
    assert low < 0.5 < high


@pytest.mark.parametrize(
    "component",
    [Dissociation(), DrugHigh(), Unreality(), Sedation(), Consciousness(), Amnesia(), Performance(), Anxiety(),
     PressurePain(), AcutePain(nrs0=8.0), OpioidNeed()],
    ids=lambda c: type(c).__name__,
)  # fmt: skip
def test_racemate_twice_equals_esketamine_once_when_R_does_nothing(component):
    own = component.with_values({"w_R": 0.0, **({"gentle": 0.0} if isinstance(component, Anxiety) else {})})
    for level in (20.0, 80.0, 400.0):
        state = {"T": 0.0}
        ports = {"S": level, **REST}
        assert own.read(state, {**ports, "R": level}) == pytest.approx(own.read(state, {**ports, "R": 0.0}), rel=1e-12)


def test_R_counts_with_its_weight():
    """w_R = 1: arketamine does what esketamine does."""
    own = Dissociation().with_values({"w_R": 1.0})
    assert read(own, 0.0, 90.0) == pytest.approx(read(own, 90.0, 0.0))


def test_norketamine_antagonises():
    """At C100 it halves the effective level: the effect is that of half the drug."""
    tolerance = AcuteTolerance()
    loss = tolerance.read({"A": 0.0}, {"S": 0.0, "R": 0.0, "N": tolerance.C100})
    assert loss["antagonism"] == 1.0
    with_N = read(Dissociation(), 200.0, antagonism=1.0)["cadss"]
    assert with_N == pytest.approx(read(Dissociation(), 100.0)["cadss"])
    assert read(PressurePain(), 200.0, antagonism=1.0)["pressure_pain"] < read(PressurePain(), 200.0)["pressure_pain"]


@pytest.mark.parametrize("session", [1, 2, 3, 5, 8])
def test_habituation_follows_its_closed_form(session):
    """Session n is met with 1 − e^(−(n−1)/3): with a third lost at most, 0.65 + 0.35 e^(−(n−1)/3) of the score."""
    part, x = Sessions(), {"P": 0.0, "H": 0.0, "W": 0.0}
    for _ in range(session):
        x = {**x, **part.jump("session_start", x, {})}
    u = {"habituation": x["H"]}
    first, late = (read(Dissociation().with_values({"base": 0.0}), 90.0, **v)["cadss"] for v in ({}, u))
    assert late / first == pytest.approx(0.65 + 0.35 * np.exp(-(session - 1) / 3), rel=1e-9)
    assert x["W"] == 1.0


def test_clocks_have_the_printed_half_times():
    """8.3 min (Olofsen) for perception; about a minute for unreality and sedation."""
    assert EndpointClock().half_time * 60 == pytest.approx(8.3)
    assert EndpointClock(table="outcomes/acute/clock_fast").half_time * 60 == pytest.approx(1.0)


def test_old_people_need_a_fifth_less():
    for component in (Dissociation(), Consciousness(), Amnesia(), Sedation(), Performance()):
        young, old = (component.derive({"age_y": np.array([a])})["C50"][0] for a in (40.0, 80.0))
        assert old / young == pytest.approx(0.8)


def test_other_drugs_take_from_the_experience():
    """Each alone lowers it, together they lower it more; nobody's is raised."""
    part = Interactions()
    ports = {"benzodiazepine": 0.0, "alpha2": 0.0, "opioid": 0.0, "hypnotic": 0.0}
    names = ("takes_B", "takes_A", "takes_L", "takes_P")
    alone = [part.with_values({n: 1.0}).read({}, ports)["damp"] for n in names]
    assert part.read({}, ports)["damp"] == 1.0
    assert all(0.3 < d < 1.0 for d in alone)
    assert part.with_values(dict.fromkeys(names, 1.0)).read({}, ports)["damp"] == pytest.approx(np.prod(alone))


def test_comedication_of_a_person_is_read_by_class():
    part = Interactions()
    cov = {"age_y": np.array([40.0, 40.0]), "class.benzodiazepine": np.array([0.0, 1.0])}
    assert list(part.derive(cov)["takes_B"]) == [0.0, 1.0]
    assert list(part.derive(cov)["takes_L"]) == [0.0, 0.0]


def test_either_drug_is_felt():
    felt = [Felt().read({}, {"high": h, "benzodiazepine": b, "opioid": 0.0})["felt"] for h, b in
            ((0.0, 0.0), (0.5, 0.0), (0.0, 1.0), (0.5, 1.0))]  # fmt: skip
    assert felt[0] == 0.0
    assert 0.0 < felt[2] < felt[1] < felt[3] < 1.0


def test_ketamine_spares_opioid_by_a_fifth_and_slows_tolerance():
    """Perioperative infusions saved about 19 % in 24 h; their level is near 100 to 200 ng/mL of racemate."""
    part = OpioidNeed()
    need = part.read({"T": 0.0}, {"S": 75.0, "R": 75.0, "opioid": 1.0})["need"]
    assert 0.75 < need < 0.85
    growth = [part.rates({"T": 0.0}, {"S": c, "R": c, "opioid": 1.0})["T"] for c in (0.0, 75.0)]
    assert growth[1] < growth[0]
    assert part.read({"T": 1.0}, {"S": 0.0, "R": 0.0, "opioid": 1.0})["need"] > 1.0


def test_a_hazard_becomes_a_probability():
    """At a constant level p = 1 − e^(−z h t level): an hour at C50 is half the largest hazard."""
    event = Event().with_values({"z": 1.0, "L0": 0.0, "h": 0.2})
    rate = event.rates({"L": 0.0}, {"S": event.C50, "R": 0.0, **REST})["L"]
    assert rate == pytest.approx(0.1)
    assert event.read({"L": rate * 1.0}, {})["p"] == pytest.approx(1 - np.exp(-0.1))
