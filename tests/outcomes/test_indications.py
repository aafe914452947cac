"""Other disorders and harm that accumulates, against printed numbers and directions."""

import numpy as np
import pytest

import ketasim as ks

DAY = 24.0
ONCE = "0.5 mg/kg iv over 40 min"


def run(regimen, days, outputs, people=0, **more):
    drawn = {"subjects": people, "seed": 5} if people else {}
    return ks.simulate(regimen=regimen, times_h=np.asarray(days, float) * DAY, outputs=outputs, **drawn, **more)


def test_veterans_gain_next_to_nothing_where_civilians_do():
    """Feder 2021: −11.9 CAPS-5 points against midazolam; Abdallah 2022: nothing in 158 veterans of many centres."""
    gaps = []
    for veteran in (0, 1):
        settings = {"veteran": veteran, "multicentre": veteran}
        a, b = (
            run(f"{drug}, 3/week for 2 weeks", [0, 14], ["caps5"], 300, patient=ks.Patient(diagnosis="ptsd"),
                settings=settings)["caps5"]
            for drug in (ONCE, "midazolam 0.045 mg/kg iv over 40 min")
        )  # fmt: skip
        gaps.append(float(np.mean((a - a[:, :1])[:, 1]) - np.mean((b - b[:, :1])[:, 1])))
    assert -19.9 < gaps[0] < -3.9
    assert abs(gaps[1]) < 3.0


@pytest.mark.parametrize(("output", "diagnosis", "top"), [("caps5", "ptsd", 80), ("ybocs", "ocd", 40),
                                                           ("lsas", "sad", 144), ("hama", "gad", 56)])  # fmt: skip
def test_scores_start_at_the_person_stay_inside_and_come_back(output, diagnosis, top):
    r = run(ONCE, [0, 1, 7, 90], [output], 200, patient=ks.Patient(diagnosis=diagnosis))[output]
    assert r.min() >= 0.0 and r.max() <= top
    mean = r.mean(axis=0)
    assert mean[1] < 0.9 * mean[0] and mean[1] < mean[3] <= 1.1 * mean[0]


def test_healthy_people_have_nothing_to_treat():
    r = run(ONCE, [0, 1], ["caps5", "ybocs", "pain_chronic", "migraine_pain", "craving", "lapse_hazard", "abstinence"],
            patient=ks.Patient())  # fmt: skip
    for name in ("caps5", "ybocs", "pain_chronic", "migraine_pain", "craving", "lapse_hazard"):
        assert np.all(r[name] == 0), name
    assert np.all(r["abstinence"] == 1)


def test_anxiety_falls_by_half_within_the_hour_and_by_dose():
    """Glue 2018: Hamilton anxiety and Fear Questionnaire fell by about half an hour after 1 mg/kg; Glue 2017: little at
    0.25 mg/kg, more and longer with the dose."""
    falls = []
    for dose in (0.25, 0.5, 1.0):
        r = run(f"{dose} mg/kg sc", [0, 1 / 24, 1, 7], ["hama", "fear"], patient=ks.Patient(diagnosis="gad"),
                settings={"open_label": 1})  # fmt: skip
        falls.append(1 - r["hama"][0] / r["hama"][0, 0])
    assert 0.35 < falls[2][1] < 0.65 and 0.35 < 1 - r["fear"][0, 1] < 0.65
    assert np.all(np.diff([f[2] for f in falls]) > 0) and np.all(np.diff([f[3] for f in falls]) > 0)


def test_the_amygdala_answers_less_under_the_drug_and_as_before_the_next_day():
    """Scheidegger 2016 during an infusion; startle of healthy men a day later was unchanged (study at 7 T)."""
    now, next_day = run("0.12 mg/kg iv over 1 min then 0.25 mg/kg/h iv for 1 h", [0.02, 1], ["fear_circuit"])[
        "fear_circuit"
    ][0]
    assert now < 0.8 and next_day > 0.97


@pytest.fixture(scope="module")
def alcohol():
    """Share of days without alcohol over half a year, by drug and therapy."""
    t, out = np.arange(0, 181, 3), {}
    for drug in ("0.8 mg/kg iv over 40 min", "saline iv over 40 min"):
        for therapy in (0, 1):
            r = run(f"{drug}, 1/week for 3 weeks", t, ["abstinence", "lapse_hazard"], 150,
                    patient=ks.Patient(diagnosis="aud"), settings={"psychotherapy": therapy})  # fmt: skip
            out[drug[0] == "0", therapy] = 100 * float(r["abstinence"].mean())
    return out


