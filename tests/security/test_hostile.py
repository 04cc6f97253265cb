"""Each hostile text is refused when it is built, most of them before: nothing runs, nothing is read or written."""

import tracemalloc
from collections import Counter
from contextlib import suppress

import ignite.metrics
import pytest
import torch._dynamo  # the first optimizer imports it, and it makes a folder for its compiler
from security.cases import CASES, Scene, snapshot
from security.watch import deeds, python_places, watched

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.bundle.permissions import permissions_of
from bundlert.bundle.validate import problems_of
from bundlert.config.build import Builder
from bundlert.engines import trainer
from bundlert.errors import BundlertError, Problems
from bundlert.registry.registry import standard

MOST_BYTES = 100_000_000
WARM = (ignite.metrics, torch._dynamo, trainer)  # else their imports would be seen

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")


@pytest.fixture(autouse=True)
def settings(monkeypatch, tmp_path):
    monkeypatch.setenv("BUNDLERT_CONFIG", str(tmp_path / "settings"))
    monkeypatch.setenv("BUNDLERT_CACHE", str(tmp_path / "cache"))


def checked(bundle, overrides):
    """What the static check says."""
    try:
        root = assemble(open_bundle(bundle), "x", overrides=overrides)
    except BundlertError as error:
        return [error]
    return problems_of(root, standard())


def build(bundle, overrides):
    """Build everything that a run would, without looking first."""
    root = assemble(open_bundle(bundle), "x", overrides=overrides)
    may = permissions_of(bundle, overrides, (), trust=False)
    with may.bounded(bundle, bundle.parent / "run"):
        builder = Builder(root, may.registry(bundle))
        for config_id in ("device", "run", "finalize"):
            if config_id in root.value:
                builder.get(config_id)


def lines(error):
    return str(error.problems[0] if isinstance(error, Problems) else error).splitlines()


def test_there_are_many_and_each_is_another():
    assert len(CASES) >= 150
    assert [one for one, count in Counter(case["tries"] for case in CASES).items() if count > 1] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["tries"])
def test_it_is_refused_and_nothing_happens(case, tmp_path):
    scene = Scene(tmp_path)
    overrides = scene.bundle_of(case)
    before = snapshot(tmp_path)
    with watched() as seen:
        problems = checked(scene.bundle, overrides)
        with pytest.raises(BundlertError) as caught:
            build(scene.bundle, overrides)
    assert snapshot(tmp_path) == before
    assert deeds(seen, may_read=[scene.bundle, tmp_path / "settings", *python_places()]) == []
    assert bool(problems) is not case.get("late", False), "the static check sees it or not, otherwise than marked"
    for error in (*problems, caught.value):
        assert len(lines(error)) < 15
        assert len(str(error)) < 3000
        assert "hunter2" not in str(error)


@pytest.mark.parametrize("case", [case for case in CASES if case.get("budget")], ids=lambda case: case["tries"])
def test_it_is_refused_before_memory_is_taken(case, tmp_path):
    scene = Scene(tmp_path)
    overrides = scene.bundle_of(case)
    tracemalloc.start()
    try:
        with suppress(BundlertError):
            build(scene.bundle, overrides)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES
    finally:
        tracemalloc.stop()
