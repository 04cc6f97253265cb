import os
import signal
import threading

import pytest

from bundlert import progress
from bundlert.engines.stopping import stop_request


class Ear(progress.Display):
    def __init__(self):
        self.heard = []

    def say(self, text):
        self.heard.append(text)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noted_and_told(number):
    ear = Ear()
    with progress.shown_by(ear), stop_request() as request:
        assert request.asked is None
        os.kill(os.getpid(), number)
        assert request.asked == number.name
    assert ear.heard == ["stopping after this step; once more to stop at once"]


def test_a_second_signal_stops_at_once():
    with pytest.raises(KeyboardInterrupt), stop_request():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("failure", [None, ValueError])
def test_the_old_handling_comes_back_however_the_block_ends(failure):
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with stop_request():
            assert signal.getsignal(signal.SIGINT) is not before[signal.SIGINT]
            if failure:
                raise failure
    except ValueError:
        pass
    assert {number: signal.getsignal(number) for number in before} == before


def test_in_another_thread_signals_are_left_alone():
    found = []

    def work():
        with stop_request() as request:
            found.append((request.asked, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(None, signal.getsignal(signal.SIGINT))]
