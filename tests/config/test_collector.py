import gc

import pytest

from bundlert.config.collector import paused, rarely


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


def test_it_looks_seldom_and_as_often_as_before_afterwards():
    before = gc.get_threshold()
    with rarely():
        assert gc.get_threshold() > before
        with rarely():
            pass
        assert gc.get_threshold() > before
    assert gc.get_threshold() == before


def test_one_that_is_off_stays_off():
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with rarely():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)
