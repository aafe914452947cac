"""The report shows vitals, and slow organs where the run is long enough."""

import numpy as np

import ketasim as ks
from ketasim.report.sections.body import organs, vitals


def page(regimen, times_h, outputs):
    from ketasim.report.context import Context

    result = ks.simulate(regimen=regimen, times_h=times_h, outputs=outputs)
    return result, Context(result)


def test_vitals_say_the_extremes():
    result, context = page(
        "0.5 mg/kg iv over 40 min", np.linspace(0, 3, 61), ["sbp", "dbp", "heart_rate", "spo2", "p_apnoea"]
    )
    html = vitals(result, context)
    assert "Systolic pressure, highest" in html and f"{result['sbp'].max():.0f}" in html
    assert "airway or breathing event" in html


def test_organs_wait_for_a_week():
    result, context = page("0.5 mg/kg iv over 40 min", np.linspace(0, 24, 25), ["bladder_capacity"])
    assert "change over weeks" in organs(result, context)
    result, context = page(
        "0.5 mg/kg iv over 40 min, 2/week for 4 weeks", np.linspace(0, 700, 200), ["bladder_capacity"]
    )
    assert "<svg" in organs(result, context)
