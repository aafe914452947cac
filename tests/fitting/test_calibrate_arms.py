"""Calibration through simulated arms: truths made with another engine, another seed or none of our own code."""

import dataclasses
import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ketasim as ks
from ketasim.core.errors import InputError, KetasimError
from ketasim.core.parameters import ParameterTable, parse_table
from ketasim.fitting.calibrate import calibrate
from ketasim.fitting.calibrate.arms import Bench
from ketasim.fitting.calibrate.fit import problem_of
from ketasim.fitting.calibrate.noise import noise
from ketasim.fitting.calibrate.prior import prior_of
from ketasim.fitting.calibrate.selection import select
from ketasim.fitting.calibrate.spreads import spread_number, with_spread
from ketasim.patients import Cohort, Patient
from ketasim.studies import Study

LINK, CL = "kinetics/plasma.link", "kinetics/kamp2020.CL"
BEFORE = {
    LINK: {"value": 8.0, "dist": "lognormal", "cv": 1.0},
    CL: {"value": 90.0, "dist": "lognormal", "cv": 0.5},
}
DOSE = "esketamine 10 mg iv over 30 min"
TIMES = (10, 20, 30, 40, 60, 90, 150, 300)
PATIENT = {"age_y": 30, "weight_kg": 70, "height_cm": 175, "female": 0.0, "diagnosis": "healthy"}


def study(values, n=1, name="made", **changes):
    rows = [
        {"id": f"{name}{t}", "arm": "infusion", "statistic": "concentration", "output": "S_ketamine.venous",
         "time": f"{t} min", "unit": "ng/mL", "value": float(v), "use": "calibrate"} | changes
        for t, v in zip(TIMES, values, strict=True)
    ]  # fmt: skip
    arm = {"id": "infusion", "regimen": DOSE, "n": n, "site": "venous"}
    return Study.model_validate(
        {"id": name, "citations": ["otto2021"], "population": {"covariates": PATIENT}, "arms": [arm],
         "observations": rows}
    )  # fmt: skip


def person():
    return Patient(age_y=30, weight_kg=70, height_cm=175, sex="male")


def truth(link_min, cl, people=None, seed=991, engine="exact"):
    """Concentrations (people, times) with true typical values, drawn apart from the calibration's own draws."""
    cohort = Cohort.from_patient(person(), people or 1, start=10_000)
    values = {"vein_S_ketamine.link": link_min / 60, "plasma_S.CL": cl}
    if people:
        z = np.random.default_rng(seed).normal(size=(2, people))
        values["plasma_S.CL"] = cl * np.exp(math.sqrt(0.029) * z[0])
        values["vein_S_ketamine.link"] = link_min / 60 * np.exp(math.sqrt(math.log(1.09)) * z[1])
    result = ks.simulate("ketamine", cohort, DOSE, [t / 60 for t in TIMES], seed, outputs=["S_ketamine.venous"],
                         engine=engine, values=values, vary=())  # fmt: skip
    return result["S_ketamine.venous"]


def test_a_person_made_by_another_engine_is_found_again():
    """So many people that their mean is theirs to a hair; nothing but the engine and the numbers can differ."""
    seen = truth(15.0, 70.0)[0]
    made = study(seen, n=1_000_000)
    done = calibrate(made, [LINK, CL], priors=BEFORE, people=1, discrepancy=0.005, nuisance=False)
    assert done.converged
    assert done[LINK].value == pytest.approx(15.0, rel=0.02)
    assert done[CL].value == pytest.approx(70.0, rel=0.01)
    assert all(abs(line.residual) < 1 for line in done.lines)


@pytest.mark.slow
def test_an_arm_drawn_with_another_seed_is_found_within_its_doubt():
    """Sixty people; the interval must hold the truth, be narrower than the prior, and the same seed says the same."""
    seen = truth(15.0, 70.0, people=60)
    made = study(np.median(seen, axis=0), n=60, summary="median")
    done = calibrate(made, [LINK, CL], priors=BEFORE, people=200, discrepancy=0.02, nuisance=False, seed=5)
    again = calibrate(made, [LINK, CL], priors=BEFORE, people=200, discrepancy=0.02, nuisance=False, seed=5)
    assert done.converged
    for name, value in ((LINK, 15.0), (CL, 70.0)):
        e = done[name]
        spread = math.log(e.high / e.low) / 3.29
        assert abs(math.log(e.value / value)) < 3 * spread
        assert e.sd < 0.5
    assert done.to_dict() == again.to_dict()


