import gc

import pytest

from bundlert.config.collector import paused


def test_the_collector_rests_inside_and_goes_on_afterwards():
    with paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_after_a_mistake_too():
    with pytest.raises(ValueError, match="x"), paused():
        raise ValueError("x")
    assert gc.isenabled()


def test_who_switched_it_off_finds_it_so():
    gc.disable()
    try:
        with paused(), paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
