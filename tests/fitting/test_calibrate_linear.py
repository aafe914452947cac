"""A calibration whose answer is known: rows that are linear in the latents, so that every posterior is Gaussian."""

import json
import math

import numpy as np
import pytest

from ketasim.core.errors import InputError, KetasimError
from ketasim.fitting.calibrate import calibrate, nuts
from ketasim.fitting.calibrate.emulator import Emulator, emulate
from ketasim.fitting.calibrate.identify import overlap
from ketasim.fitting.calibrate.problem import Problem
from ketasim.studies import Study

A, B = "kinetics/kamp2020.CL", "kinetics/kamp2020.V1"
PRIORS = {
    A: {"value": 80.0, "dist": "lognormal", "sd": 0.5},
    B: {"value": 20.0, "dist": "lognormal", "sd": 0.8},
}
POWERS = np.array([[1.0, 0.0], [1.0, 1.0], [0.5, -1.0], [2.0, 0.3]])
SE = np.array([0.1, 0.2, 0.15, 0.3])
TRUTH = {A: 60.0, B: 30.0}
SHIFT = np.array([0.05, -0.12, 0.08, 0.1])


def study(name="line", rows=range(4), **changes):
    """Rows y_k = a^p b^q exp(shift) with a printed relative standard error; a bench experiment each."""
    observations = []
    for k in rows:
        value = TRUTH[A] ** POWERS[k, 0] * TRUTH[B] ** POWERS[k, 1] * math.exp(SHIFT[k])
        base = {"id": f"{name}{k}", "arm": "bench", "statistic": "experiment", "experiment": "test", "value": value,
                "spread": SE[k] * value, "spread_type": "SE", "use": "calibrate"}  # fmt: skip
        observations.append(base | changes)
    arm = {"id": "bench", "regimen": "0.5 mg/kg iv over 40 min", "n": 10}
    return Study.model_validate({"id": name, "citations": ["kamp2020"], "arms": [arm], "observations": observations})


def predictors(*studies):
    return {
        row.id: (lambda v, k=int(row.id[-1]): v[A] ** POWERS[k, 0] * v[B] ** POWERS[k, 1])
        for s in studies for row in s.observations
    }  # fmt: skip


def run(*studies, **options):
    options = {"priors": PRIORS, "discrepancy": 0.0, "predictors": predictors(*studies)} | options
    return calibrate(list(studies), options.pop("parameters", [A, B]), **options)


def gaussian(rows=range(4), prior=1.0):
    """Mean and covariance of the latents in closed form."""
    rows = list(rows)
    scale = np.array([0.5, 0.8])
    j = POWERS[rows] * scale
    y = POWERS[rows] @ np.log([TRUTH[A], TRUTH[B]]) + SHIFT[rows] - POWERS[rows] @ np.log([80.0, 20.0])
    w = np.diag(1 / SE[rows] ** 2)
    h = j.T @ w @ j + prior * np.eye(2)
    return np.linalg.solve(h, j.T @ w @ y), np.linalg.inv(h)


def test_summit_and_width_are_those_of_the_gaussian():
    done = run(study())
    mean, covariance = gaussian()
    assert done.converged
    assert done.point.z == pytest.approx(mean, abs=1e-3)
    assert done.inflation == 1.0
    assert done.covariance == pytest.approx(covariance, rel=1e-3)
    assert done[A].value == pytest.approx(80.0 * math.exp(0.5 * mean[0]), rel=1e-3)
    s = 0.5 * math.sqrt(covariance[0, 0])
    assert done[A].doubt["cv"] == pytest.approx(math.sqrt(math.exp(s**2) - 1), rel=1e-3)
    assert (done[A].low, done[A].high) == pytest.approx(
        [done[A].value * math.exp(sign * 1.6449 * s) for sign in (-1, 1)], rel=1e-3
    )