def test_days_without_alcohol_are_those_of_the_trial(alcohol):
    """Grabski 2022: ketamine over saline 10.1 % (1.1 to 19.0), both over neither 15.9 % (3.8 to 28.1), therapy under
    ketamine 4.2 % (−6.7 to 15.2)."""
    drug = (alcohol[True, 1] + alcohol[True, 0] - alcohol[False, 1] - alcohol[False, 0]) / 2
    assert 1.1 < drug < 19.0
    assert 3.8 < alcohol[True, 1] - alcohol[False, 0] < 28.1
    assert -6.7 < alcohol[True, 1] - alcohol[True, 0] < 15.2


def test_therapy_and_drug_help_each_other_in_alcohol(alcohol):
    assert alcohol[True, 1] > alcohol[True, 0] > alcohol[False, 0] and alcohol[False, 1] > alcohol[False, 0]


def test_a_full_dose_and_three_sessions_keep_more_people_off_heroin():
    """Krupitsky 2002: 2 mg/kg over 0.2 mg/kg; Krupitsky 2007: 50 against 22 % abstinent at a year."""
    t, share = np.arange(0, 366, 3), {}
    for regimen in ("0.2 mg/kg im", "2 mg/kg im", "2 mg/kg im, every 30 d x3"):
        r = run(regimen, t, ["lapse_hazard"], 200, patient=ks.Patient(diagnosis="oud"), settings={"psychotherapy": 1})
        rate = r["lapse_hazard"]
        share[regimen] = float(np.exp(-3 * 0.5 * (rate[:, 1:] + rate[:, :-1]).sum(axis=1)).mean())
    low, once, thrice = share.values()
    assert low < once < thrice
    assert 0.10 < once < 0.42 and 0.3 < thrice < 0.7


def test_the_window_opens_under_every_explanation():
    """A lapse model that read one explanation's own signal would be dead under the others."""
    who = ks.Patient(diagnosis="cud", craving=60)
    for hypothesis in ("disinhibition", "rest_block", "trkb", "hnk", "opioid"):
        r = run(ONCE, [0, 3], ["craving"], patient=who, options={"hypothesis": hypothesis})["craving"][0]
        assert r[1] < 0.8 * r[0], hypothesis


def test_regional_pain_has_little_relief_on_the_first_day_and_much_by_the_fifth():
    """Goldberg 2010: 10 to 40 mg/h of racemate; minimal on day 1, from 8 to 9 down to 3 to 5 by day 5."""
    steps = "10 mg/h iv for 6 h then 20 mg/h iv for 18 h then 30 mg/h iv for 24 h then 40 mg/h iv for 72 h"
    who = ks.Patient(diagnosis="crps", pain_nrs=8.5)
    pain = run(steps, [0, 0.25, 5], ["pain_chronic"], 300, patient=who)["pain_chronic"].mean(axis=0)
    assert pain[1] > 0.75 * pain[0] and 2.5 < pain[2] < 5.0


def test_fibromyalgia_and_neuropathic_pain_keep_nothing_of_a_short_infusion():
    """Noppers 2011, Pickering 2020: at a week and over five weeks no better than control."""
    who = ks.Patient(diagnosis="chronic_pain", pain_nrs=6.5)
    t = [0, 7, 14, 21, 28, 35]
    drug, none = (run(r, t, ["pain_chronic"], 200, patient=who)["pain_chronic"].mean(axis=0)
                  for r in ("esketamine 0.5 mg/kg iv over 30 min", "saline iv over 30 min"))  # fmt: skip
    assert np.all(np.abs(drug[1:] - none[1:]) < 0.6)


def test_migraine_yields_to_days_and_not_to_a_dose():
    """Etchison 2018: 0.2 mg/kg did nothing (1.0 against 2.0 points); Pomeroy 2017: 7.1 to 3.8 over 4.8 days, of which a
    fifth kept something at the next visit."""
    who = ks.Patient(pain_nrs=7.1)
    short, none = (run(r, [0, 1 / 48], ["migraine_pain"], 300, patient=who)["migraine_pain"].mean(axis=0)
                   for r in ("0.2 mg/kg iv over 2 min", "saline iv over 2 min"))  # fmt: skip
    assert abs(short[1] - none[1]) < 0.3 and 0.8 < none[0] - none[1] < 3.0
    long = run(
        "0.1 mg/kg/h iv for 8 h then 0.34 mg/kg/h iv for 107 h", [0, 4.8, 40], ["migraine_pain"], 300, patient=who
    )
    mean = long["migraine_pain"].mean(axis=0)
    assert 2.8 < mean[1] < 4.8 and mean[2] > 0.9 * mean[0]


