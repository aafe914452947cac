"""Fixtures shared by all tests."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

settings.register_profile(
    "ketasim", deadline=None, max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", parent=settings.get_profile("ketasim"), max_examples=1000, derandomize=False)
settings.load_profile("ketasim")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside the checkout; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"no reference material beside the checkout ({SHARED.name}/ is absent)")
    return SHARED


@pytest.fixture(scope="session")
def anchors(shared: Path) -> Path:
    """Results of other people's software; the test is skipped where they are absent."""
    folder = shared / "anchors"
    if not folder.is_dir():
        pytest.skip("no reference results beside the checkout (shared/anchors/ is absent)")
    return folder