def test_rows_that_disagree_widen_the_doubt():
    """Birge's ratio: with all errors ten times too small the information shrinks by χ² per degree of freedom."""
    small = study(spread_type="SE")
    rows = [r.model_copy(update={"spread": r.spread / 10}) for r in small.observations]
    done = run(small.model_copy(update={"observations": tuple(rows)}))
    assert done.inflation == pytest.approx(math.sqrt(done.misfit / done.freedom))
    assert done.inflation > 2
    information = np.linalg.inv(done.covariance) - np.eye(2)
    assert information == pytest.approx((done.point.hessian - np.eye(2)) / done.inflation**2, rel=1e-6)
    assert any(w.kind == "misfit" for w in done.warnings)


def test_misfit_common_to_a_study_is_borrowed_by_its_rows():
    """Two rows, one moved and one not, with errors (d² + s², ρ d²): the moved one follows part of the other's miss."""
    d, rho, s = 0.5, 0.9, 0.01
    free = study(rows=[0])
    still = free.observations[0].model_copy(update={"id": "line9", "value": math.exp(0.4), "spread": s * math.exp(0.4)})
    moving = free.observations[0].model_copy(update={"spread": s * free.observations[0].value})
    both = free.model_copy(update={"observations": (moving, still)})
    done = calibrate([both], [A], priors={A: {**PRIORS[A], "sd": 5.0}}, discrepancy=d, together=rho,
                     predictors={"line0": lambda v: v[A], "line9": lambda v: 1.0})  # fmt: skip
    borrowed = rho * d**2 / (d**2 + s**2) * 0.4
    expected = math.log(TRUTH[A]) + SHIFT[0] - borrowed
    assert math.log(done[A].value) == pytest.approx(expected, abs=0.01)
    assert done.rows_of(A) == ("line0", "line9")
    assert done.lines[1].moves == ()


@pytest.mark.parametrize("prior", [False, True])
def test_profile_ends_where_the_gaussian_does(prior):
    done = run(study()).profile(prior=prior)
    mean, covariance = gaussian(prior=1.0 if prior else 1e-3)
    for i, p in enumerate(done.profiles):
        half = 1.959964 * math.sqrt(covariance[i, i])
        belief = done.bench.priors[i]
        assert p.low == pytest.approx(float(belief.natural(mean[i] - half)), rel=5e-3)
        assert p.high == pytest.approx(float(belief.natural(mean[i] + half)), rel=5e-3)
        z = belief.latent(np.array(p.values))
        assert p.rise == pytest.approx((z - mean[i]) ** 2 / covariance[i, i], abs=0.02)


def test_a_direction_the_rows_do_not_see_is_named_and_its_profile_open():
    done = run(study(rows=[1])).profile([A])
    flat = [w.text for w in done.warnings if w.kind == "flat"]
    assert any(A in text and B in text for text in flat)
    assert done.profiles[0].low is None
    assert done.profiles[0].high is None


def test_tight_pairs_and_numbers_without_news_are_named():
    close = study(rows=[1])
    close = close.model_copy(
        update={"observations": tuple(r.model_copy(update={"spread": 0.001 * r.value}) for r in close.observations)}
    )
    done = run(close)
    assert any(w.kind == "correlated" for w in done.warnings)
    alone = run(study(rows=[0]))
    assert any(w.kind == "prior" and B in w.text for w in alone.warnings)
    assert alone[B].overlap == pytest.approx(1.0, abs=1e-6)


def test_a_valley_with_a_kink_is_found_and_called_rough():
    """|log a − log 60| has its least value where no gradient is small."""
    one = study(rows=[0])
    kink = {"line0": lambda v: TRUTH[A] * math.exp(SHIFT[0]) * math.exp(0.3 + abs(math.log(v[A] / 60)))}
    done = run(one, predictors=kink, parameters=[A], priors={A: {**PRIORS[A], "sd": 2.0}})
    assert done[A].value == pytest.approx(60.0, rel=0.03)
    assert any(w.kind == "rough" for w in done.warnings)


