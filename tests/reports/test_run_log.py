import pytest
from reports.runs import epoch, step, train, validation, write_log

from bundlert.reports.run_log import History, read_facts, read_history


def test_a_real_log_is_read(tmp_path):
    history = read_history(train(tmp_path) / "run.jsonl")
    assert [one["iteration"] for one in history.steps] == list(range(1, 10))
    assert [one["epoch"] for one in history.epochs] == [1, 2, 3]
    assert [one["epoch"] for one in history.validations] == [1, 2, 3]
    assert history.best["dice"] == max(one["dice"] for one in history.validations)
    assert history.state == "complete"


@pytest.mark.parametrize(("event", "state"), [("end", "complete"), ("stop", "stopped"), ("step", "not finished")])
def test_the_last_event_tells_the_state(event, state, tmp_path):
    log = write_log(tmp_path, step(1), (event, {**step(2)[1]}))
    assert read_history(log).state == state


def test_of_what_a_resumed_run_repeated_the_last_counts(tmp_path):
    log = write_log(tmp_path, step(1, 0.9), step(2, 0.8), ("resume", {"iteration": 1}), step(2, 0.7), step(3, 0.6))
    assert [(one["iteration"], one["loss"]) for one in read_history(log).steps] == [(1, 0.9), (2, 0.7), (3, 0.6)]


def test_the_pause_before_a_resumption_is_no_part_of_the_duration(tmp_path):
    resumed = ("resume", {"iteration": 1, "time": 5000.0})
    log = write_log(tmp_path, step(1), step(2), resumed, ("step", {**step(2)[1], "time": 5003.0}))
    assert read_history(log).duration_s == 1 + 3


def test_a_line_torn_anywhere_is_passed_over(tmp_path):
    log = write_log(tmp_path, step(1), epoch(1), step(2, name="Säule"))
    whole = log.read_bytes()
    first = len(b"".join(whole.splitlines(keepends=True)[:2]))
    for end in range(first, len(whole) - 2):
        log.write_bytes(whole[:end])
        assert [one["iteration"] for one in read_history(log).steps] == [1]
    log.write_bytes(whole[:-3] + b'\xc3{"event": "resume"')  # within a letter, then resumed
    assert [one["iteration"] for one in read_history(log).steps] == [1]


def test_no_log_and_an_empty_one_are_empty_histories(tmp_path):
    assert read_history(tmp_path / "run.jsonl") == History()
    assert read_history(write_log(tmp_path)) == History()


def test_the_earliest_of_equally_good_validations_is_best(tmp_path):
    log = write_log(tmp_path, validation(1, 0.5), validation(2, 0.8), validation(3, 0.8))
    assert read_history(log).best["epoch"] == 2


def test_a_dice_that_is_no_number_is_never_best(tmp_path):
    nan = float("nan")
    assert read_history(write_log(tmp_path, validation(1, nan), validation(2, 0.1))).best["epoch"] == 2
    assert read_history(write_log(tmp_path, validation(1, nan))).best is None


def test_of_distances_the_least_is_best(tmp_path):
    details = {"hausdorff95": {"higher_is_better": False, "classes": {}, "cases": {}}}
    events = []
    for number, distance in enumerate((None, 4.0, 2.5, 3.0), start=1):
        kind, facts = validation(number, 1 / number)
        events.append((kind, {**facts, "hausdorff95": distance, "key_metric": "hausdorff95", "metrics": details}))
    assert read_history(write_log(tmp_path, *events)).best["epoch"] == 3


@pytest.mark.parametrize("text", ["", "{", "[1]", '"words"'])
def test_facts_that_are_no_object_are_empty(text, tmp_path):
    (tmp_path / "facts.json").write_text(text)
    assert read_facts(tmp_path / "facts.json") == {}
    assert read_facts(tmp_path / "nowhere.json") == {}
