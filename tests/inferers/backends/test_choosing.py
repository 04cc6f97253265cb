import json

import pytest
import torch
from inferers.tiny import ONNXRUNTIME, OPENVINO, Remembering, Twisted, conv_network, needs

from bundlert.errors import BundlertError
from bundlert.inferers.backends import choosing, ways
from bundlert.inferers.backends.choosing import chosen, tried
from bundlert.inferers.backends.runner import Request, Runner
from bundlert.inferers.backends.source import Source
from bundlert.inferers.backends.ways import Way
from bundlert.progress import shown_by

REQUEST = Request((1, 4, 4, 4), 2, "fp32", torch.device("cpu"))
FAST, SLOW = Way("eager", "fp32", channels_last=True), Way("eager")


@pytest.fixture
def display():
    shown = Remembering()
    with shown_by(shown):
        yield shown


@pytest.fixture
def torch_alone(monkeypatch):
    monkeypatch.setattr(ways, "installed", lambda *_packages: False)


@pytest.fixture
def clock(monkeypatch):
    """Seconds of each way, instead of the clock's."""
    seconds = {SLOW: 0.5, FAST: 0.25}
    monkeypatch.setattr(choosing, "_seconds", lambda ready, _request: {way: seconds.get(way, 1.0) for way in ready})
    return seconds


def source(network=None, folder=None, request=REQUEST):
    return Source(network or conv_network(), request, folder)


@pytest.mark.usefixtures("torch_alone")
def test_the_fastest_is_chosen_and_told_with_its_agreement(display, clock):
    assert chosen(source()).way == FAST
    assert display.said == [
        "inference by eager fp32 channels_last: 0.25 s a window (eager fp32 0.5); "
        + str(tried(source(), FAST).agreement)
    ]
    clock[SLOW] = 0.1
    assert chosen(source()).way == SLOW


@pytest.mark.usefixtures("torch_alone", "display")
def test_each_way_is_timed():
    ready = {way: tried(source(), way) for way in (SLOW, FAST)}
    seconds = choosing._seconds(ready, REQUEST)
    assert list(seconds) == [SLOW, FAST]
    assert all(0 < one < 10 for one in seconds.values())


@pytest.mark.usefixtures("torch_alone")
def test_the_choice_is_kept_for_this_network_machine_and_batch(tmp_path, display, clock):
    assert chosen(source(folder=tmp_path)).way == FAST
    clock[SLOW] = 0.1  # isn't looked at again
    assert chosen(source(folder=tmp_path)).way == FAST
    assert display.said[-1].startswith("inference by eager fp32 channels_last, as chosen before: differs by")
    assert chosen(source(folder=tmp_path, request=REQUEST._replace(batch=3))).way == SLOW


@pytest.mark.usefixtures("torch_alone", "display", "clock")
@pytest.mark.parametrize(
    "content", ["", "{}", '{"way": 3}', '{"way": ["eager", "fp32", false, 0, 1]}', '{"way": ["x"]}']
)
def test_a_choice_that_makes_no_sense_is_made_again(tmp_path, content):
    chosen(source(folder=tmp_path))
    (file,) = tmp_path.glob("choice-*.json")
    file.write_text(content, encoding="utf-8")
    assert chosen(source(folder=tmp_path)).way == FAST
    assert json.loads(file.read_text(encoding="utf-8"))["way"] == list(FAST)


@pytest.mark.usefixtures("torch_alone", "clock")
def test_a_choice_that_fails_now_is_made_again(tmp_path, display, monkeypatch):
    chosen(source(folder=tmp_path))
    real = choosing.runner_of

    def failing(one, way):
        if way == FAST:
            raise BundlertError("it broke")
        return real(one, way)

    monkeypatch.setattr(choosing, "runner_of", failing)
    assert chosen(source(folder=tmp_path)).way == SLOW
    assert display.said[1:3] == [
        "inference by eager fp32 channels_last, as chosen before, doesn't work any more: it broke",
        "inference by eager fp32 channels_last is left out: it broke (None)",
    ]


@pytest.mark.usefixtures("torch_alone", "clock")
def test_what_was_chosen_for_other_weights_stands(display):
    assert chosen(source(), known=SLOW).way == SLOW
    assert chosen(source(), known=Way("openvino")).way == FAST  # isn't here any more
    assert "as chosen before" in display.said[0]


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(Way("openvino"), marks=needs(*OPENVINO)),
        pytest.param(Way("onnxruntime"), marks=needs(*ONNXRUNTIME)),
    ],
)
def test_a_backend_that_gives_something_else_is_refused(way, tmp_path):
    with pytest.raises(BundlertError) as caught:
        tried(source(Twisted().eval(), tmp_path), way)
    told = str(caught.value).splitlines()
    assert told[0] == f"{way} gives something else than the network itself"
    assert told[1].startswith("  got: differs by ")
    assert told[2:] == ["  expected: a difference of 1e-03 at most", f"  try: backend=eager, or delete '{tmp_path}'"]


@needs(*OPENVINO)
def test_auto_leaves_out_what_gives_something_else(display):
    assert chosen(source(Twisted().eval())).way.backend == "eager"
    assert any(
        said.startswith("inference by openvino fp32 is left out: openvino fp32 gives something else")
        for said in display.said
    )


def test_what_a_backend_cant_do_is_told(monkeypatch):
    def broken(_windows):
        raise RuntimeError("no kernel for this\nat line 3")

    monkeypatch.setattr(choosing, "runner_of", lambda _source, _way: Runner(broken))
    with pytest.raises(BundlertError) as caught:
        tried(source(), Way("compile"))
    assert str(caught.value) == (
        "compile fp32 can't run this network here\n  got: RuntimeError: no kernel for this\n  try: backend=eager"
    )


def test_a_network_that_fails_by_itself_says_so():
    with pytest.raises(RuntimeError, match="to have 1 channels, but got 2"):
        chosen(source(request=REQUEST._replace(shape=(2, 4, 4, 4))))