def test_overlap_of_two_normals():
    """Equal widths: 2 Φ(−|Δ|/2). Same centre: the narrower inside the wider."""
    assert overlap(2.0, 1.0) == pytest.approx(0.317310508, abs=1e-6)
    s = 0.5
    cross = math.sqrt(2 * math.log(1 / s) / (1 / s**2 - 1))
    inside = math.erf(cross / math.sqrt(2)), math.erf(cross / s / math.sqrt(2))
    assert overlap(0.0, s) == pytest.approx(inside[0] + 1 - inside[1], abs=1e-6)


def test_a_bound_that_is_reached_is_named():
    done = run(study(), priors=PRIORS | {A: {**PRIORS[A], "low": 79.0}})
    assert done[A].value == pytest.approx(79.0)
    assert any(w.kind == "bound" and A in w.text for w in done.warnings)


def test_left_out_study_is_predicted_from_the_others():
    one, two = study("one", [0, 1]), study("two", [2, 3])
    done = run(one, two).leave_one_study_out()
    mean, covariance = gaussian([0, 1])
    j = POWERS[2] * np.array([0.5, 0.8])
    line = next(x for x in done.left_out if x.row == "two2")
    middle = POWERS[2] @ np.log([80.0, 20.0]) + j @ mean
    sd = math.sqrt(j @ covariance @ j + SE[2] ** 2)
    assert line.predicted == pytest.approx(math.exp(middle), rel=2e-3)
    assert line.high / line.predicted == pytest.approx(math.exp(1.6449 * sd), rel=5e-3)
    observed = POWERS[2] @ np.log([60.0, 30.0]) + SHIFT[2]
    assert line.error == pytest.approx((observed - middle) / sd, abs=0.02)
    assert {x.study for x in done.left_out} == {"one", "two"}


def test_same_seed_same_answer_and_json():
    first, second = run(study(), seed=3, starts=3), run(study(), seed=3, starts=3)
    assert first.to_dict() == second.to_dict()
    assert json.loads(json.dumps(first.to_dict()))["estimates"][0]["name"] == A
    assert A in first.table()


def test_the_correlation_of_the_posterior_is_written_and_drawn(tmp_path):
    """What the tables give back, drawn, is the posterior: widths and correlation."""
    from importlib import resources

    from ketasim.core.parameters import parse_table
    from ketasim.core.variability import draw

    source = resources.files("ketasim") / "data" / "parameters" / "kinetics" / "kamp2020.toml"
    (tmp_path / "kinetics").mkdir()
    path = tmp_path / "kinetics" / "kamp2020.toml"
    path.write_text(source.read_text("utf-8"), encoding="utf-8")
    before = parse_table(path.read_text("utf-8"), "kinetics/kamp2020")
    done = run(study(rows=[1]))
    _, covariance = gaussian([1])
    wanted = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert abs(wanted) > 0.2
    for _ in range(2):  # written again, the section is replaced, not doubled
        done.write(tmp_path)
    table = parse_table(path.read_text("utf-8"), "kinetics/kamp2020")
    assert table.doubt == (("CL", "V1", pytest.approx(wanted, abs=2e-3)),)
    assert table.omega == before.omega
    drawn = draw({n: table[n] for n in ("CL", "V1")}, 1, np.arange(20_000), layers=("doubt",),
                 tables={"kinetics/kamp2020": table})  # fmt: skip
    logs = np.log([drawn["CL"], drawn["V1"]])
    scale = np.array([0.5, 0.8])
    assert np.cov(logs) == pytest.approx(covariance * np.outer(scale, scale), rel=0.03, abs=0.002)


def test_report_holds_the_numbers_and_no_script(tmp_path):
    path = run(study()).profile().leave_one_study_out().report(tmp_path / "fit.html")
    text = path.read_text("utf-8")
    assert all(word in text for word in (A, B, "line0", "<svg", "Profile"))
    assert "<script" not in text
    assert [p.name for p in tmp_path.iterdir()] == ["fit.html"]


