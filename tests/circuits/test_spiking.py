"""The spiking network against what the mean field says of directions; needs a Brian2 that imports."""

import sys

import pytest

from ketasim.circuits import spiking
from ketasim.core.errors import InputError, KetasimError


def test_bad_blocks_are_named():
    with pytest.raises(InputError, match="pyramidal, pv, sst"):
        spiking.rates({"granule": 0.1})
    with pytest.raises(InputError, match="0 to 1"):
        spiking.rates({"pv": 1.5})


def test_without_brian2_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "brian2", None)
    with pytest.raises(KetasimError, match=r"ketasim\[spiking\]"):
        spiking.rates()


@pytest.mark.slow
def test_block_of_excitatory_cells_lowers_and_of_inhibitory_cells_raises_the_pyramidal_rate():
    """What the mean field says (Deco's equations): an independent network with no shared number says it too."""
    try:
        rest = spiking.rates()
    except KetasimError as missing:
        pytest.skip(str(missing))
    assert 1.0 < rest.pyramidal < 20.0
    assert spiking.rates({"pyramidal": 0.5}).pyramidal < rest.pyramidal
    assert spiking.rates({"pv": 0.5, "sst": 0.5}).pyramidal > rest.pyramidal
