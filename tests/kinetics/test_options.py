"""Switches of the default model, and what the ensemble of metabolite models spans."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.models import MODELS
from ketasim.models.model import Need

TIMES = np.concatenate([np.arange(0, 24, 1 / 60), np.linspace(24, 120, 961)])
INFUSION = "35 mg iv over 40 min"


def area(output, patient=None, regimen=INFUSION, model="ketamine", **options):
    run = ks.simulate(
        model, patient or ks.Patient(), regimen, TIMES, engine="exact", outputs=(output,), options=options
    )
    return float(run.auc(output)[0])


def test_women_may_clear_a_fifth_more():
    woman, man = ks.Patient(sex="female"), ks.Patient(sex="male")
    assert area("ketamine.arterial", woman) == pytest.approx(area("ketamine.arterial", man))
    on = area("ketamine.arterial", woman, women_clearance=1.2)
    assert area("ketamine.arterial", man, women_clearance=1.2) / on == pytest.approx(1.2, rel=1e-3)


def test_r_may_slow_s():
    """Recalled, contradicted: clearance of S 14.8 in the racemate against 26.3 mL/min/kg alone."""
    fold = area("S_ketamine.arterial", ihmsen=True) / area("S_ketamine.arterial")
    assert fold == pytest.approx(26.3 / 14.8, rel=1e-3)
    alone = area("S_ketamine.arterial", regimen=f"esketamine {INFUSION}", ihmsen=True)
    assert alone == pytest.approx(area("S_ketamine.arterial", regimen=f"esketamine {INFUSION}"))


def test_dehydronorketamine_is_built_when_named_and_can_be_refused():
    assert area("DHNK.arterial") > 0.0
    assert area("DHNK.arterial", dhnk=False) == 0.0
    whole = ks.simulate(regimen=INFUSION, times_h=[0.0, 1.0])
    assert "DHNK.arterial" not in whole.outputs or whole["DHNK.arterial"].max() == 0.0


def test_norketamine_over_ketamine_spreads_over_models():
    """By vein, S: 1.1 (Simons), 1.65 (Otto), 2.05 (Perez-Ruixo); to infinity the chain's balance gives each."""
    found = {}
    for model, site in (("simons2022", "arterial"), ("otto2021", "venous"), ("perezruixo2021", "venous")):
        pair = [area(f"{a}.{site}", regimen=f"esketamine {INFUSION}", model=model) for a in ("norketamine", "ketamine")]
        found[model] = pair[0] / pair[1]
    assert found["simons2022"] == pytest.approx(0.80 * 1.48 / 1.00 * 223.70 / 237.73, rel=0.01)
    assert found["otto2021"] == pytest.approx(95.2 / 57.7, rel=0.01)
    assert found["perezruixo2021"] == pytest.approx(2.05, abs=0.02)


def test_ratio_of_hydroxynorketamine_r_over_s_is_the_measured_one():
    """R was fitted beside S, measured 3.1 (SD 1.4) and 1.7 (0.8) in 15 people: within the standard error."""
    ratio = {e: area(f"{e}_HNK.arterial") / area(f"{e}_ketamine.arterial") for e in "SR"}
    error = np.hypot(1.4 / 3.1, 0.8 / 1.7) / np.sqrt(15)
    assert ratio["R"] / ratio["S"] == pytest.approx(3.1 / 1.7, rel=error)


def test_the_liver_clears_norketamine_too():
    """noppers2011rifampicin: exposure to S-norketamine falls by half where that to S-ketamine falls by a tenth."""
    taker = ks.Patient(comedication=("rifampicin",))
    fold = {a: area(f"S_{a}.arterial", taker) / area(f"S_{a}.arterial") for a in ("ketamine", "norketamine")}
    assert fold["norketamine"] == pytest.approx((1 - 0.474) / 2.65 + 0.474, rel=0.01), "all of it becomes norketamine"
    assert fold["norketamine"] < fold["ketamine"] - 0.1


@pytest.mark.parametrize("name", list(MODELS))
def test_every_model_can_be_built_for_all_it_accepts(name):
    model = MODELS[name]
    built = model.build(Need(given=model.routes))
    assert set(built.targets) == set(model.routes)
    shares = {pair: sum(t.fraction for t in there) for pair, there in built.targets.items() if there}
    assert {pair for pair in model.routes if pair[0] in ("ketamine", "esketamine", "arketamine")} <= set(shares)
    assert set(shares.values()) == {1.0}
    assert set(built.outputs) <= set(built.system.program.outputs) | {o for r in built.readouts for o in r.provides}


def test_children_clear_alike_in_the_default_and_in_their_own_sets():
    """At six years exposure goes with clearance: 84 in the default, 90 and 87.9 L/h/70 kg in the children's sets."""
    child = ks.Patient(age_y=6, weight_kg=20, height_cm=115)
    own = area("ketamine.venous", child, "1 mg/kg iv over 40 min")
    for model, clearance in (("herd2007", 90.0), ("sherwin2015", 87.9)):
        theirs = area("ketamine.venous", child, "1 mg/kg iv over 40 min", model)
        assert theirs / own == pytest.approx(84 / clearance, rel=0.03), model