def test_gradient_is_the_slope_of_the_public_simulation():
    """Lanes of the bench against one-sided runs of `ks.simulate` with the exact engine and a hundredth of the step."""
    targets = tuple(select([study(np.ones(len(TIMES)))]))
    bench = Bench(targets, tuple(prior_of(k, BEFORE[k]) for k in (LINK, CL)), people=1)
    z = np.array([0.4, -0.3])
    problem = problem_of(bench, noise(bench, z, 0.1, nuisance=False), 0.02)
    found = problem.at(z)
    link, cl = (float(p.natural(x)) for p, x in zip(bench.priors, z))
    assert np.exp(found.rows) == pytest.approx(truth(link, cl)[0], rel=1e-4)
    h = 1e-4
    for i, (p, x) in enumerate(zip(bench.priors, z)):
        ends = []
        for sign in (-1, 1):
            moved = [link, cl]
            moved[i] = float(p.natural(x + sign * h))
            ends.append(np.log(truth(*moved)[0]))
        slope = (ends[1] - ends[0]) / (2 * h)
        assert found.jacobian[:, i] == pytest.approx(slope, rel=2e-3, abs=2e-4)
    f = [problem.value(z + d) for d in (np.array([0.01, 0]), np.array([-0.01, 0]))]
    assert found.gradient[0] == pytest.approx((f[0] - f[1]) / 0.02, rel=1e-2)


def test_the_same_people_stand_in_every_lane():
    """Also those of a named population: equal settings give equal rows, and a nearby setting nearby ones."""
    made = study(np.ones(len(TIMES)), n=20)
    named = made.model_copy(update={"population": made.population.model_copy(
        update={"named": "healthy_volunteer", "covariates": {}})})  # fmt: skip
    for one in (made, named):
        bench = Bench(tuple(select([one])), (prior_of(LINK, BEFORE[LINK]),), people=20)
        rows = bench.predict(np.array([[0.3], [0.3], [0.301]]))
        assert np.array_equal(rows[0], rows[1])
        assert rows[2] == pytest.approx(rows[0], rel=2e-3)
        assert not np.array_equal(rows[2], rows[0])


@pytest.mark.slow
@pytest.mark.parametrize("script", ["venous_link", "r_hydroxynorketamine"])
def test_a_checked_in_script_gives_the_values_in_the_tables(script, root):
    """Run again with its seed, a script finds what stands in the tables (to the change that other numbers made)."""
    import runpy

    done = runpy.run_path(str(root / "calibration" / f"{script}.py"))["fit"]()
    for e in done.estimates:
        table, _, name = e.name.rpartition(".")
        entry = ParameterTable.load(table)[name]
        assert entry.value == pytest.approx(e.value, rel=0.1)
        assert entry.rows == done.rows_of(e.name)
        assert entry.doubt["script"] == f"calibration/{script}.py"


def test_more_people_narrow_the_rows_and_other_doubt_widens_them():
    few, many = (study(truth(15.0, 70.0)[0], n=n) for n in (8, 128))
    priors = (prior_of(LINK, BEFORE[LINK]),)
    a, b = (noise(Bench(tuple(select([s])), priors), np.zeros(1), 0.0, nuisance=False) for s in (few, many))
    assert a.sampling == pytest.approx(b.sampling * 4, rel=0.35)
    with_doubt = noise(Bench(tuple(select([many])), priors), np.zeros(1), 0.0)
    assert np.all(np.diag(with_doubt.covariance) > np.diag(b.covariance))
    assert CL in [name for name, _ in with_doubt.drivers]
    assert a.covariance[-1, -2] / math.sqrt(a.covariance[-1, -1] * a.covariance[-2, -2]) > 0.7


