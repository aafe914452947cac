"""The contract of every organ."""

import pytest

from ketasim.organs.anaesthesia import Depth
from ketasim.organs.brain_flow import BrainFlow, CardiacRisk
from ketasim.organs.codrugs import DrugSite, LabetalolSite
from ketasim.organs.exposure import WeeklyExposure
from ketasim.organs.liver import BileDucts, LiverInjury
from ketasim.organs.respiration import AirwayEvents, Breathing, RespiratoryEffect
from ketasim.organs.urinary import Bladder
from ketasim.testing import check_component

ORGANS = (
    AirwayEvents, BileDucts, Bladder, BrainFlow, Breathing, CardiacRisk, Depth, DrugSite, LabetalolSite, LiverInjury,
    RespiratoryEffect, WeeklyExposure,
)  # fmt: skip


@pytest.mark.parametrize("organ", ORGANS, ids=lambda c: c.__name__)
def test_contract(organ):
    check_component(organ())
