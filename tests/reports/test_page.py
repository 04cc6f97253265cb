import itertools
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from matplotlib.image import imread
from reports.runs import epoch, step, train, validation, write_log, write_slice

from bundlert.reports.page import write_report

HOSTILE = "<script>alert(1)</script>"


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, folder):
        super().__init__()
        self.source = write_report(folder).read_text(encoding="utf-8")
        self.tags, self.words = [], []
        self.feed(self.source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += [data.strip()] if data.strip() else []

    def all(self, tag, **wanted):
        return [found for name, found in self.tags if name == tag and wanted.items() <= found.items()]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return train(tmp_path_factory.mktemp("toy") / "2026-01-01T00-00-00-train")


@pytest.fixture(scope="module")
def page(run):
    return Page(run)


def test_a_training_is_shown_with_curves_cases_and_surroundings(page):
    assert page.words.count("toy train") == 2  # the title and the heading
    assert {"Training loss", "Dice of the validation cases", "Learning rate", "Training speed"} <= set(page.words)
    assert {"complete", "case 0", "case 1", "case 2", "packages: a", "epochs: 3"} <= set(page.words)
    assert len(page.all("details")) == 2
    assert {"Environment", "Config as it ran"} <= set(page.words)
    assert not any("open" in found for found in page.all("details"))


def test_slices_show_truth_and_prediction_beside_each_other_with_a_legend(page):
    pictures = [found["viewbox"] for found in page.all("svg") if found.get("viewbox") == "0 0 30 20.0"]
    assert len(pictures) == 2
    assert len(page.all("path", **{"class": "truth"})) == len(page.all("path", **{"class": "prediction"})) == 1
    assert len(page.all("path", **{"class": "truth thin"})) == 1
    assert [found["id"] for found in page.all("input")] == ["show-truth", "show-prediction"]
    assert {"truth", "prediction"} <= set(page.words)


def test_the_page_is_one_file_that_fetches_nothing(page):
    assert not page.all("script") + page.all("link") + page.all("iframe") + page.all("img")
    for _, found in page.tags:
        for name in ("src", "href", "xlink:href", "data", "action"):
            assert re.match(r"#|data:image/png;base64,", found.get(name, "#")), found
    assert "@import" not in page.source
    assert not re.search(r"url\((?!#)", page.source)
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy[0]["content"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_the_same_run_makes_the_same_page(run, page):
    assert write_report(run).read_text(encoding="utf-8") == page.source


def test_hostile_names_are_words_and_nothing_else(tmp_path):
    write_log(tmp_path, step(1), validation(1, 0.5, {HOSTILE: 0.5, '"onload="alert(1)': 0.4}))
    write_slice(tmp_path / "previews" / "epoch_0001" / '"onload="alert(1).npz')
    facts = {"bundle": HOSTILE, "entry": HOSTILE, "device": HOSTILE, HOSTILE: [HOSTILE], "packages": {HOSTILE: HOSTILE}}
    (tmp_path / "environment.json").write_text(json.dumps(facts))
    (tmp_path / "config.yaml").write_text(f"</pre>{HOSTILE}")
    (tmp_path / "metrics.json").write_text(json.dumps({"files": [HOSTILE]}))
    page = Page(tmp_path)
    assert not page.all("script")
    assert not any("onload" in found for _, found in page.tags)
    assert page.words.count(HOSTILE) >= 5


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9])
def test_a_killed_run_is_shown_as_far_as_it_came(keep, run, tmp_path):
    killed = shutil.copytree(run, tmp_path / "killed")
    text = (killed / "run.jsonl").read_bytes()
    (killed / "run.jsonl").write_bytes(text[: int(len(text) * keep)])
    assert {"Training loss", "not finished"} <= set(Page(killed).words)


def test_a_run_without_validation_has_no_dice(tmp_path):
    page = Page(train(tmp_path, validate=False))
    assert "Training loss" in page.words
    assert {"Dice of the validation cases", "Slices", "Cases"}.isdisjoint(page.words)