def test_difference_between_arms_and_sign_hold_a_number_on_its_side():
    arms = [
        {"id": "slow", "regimen": DOSE, "n": 20},
        {"id": "fast", "regimen": "esketamine 10 mg iv over 10 min", "n": 20},
    ]
    base = {"output": "S_ketamine.venous", "unit": "ng/mL", "use": "calibrate", "arm": "fast", "comparator": "slow",
            "of": "Cmax", "value": 40.0, "id": "D"}  # fmt: skip
    made = Study.model_validate(
        {"id": "two", "citations": ["otto2021"], "population": {"covariates": PATIENT}, "arms": arms,
         "observations": [base | {"statistic": "difference"},
                          base | {"id": "S", "statistic": "sign", "value": 1, "unit": ""}]}
    )  # fmt: skip
    done = calibrate(made, [LINK], priors={LINK: BEFORE[LINK]}, people=1, nuisance=False)
    cmax = [
        ks.simulate("ketamine", person(), arm["regimen"], np.linspace(0, 2, 2401), outputs=["S_ketamine.venous"],
                    values={"vein_S_ketamine.link": done[LINK].value / 60}, vary=())["S_ketamine.venous"].max()
        for arm in arms
    ]  # fmt: skip
    line = done.lines[0]
    assert line.fitted == pytest.approx(cmax[1] - cmax[0], rel=0.02)
    assert done.lines[1].residual is None
    wrong = made.model_copy(
        update={"observations": (made.observations[1].model_copy(update={"value": -1.0}),)}
    )
    pushed = calibrate(wrong, [LINK], priors={LINK: BEFORE[LINK]}, people=1, nuisance=False)
    assert pushed[LINK].value > done[LINK].value


def test_share_past_a_threshold_moves_with_the_number():
    arm = {"id": "a", "regimen": DOSE, "n": 50}
    row = {"id": "P", "arm": "a", "statistic": "share", "output": "S_ketamine.venous", "threshold": 60.0,
           "value": 80.0, "unit": "%", "use": "calibrate"}  # fmt: skip
    made = Study.model_validate(
        {"id": "s", "citations": ["otto2021"], "population": {"covariates": PATIENT}, "arms": [arm],
         "observations": [row]}
    )  # fmt: skip
    done = calibrate(made, [LINK], priors={LINK: BEFORE[LINK]}, people=100, nuisance=False, discrepancy=0.0)
    assert done.noise.sampling[0] == pytest.approx(100 * math.sqrt(0.2 * 0.8 / 50) * math.sqrt(1.5), rel=0.45)
    assert abs(done.lines[0].fitted - 80.0) < abs(done.lines[0].before - 80.0) + 1.0
    assert done.lines[0].moves == (LINK,)


def test_a_spread_between_people_is_found_and_written(tables):
    """The SD of a concentration of a hundred people gives back the spread of clearance it was made with."""
    seen = truth(15.0, 70.0, people=2000, engine="vectorised")
    arm = {"id": "a", "regimen": DOSE, "n": 100}
    rows = [
        {"id": f"W{t}", "arm": "a", "statistic": "SD", "of": "concentration", "output": "S_ketamine.venous",
         "time": f"{t} min", "value": float(v), "unit": "ng/mL", "use": "calibrate"}
        for t, v in zip(TIMES[-3:], seen.std(axis=0)[-3:], strict=True)
    ]  # fmt: skip
    made = Study.model_validate(
        {"id": "s", "citations": ["otto2021"], "population": {"covariates": PATIENT}, "arms": [arm],
         "observations": rows}
    )  # fmt: skip
    name = f"{CL}.between.omega2"
    with pytest.raises(InputError, match="prior"):
        calibrate(made, [name])
    prior = {name: {"value": 0.1, "dist": "lognormal", "cv": 1.0}}
    done = calibrate(made, [name], priors=prior, people=300, nuisance=False, discrepancy=0.02)
    assert abs(math.log(done[name].value / 0.029)) < 3 * math.log(done[name].high / done[name].low) / 3.29
    assert done[name].value < 0.06
    done.write(tables)
    entry = parse_table((tables / "kinetics" / "kamp2020.toml").read_text("utf-8"), "kinetics/kamp2020")["CL"]
    old = ParameterTable.load("kinetics/kamp2020")["CL"]
    assert entry.between["omega2"] == pytest.approx(done[name].value, rel=1e-3)
    assert entry.between["fitted"]["omega2"]["rows"] == [row["id"] for row in rows]
    assert (entry.value, entry.kind, entry.doubt, entry.rows) == (old.value, old.kind, old.doubt, old.rows)
    assert entry.between["borrowed"] == old.between["borrowed"]


def test_weights_of_a_mixture_keep_their_sum():
    p = ParameterTable.load("kinetics/plasma")["link"]
    mixed = dataclasses.replace(p, between={"dist": "mixture", "weights": [0.6, 0.3, 0.1], "factors": [1, 2, 3]})
    moved = with_spread(mixed, "between.weights.0", 0.2).between["weights"]
    assert moved == pytest.approx([0.2, 0.6, 0.2])
    assert with_spread(mixed, "between.factors.2", 5.0).between["factors"] == [1, 2, 5]
    assert spread_number(mixed, "between.weights.1").value == 0.3
    with pytest.raises(InputError, match=r"between\.weights"):
        spread_number(mixed, "between.cv")


