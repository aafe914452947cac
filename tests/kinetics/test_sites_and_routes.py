"""Where the sample is drawn, and how routes add."""

import numpy as np
import pytest

import ketasim as ks
from ketasim.core.errors import InputError
from ketasim.models import MODELS, ensemble

INFUSION = "0.5 mg/kg iv over 40 min"
TIMES = np.arange(0, 6 + 1e-9, 1 / 60)


def run(regimen, model="ketamine", **more):
    return ks.simulate(model, regimen=regimen, times_h=TIMES, engine="exact", **more)


def test_venous_lies_below_arterial_during_the_infusion_and_above_after():
    result = run(INFUSION, outputs=("ketamine.arterial", "ketamine.venous"))
    a, v = result["ketamine.arterial"][0], result["ketamine.venous"][0]
    during, after = (TIMES > 0) & (TIMES <= 40 / 60), TIMES > 50 / 60
    assert (v[during] < a[during]).all()
    assert (v[after] > a[after]).all()
    links = {f"vein_{e}_ketamine.link": 7.5 / 60 for e in "SR"}
    printed = run(INFUSION, outputs=("ketamine.venous",), values=links)["ketamine.venous"]
    assert printed.max() == pytest.approx(220, abs=1), "the venous peak on a link of 7.5 min is printed as 220 ng/mL"


def test_racemic_default_is_the_published_clearance():
    """S and R have different clearances but the racemate keeps the exposure of 84 L/h."""
    times = np.concatenate([TIMES, np.linspace(6.1, 80, 2000)])
    outputs = ("ketamine.arterial", "S_ketamine.arterial", "R_ketamine.arterial")
    result = ks.simulate(regimen="35 mg iv over 40 min", times_h=times, engine="exact", outputs=outputs)
    total, s, r = (result.auc(o)[0] for o in outputs)
    assert 35e3 / total == pytest.approx(84, rel=1e-3)
    assert 17.5e3 / s == pytest.approx(91.4, abs=0.1)
    assert 17.5e3 / r == pytest.approx(77.7, abs=0.1)


@pytest.mark.parametrize("other", ["esketamine 56 mg intranasal", "0.25 mg/kg im", "25 mg sublingual", "50 mg oral"])
def test_routes_add(other):
    outputs = ("ketamine.arterial", "ketamine.venous", "norketamine.venous", "HNK.venous", "ketamine.brain")
    alone = [run(r, outputs=outputs) for r in (f"ketamine {INFUSION}", other)]
    both = run(f"ketamine {INFUSION} also {other}", outputs=outputs)
    for name in outputs:
        np.testing.assert_allclose(both[name], alone[0][name] + alone[1][name], rtol=1e-7, atol=1e-9)


def test_nasal_arterial_is_flagged_as_approximated():
    outputs = ("ketamine.arterial", "ketamine.venous")
    result = run("esketamine 56 mg intranasal", outputs=outputs)
    np.testing.assert_array_equal(result["ketamine.arterial"], result["ketamine.venous"])
    assert "site approximated" in " ".join(result.flags["ketamine.arterial"])
    assert not any("site approximated" in w for w in run(INFUSION, outputs=outputs).flags.get("ketamine.arterial", ()))


@pytest.mark.parametrize("model", ["fanta2015", "otto2021", "perezruixo2021", "clements1981"])
@pytest.mark.parametrize("regimen", ["0.125 mg/kg iv", "0.125 mg/kg iv over 9 min"])
def test_a_venous_model_does_not_tell_arterial_levels_after_a_fast_input(model, regimen):
    drug = "ketamine" if model == "clements1981" else "esketamine"
    with pytest.raises(InputError, match=r"ketamine\.arterial"):
        run(f"{drug} {regimen}", model, outputs=("ketamine.arterial",))
    assert np.isfinite(run(f"{drug} {regimen}", model, outputs=("ketamine.venous",))["ketamine.venous"]).all()
    slow = run(f"{drug} 0.125 mg/kg iv over 10 min", model)
    np.testing.assert_array_equal(slow["ketamine.arterial"], slow["ketamine.venous"])


def test_anaesthetic_bolus_lasts_as_long_as_the_label_says():
    """2 mg/kg in a minute: five to ten minutes of anaesthesia, at 1.5–2 mg/L. A venous set would deny it."""
    fine = np.arange(0, 0.5, 1 / 3600)

    def minutes_above(model, drug, output):
        y = ks.simulate(model, regimen=f"{drug} 2 mg/kg iv over 60 s", times_h=fine, engine="exact", outputs=(output,))
        return [60 * float((y[output][0] > level).sum()) / 3600 for level in (2000, 1500)]

    assert all(5 < m < 10 for m in minutes_above("kamp2020", "ketamine", "ketamine.arterial"))
    assert minutes_above("fanta2015", "esketamine", "ketamine.venous") == [0.0, 0.0]