def test_opioids_leave_hyperalgesia_that_ketamine_prevents():
    """Koppert 2003: remifentanil for 30 min, area smaller during and larger after; S-ketamine abolished the rise."""
    opioid = "remifentanil 0.1 ug/kg/min iv for 30 min"
    both = f"{opioid} also esketamine 5 ug/kg/min iv for 30 min"
    alone, with_ = (ks.simulate(regimen=r, times_h=[0.4, 1.0, 12.0], outputs=["hyperalgesia"])["hyperalgesia"][0]
                    for r in (opioid, both))  # fmt: skip
    assert alone[0] < 0.9 and alone[1] > 1.2 and alone[2] < 1.1
    assert with_[1] < 1.15


def test_tolerance_to_opioids_grows_over_days_and_less_under_ketamine():
    """Direction of pooled surgical trials: less opioid over 24 and 48 h with ketamine."""
    t = [0, 12.0, 24.0, 48.0, 71.0]
    alone, with_ = (
        ks.simulate(regimen=f"morphine 2 mg/h iv for 72 h{more}", times_h=t, outputs=["opioid_need"])["opioid_need"][0]
        for more in ("", " also ketamine 0.1 mg/kg/h iv for 72 h")
    )
    assert np.all(np.diff(alone) > 0)
    assert np.all(with_[1:] < 0.9 * alone[1:])
    assert with_[-1] - with_[1] < alone[-1] - alone[1]


def test_liking_is_no_higher_by_nose_and_tolerance_fades_within_weeks():
    """Label: nasal 84 and 112 mg were liked as 0.5 mg/kg into a vein (ratio 0.8 to 1.2); tolerance lasts days."""
    t = np.linspace(0, 4, 81)
    who = ks.Patient(substance_use=True)
    peaks = [ks.simulate(regimen=r, times_h=t, outputs=["liking"], patient=who)["liking"].max()
             for r in (ONCE, "esketamine 84 mg intranasal", "esketamine 112 mg intranasal")]  # fmt: skip
    assert 0.8 < peaks[1] / peaks[0] < 1.2 and 0.8 < peaks[2] / peaks[0] < 1.2
    fades = run(ONCE, [0.1, 7, 30], ["liking_tolerance"])["liking_tolerance"][0]
    assert fades[0] > fades[1] > fades[2] and fades[2] < 0.05 * fades[0]


def test_eight_sessions_bring_no_craving_and_years_of_grams_do():
    """Liking study of 23 patients: no craving after eight sprays. Winstock 2012: 17 % (±4) dependent among users."""
    clinic = run("esketamine 84 mg intranasal, 2/week for 4 weeks", [0, 25], ["ketamine_craving", "p_use_disorder"])
    assert clinic["ketamine_craving"][0, 1] < 10 and clinic["p_use_disorder"][0, 1] < 0.005
    users = run("1000 mg intranasal as nasal_solution, 1/week for 104 weeks", [0, 364, 728, 800],
                ["p_use_disorder", "ketamine_craving"])  # fmt: skip
    p, craving = users["p_use_disorder"][0], users["ketamine_craving"][0]
    assert 0.10 < p[2] < 0.24 and np.all(np.diff(p) >= 0)
    assert craving[2] > 20 and craving[3] < 0.3 * craving[2]


def test_memory_and_cortex_lose_by_amount_and_recover_in_part():
    """Morgan 2010: frequent users alone, more with more; Zhong 2021: thinner by grams a day; part comes back."""
    outputs, last = ["spatial_memory_z", "cortical_thickness"], []
    for mg, gap in ((2000, 1.4), (700, 1.4), (250, 14)):
        count = round(364 / gap)
        r = run(f"{mg} mg intranasal as nasal_solution, every {gap * DAY:g} h x{count}", [0, 364, 728], outputs)
        last.append([r[o][0, 1] for o in outputs])
        if mg == 2000:
            assert r["spatial_memory_z"][0, 1] < r["spatial_memory_z"][0, 2] < -0.02
    z, thick = np.array(last).T
    assert z[0] < z[1] < 0 and abs(z[2]) < 0.02 and z[0] < -0.2
    assert thick[0] < thick[1] <= thick[2] and thick[0] > 0.95