@pytest.mark.parametrize("log", [None, ""])
def test_an_empty_run_makes_a_page_with_its_name(log, tmp_path):
    folder = tmp_path / "toy" / "empty"
    folder.mkdir(parents=True)
    if log is not None:
        (folder / "run.jsonl").write_text(log)
    assert Page(folder).words[-2:] == ["toy", "run empty"]


def test_an_evaluation_is_shown_with_the_worst_case_first(tmp_path):
    cases = {"good": 0.95, "bad": 0.5, "without a label": float("nan")}
    (tmp_path / "metrics.json").write_text(json.dumps({"dice": 0.725, "cases": cases, "files": ["out/a.nii.gz"]}))
    page = Page(tmp_path)
    cells = page.words[page.words.index("Cases") + 3 :]
    assert cells[:6] == ["without a label", "nan", "bad", "0.5000", "good", "0.9500"]
    assert {"mean Dice", "0.7250", "out/a.nii.gz", "The worst first."} <= set(page.words)
    assert [found["style"] for found in page.all("div") if "style" in found] == [
        "width: 0.0%", "width: 50.0%", "width: 95.0%"
    ]  # fmt: skip


def test_each_metric_and_class_is_summed_up_and_of_distances_the_greatest_is_the_worst(tmp_path):
    distances = {"near": 1.5, "far": 9.0, "nowhere": None}
    details = {"higher_is_better": False, "classes": {"1": 5.25, "2": 3.0}, "cases": distances}
    dice = {"higher_is_better": True, "classes": {"1": 0.5}, "cases": {}}
    found = {"dice": 0.5, "hausdorff95": 5.25, "key_metric": "hausdorff95", "cases": distances}
    (tmp_path / "metrics.json").write_text(json.dumps({**found, "metrics": {"dice": dice, "hausdorff95": details}}))
    words = Page(tmp_path).words
    cells = words[words.index("Cases") + 2 :]
    assert cells[:7] == ["Hausdorff95", "nowhere", "nan", "far", "9.0000", "near", "1.5000"]
    summary = dict(itertools.pairwise(words))
    assert (summary["mean Dice"], summary["mean Hausdorff95"]) == ("0.5000", "5.2500")
    assert summary["Hausdorff95 of class 2"] == "3.0000"
    assert "Dice of class 1" not in summary


def test_the_best_and_the_last_validation_have_slices(tmp_path):
    write_log(
        tmp_path, step(1), epoch(1), *(validation(number, dice) for number, dice in ((1, 0.1), (2, 0.9), (3, 0.4)))
    )
    for number in (1, 2, 3):
        write_slice(tmp_path / "previews" / f"epoch_{number:04d}" / "a.npz")
        (tmp_path / "previews" / f"epoch_{number:04d}" / ".1.tmp.b.npz").write_bytes(b"torn")
    page = Page(tmp_path)
    assert [word for word in page.words if word.endswith("validation)")] == [
        "Epoch 2 (best validation)", "Epoch 3 (last validation)"
    ]  # fmt: skip
    ids = [found["id"] for found in page.all("image")]
    assert len(ids) == len(set(ids)) == 2


def test_speed_and_memory_are_summed_up(tmp_path):
    steps = [step(number, samples_per_s=speed, memory_bytes=size) for number, speed, size in
             ((1, 1.0, 3_000_000), (2, 20.0, 9_000_000), (3, 22.0, 5_000_000))]  # fmt: skip
    write_log(tmp_path, *steps)
    words = Page(tmp_path).words
    assert words[words.index("median speed") + 1] == "20.0 samples/s"
    assert words[words.index("most memory") + 1] == "9.0 MB"


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_a_browser_shows_the_page(run, tmp_path):
    write_report(run)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}",
             f"--screenshot={tmp_path / 'page.png'}", "--window-size=800,1200"]  # fmt: skip
    address = (run / "report.html").as_uri()
    subprocess.run(["chromium", *flags, address], check=True, capture_output=True, timeout=120)
    picture = imread(tmp_path / "page.png")[..., :3]
    assert picture.shape == (1200, 800, 3)
    blue = abs(picture - (0, 0x72 / 255, 0xB2 / 255)).max(axis=2) < 0.02  # the curve of the loss
    assert blue.sum() > 100