def test_racemate_only_models_refuse_an_enantiomer():
    for name in ("domino1984", "clements1981", "hijazi2003", "herd2007", "sherwin2015", "elkomy2015"):
        with pytest.raises(InputError, match="esketamine iv"):
            run("esketamine 35 mg iv over 40 min", name)


def test_s_models_stand_in_for_the_racemate_with_a_warning():
    result = run("35 mg iv over 40 min", "otto2021")
    assert any("stands in for the racemate" in w for w in result.warnings)


def test_every_model_names_a_site_and_runs():
    doses = {"jonkman2017": "esketamine 50 mg inhaled over 20 min"}
    for name, model in MODELS.items():
        assert model.site in ("arterial", "venous", "both")
        drug = "ketamine" if ("ketamine", "iv") in model.routes else "esketamine"
        regimen = doses.get(name, f"{drug} 35 mg iv over 40 min")
        linear = name not in ("jonkman2017", "flint2017")
        result = ks.simulate(
            name, regimen=regimen, times_h=[0.0, 0.5, 2.0], engine="exact" if linear else "reference",
            outputs=("ketamine.venous",),
        )  # fmt: skip
        assert result["ketamine.venous"][0, 0] == 0.0
        assert (result["ketamine.venous"][0, 1:] > 0).all(), name


def test_ensemble_by_site():
    adult = ensemble(frozenset({("ketamine", "iv")}))
    assert adult["arterial"] == ["kamp2020", "domino1984", "simons2022"]
    assert adult["venous"] == ["clements1981", "otto2021", "perezruixo2021"]
    child = ensemble(frozenset({("ketamine", "iv")}), {"age_y": np.array([6.0])})
    assert set(child["venous"]) == {"herd2007", "sherwin2015"}
    ill = ensemble(frozenset({("ketamine", "iv")}), {"age_y": 50.0, "ventilated": 1.0})
    assert "hijazi2003" in ill["venous"]
    assert ensemble(frozenset({("esketamine", "intranasal")}))["venous"] == ["perezruixo2021"]
    assert ensemble(frozenset({("midazolam", "iv")})) == {"arterial": [], "venous": []}


def test_spread_over_models_at_one_site_is_smaller_than_over_sites():
    """Peaks after 0.5 mg/kg over 40 min: arterial 240–290, venous 124–177 ng/mL."""
    peaks = {}
    for site, names in ensemble(frozenset({("ketamine", "iv")})).items():
        peaks[site] = [run("35 mg iv over 40 min", n).cmax(f"ketamine.{site}")[0] for n in names]
    assert 239 < min(peaks["arterial"]) <= max(peaks["arterial"]) < 290
    assert 123 < min(peaks["venous"]) <= max(peaks["venous"]) < 178


def test_saline_gives_nothing():
    result = run("saline iv over 40 min", outputs=("ketamine.arterial", "norketamine.venous", "ketamine.brain"))
    assert all((result[o] == 0).all() for o in result)


def test_midazolam_as_published():
    """Clearance of 24.15 L/h by vein and 27.6 % by mouth."""
    times = np.concatenate([np.arange(0, 12, 1 / 60), np.linspace(12, 200, 4001)])
    vein = ks.simulate(regimen="midazolam 2 mg iv", times_h=times, engine="exact", outputs=("midazolam.venous",))
    mouth = ks.simulate(regimen="midazolam 4 mg oral", times_h=times, engine="exact", outputs=("midazolam.venous",))
    area = vein.auc("midazolam.venous")[0]
    assert 2e3 / area == pytest.approx(24.15, rel=5e-3)
    assert mouth.auc("midazolam.venous")[0] / (2 * area) == pytest.approx(0.2758, rel=5e-3)


def test_the_form_in_the_mouth_decides():
    """A film of S-ketamine takes the film's absorption, a lozenge of it that of lozenges; slow tablets are refused."""
    film, named, lozenge = (
        run(f"esketamine 50 mg sublingual{form}", outputs=("ketamine.arterial",))["ketamine.arterial"]
        for form in ("", " as film", " as lozenge")
    )
    np.testing.assert_array_equal(film, named)
    assert np.abs(film - lozenge).max() > 0.05 * film.max()
    with pytest.raises(InputError, match="extended-release"):
        run("ketamine 120 mg oral as extended_tablet", outputs=("ketamine.venous",))