@pytest.mark.slow
def test_nuts_finds_the_gaussian():
    pytest.importorskip("numpyro", reason="the extra [fit] is not installed")
    done, again = (run(study()).sample(1500, chains=2) for _ in range(2))
    mean, covariance = gaussian()
    se = np.sqrt(np.diag(covariance) / done.sampler["ess"])
    assert np.all(np.abs(done.samples.mean(axis=0) - mean) < 4 * se)
    assert np.cov(done.samples.T) == pytest.approx(covariance, rel=0.15, abs=0.1 * covariance.max())
    assert done.sampler["rhat"] < 1.02
    assert done.sampler["emulator_error"] < 1e-6
    assert again.to_dict() == done.to_dict()


@pytest.mark.slow
def test_nuts_on_the_model_itself_finds_the_gaussian():
    pytest.importorskip("numpyro", reason="the extra [fit] is not installed")
    done = run(study()).sample(800, warmup=300, chains=1, exact=True)
    mean, covariance = gaussian()
    se = np.sqrt(np.diag(covariance) / done.sampler["ess"])
    assert np.all(np.abs(done.samples.mean(axis=0) - mean) < 4 * se)
    assert np.diag(np.cov(done.samples.T)) == pytest.approx(np.diag(covariance), rel=0.3)


def test_polynomials_follow_a_cubic_and_confess_a_saw():
    """Three numbers get cubic polynomials; a saw of half a standard deviation cannot be followed."""
    noise = np.diag([0.1, 0.1]) ** 2
    bounds = np.full(2, -8.0), np.full(2, 8.0)
    for rows, small in (
        (lambda z: np.stack([z[:, 0] ** 3 - z[:, 1], z[:, 0] * z[:, 1] ** 2], axis=1), True),
        (lambda z: np.stack([z[:, 0], 0.2 * np.sin(20 * z[:, 1])], axis=1), False),
    ):
        error = emulate(Problem(rows, np.zeros(2), noise, *bounds), np.zeros(2), np.eye(2), seed=0).error
        assert error < 1e-8 if small else error > 0.5


def test_polynomials_that_miss_are_refused(monkeypatch):
    pytest.importorskip("numpyro", reason="the extra [fit] is not installed")
    stand = Emulator(np.zeros(2), np.eye(2), np.zeros((1, 2), int), np.zeros((1, 4)), error=0.4, runs=1)
    monkeypatch.setattr(nuts, "emulate", lambda *_: stand)
    with pytest.raises(KetasimError, match=r"0\.40.*exact"):
        run(study()).sample(20)


@pytest.mark.parametrize("use, why", [("check", "check"), ("transcription", "own paper"), ("do_not_score", "Broken")])
def test_rows_kept_for_another_use_are_refused(use, why):
    with pytest.raises(InputError, match=f"line0.*{use}.*use = calibrate.*{why}"):
        run(study(use=use, reason="broken sensor"), rows=["line0"])
    with pytest.raises(InputError, match="use = calibrate"):
        run(study(use=use, reason="broken sensor"))


def test_what_cannot_be_asked_is_said():
    with pytest.raises(InputError, match=r"table\.entry"):
        run(study(), parameters=["CL"])
    with pytest.raises(InputError, match=r"C50.*CL"):
        run(study(), parameters=["kinetics/kamp2020.C50"], priors={})
    with pytest.raises(InputError, match="once"):
        run(study(), parameters=[A, A])
    with pytest.raises(InputError, match="prior"):
        run(study(), parameters=["kinetics/kamp2020.Q2"], priors={})
    with pytest.raises(InputError, match="nowhere"):
        run(study(), rows=["nowhere"])
    with pytest.raises(InputError, match="dist"):
        run(study(), priors=PRIORS | {A: {"dist": "mixture", "weights": [1], "factors": [1]}})
    with pytest.raises(InputError, match="larger than 0"):
        run(study(), priors=PRIORS | {A: {"value": 3.0, "dist": "lognormal", "sd": 0.0}})