def test_a_number_no_part_reads_and_a_doubt_that_holds_rows_are_refused():
    made = study(truth(15.0, 70.0)[0])
    with pytest.raises(InputError, match="reads"):
        calibrate(made, ["kinetics/dhnk.CL"], people=1)
    spread = ParameterTable.load("kinetics/plasma")["link"].doubt
    if "prior" not in spread:
        with pytest.raises(InputError, match="prior"):
            calibrate(made, [LINK], people=1)
    with pytest.raises(InputError, match="prior"):
        prior_of(LINK, reuse=False)


@pytest.fixture
def tables(tmp_path):
    source = Path(ks.__file__).parent / "data" / "parameters"
    return Path(shutil.copytree(source, tmp_path / "parameters"))


def test_written_back_and_read_again(tables):
    before = {p: p.read_bytes() for p in tables.rglob("*.toml")}
    seen = truth(15.0, 70.0)[0]
    done = calibrate(study(seen), [LINK, CL], priors=BEFORE, people=1, discrepancy=0.02, nuisance=False, seed=11)
    changed = done.write(tables, texts={LINK: {"where": "made up"}}, script="calibration/x.py")
    assert sorted(p.name for p in changed) == ["kamp2020.toml", "plasma.toml"]
    assert {p for p, text in before.items() if p.read_bytes() != text} == set(changed)
    table = parse_table((tables / "kinetics" / "plasma.toml").read_text("utf-8"), "kinetics/plasma")
    link = table["link"]
    assert link.value == pytest.approx(done[LINK].value, rel=1e-3)
    assert (link.kind, link.where) == ("fitted", "made up")
    assert link.rows == tuple(f"made{t}" for t in TIMES)
    assert link.doubt["cv"] == pytest.approx(done[LINK].doubt["cv"], rel=1e-2)
    assert link.doubt["prior"] == {"value": 8, "dist": "lognormal", "cv": 1}
    assert (link.doubt["seed"], link.doubt["script"]) == (11, "calibration/x.py")
    old = parse_table(before[tables / "kinetics" / "plasma.toml"].decode(), "kinetics/plasma")
    assert (link.between, link.unit, link.note) == (old["link"].between, old["link"].unit, old["link"].note)
    assert {p.name: p for p in table if p.name != "link"} == {p.name: p for p in old if p.name != "link"}
    again = done.write(tables, texts={LINK: {"where": "made up"}}, script="calibration/x.py")
    assert again == changed


def test_a_fit_that_did_not_converge_is_not_written(tables):
    done = calibrate(study(truth(15.0, 70.0)[0]), [LINK], priors={LINK: BEFORE[LINK]}, people=1, nuisance=False)
    before = {p: p.read_bytes() for p in tables.rglob("*.toml")}
    with pytest.raises(KetasimError, match="converged"):
        dataclasses.replace(done, converged=False).write(tables)
    assert {p: p.read_bytes() for p in tables.rglob("*.toml")} == before


def command(*words):
    line = [sys.executable, "-m", "ketasim", "calibrate", *words]
    return subprocess.run(line, capture_output=True, text=True, timeout=300)


def test_command_refuses_rows_kept_for_checking():
    done = command("otto2021", "-p", LINK, "--rows", "PK118")
    assert (done.returncode, done.stdout) == (2, "")
    assert "PK118" in done.stderr
    assert "check" in done.stderr
    assert "Traceback" not in done.stderr


def test_command_fits_writes_and_reports(tables, tmp_path):
    import json

    prior = f"{LINK} lognormal value=10 cv=1 low=0.5 high=60"
    files = ("--write", "--into", str(tables), "--report", str(tmp_path / "r.html"))
    done = command("otto2021", "-p", LINK, "--prior", prior, "--people", "1", "--no-nuisance", *files, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["converged"]
    table = parse_table((tables / "kinetics" / "plasma.toml").read_text("utf-8"), "kinetics/plasma")
    assert table["link"].value == pytest.approx(told["estimates"][0]["value"], rel=1e-3)
    assert "<svg" in (tmp_path / "r.html").read_text("utf-8")
