import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from data.elsewhere import Look
from data.toy import Brighter, Noise, Noted, items, rng

from bundlert.data.dataset import Dataset
from bundlert.data.disk_cache import DiskCache
from bundlert.data.loader import Loader
from bundlert.errors import DataError
from bundlert.images.writing import write_image
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel
from bundlert.transforms.function import Lambda
from bundlert.transforms.load import LoadImage
from bundlert.transforms.spatial.orientation import Orientation

TESTS = Path(__file__).parents[1]


def files(folder):
    return sorted(folder.glob("[!.]*.kept"))


def all_of(cache):
    return [cache.sample(index, rng(index)) for index in range(len(cache))]


@pytest.fixture
def scans(tmp_path):
    """Two items with files."""
    found = []
    for item in items(2):
        file = tmp_path / f"{item['name']}.nii"
        write_image(item["image"], file, dtype="float32")
        found.append({"image": str(file), "name": item["name"]})
    return found


def test_samples_are_those_of_a_dataset_bit_by_bit_new_and_again(tmp_path):
    keys = ["image", "label"]
    chain = Compose([Brighter(), RandCropByPosNegLabel(keys, "label", (3, 3, 2), num_samples=2), Noise()])
    plain = all_of(Dataset(items(3), chain))
    for cache in (DiskCache(items(3), chain, tmp_path), DiskCache(items(3), chain, tmp_path)):
        for ours, theirs in zip(all_of(cache), plain, strict=True):
            for one, other in zip(ours, theirs, strict=True):
                assert all(torch.equal(one[key].data, other[key].data) for key in keys)
                assert (one["image"].data.dtype, one["name"]) == (torch.float32, other["name"])
                assert one["image"].grid.same_as(other["image"].grid)
    assert len(files(tmp_path)) == 3


def test_what_is_there_is_not_made_again(tmp_path):
    noted = Noted(tmp_path / "seen")
    for _ in range(2):
        cache = DiskCache(items(3), Compose([noted, Noise()]), tmp_path / "cache", num_workers=2)
        all_of(cache)
    assert Counter(noted.seen()) == {"case 0": 1, "case 1": 1, "case 2": 1}


def made(tmp_path, data, *steps, **options):
    """How many new entries a cache makes."""
    before = len(files(tmp_path / "cache"))
    all_of(DiskCache(data, Compose([*steps, Noise()]), tmp_path / "cache", **options))
    return len(files(tmp_path / "cache")) - before


def test_another_step_another_argument_another_file_makes_a_new_entry(tmp_path, scans):
    load = LoadImage("image")
    assert made(tmp_path, scans, load) == 2
    assert made(tmp_path, scans, LoadImage("image")) == 0
    assert made(tmp_path, scans, load, Brighter(1)) == 2
    assert made(tmp_path, scans, load, Brighter(2)) == 2
    assert made(tmp_path, scans, load, Orientation("image", "RAS")) == 2
    assert made(tmp_path, scans, load, dtype="float16") == 2
    assert made(tmp_path, [{**scans[0], "name": "other"}], load) == 1
    write_image(items(3)[2]["image"], Path(scans[0]["image"]), dtype="float32")
    assert made(tmp_path, scans, load) == 1
    cache = DiskCache(scans, Compose([load, Noise()]), tmp_path / "cache")
    assert torch.equal(cache.prepare(0)[0].sample["image"].data, items(3)[2]["image"].data)


def test_steps_behind_the_first_random_one_are_nothing_to_it(tmp_path, scans):
    assert made(tmp_path, scans, LoadImage("image"), Noise(), Brighter(1)) == 2
    assert made(tmp_path, scans, LoadImage("image"), Noise(), Brighter(2)) == 0


def test_by_content_a_touched_file_is_the_same_and_a_changed_one_is_not(tmp_path, scans):
    load = LoadImage("image")
    assert made(tmp_path, scans, load, hash_as="content") == 2
    status = Path(scans[0]["image"]).stat()
    os.utime(scans[0]["image"], ns=(status.st_mtime_ns + 10**9,) * 2)
    assert made(tmp_path, scans, load, hash_as="content") == 0
    content = bytearray(Path(scans[0]["image"]).read_bytes())
    content[-1] ^= 1
    Path(scans[0]["image"]).write_bytes(content)
    os.utime(scans[0]["image"], ns=(status.st_mtime_ns,) * 2)
    assert made(tmp_path, scans, load, hash_as="content") == 1


def test_files_in_folders_in_lists_and_beside_detached_headers_count(tmp_path):
    from bundlert.data.disk_cache import _files_at

    (tmp_path / "series").mkdir()
    for name in ("series/1.dcm", "series/2.dcm", "a.mhd", "a.raw", "b.raw"):
        (tmp_path / name).touch()
    assert [file.name for file in _files_at(tmp_path / "series")] == ["1.dcm", "2.dcm"]
    assert [file.name for file in _files_at(tmp_path / "a.mhd")] == ["a.mhd", "a.raw"]
    assert _files_at(str(tmp_path / "b.raw")) == [tmp_path / "b.raw"]
    assert [_files_at(text) for text in ("no such file", "x" * 5000, "nul\0")] == [[], [], []]
    cache = DiskCache([{"image": [str(tmp_path / "a.raw"), str(tmp_path / "b.raw")]}], Compose([]), tmp_path / "cache")
    assert [file for file, *_ in cache._files(cache.data[0])] == [str(tmp_path / "a.raw"), str(tmp_path / "b.raw")]


def test_a_damaged_entry_is_made_again(tmp_path):
    noted = Noted(tmp_path / "seen")
    all_of(DiskCache(items(1), Compose([noted, Noise()]), tmp_path / "cache"))
    (file,) = files(tmp_path / "cache")
    content = file.read_bytes()
    file.write_bytes(content[:100])
    all_of(DiskCache(items(1), Compose([noted, Noise()]), tmp_path / "cache"))
    assert file.read_bytes() == content
    assert len(noted.seen()) == 2


def test_it_keeps_within_its_limit_and_goes_on(tmp_path):
    one = DiskCache(items(1), Brighter(), tmp_path / "one")
    all_of(one)
    size = files(tmp_path / "one")[0].stat().st_size
    cache = DiskCache(items(6), Brighter(), tmp_path / "cache", size_limit_gb=2.5 * size / 1e9)
    first = all_of(cache)
    assert len(files(tmp_path / "cache")) == 2
    assert len(all_of(cache)) == 6  # those that were removed are still open here
    again = all_of(DiskCache(items(6), Brighter(), tmp_path / "cache", size_limit_gb=2.5 * size / 1e9))
    assert len(files(tmp_path / "cache")) == 2
    for ours, theirs in zip(first, again, strict=True):
        assert torch.equal(ours[0]["image"].data, theirs[0]["image"].data)


def test_lists_of_voxels_for_crops_are_made_once_as_images_stay_the_same(tmp_path):
    cache = DiskCache(items(1), Brighter(), tmp_path)
    images = [cache._prepared(0)[0].sample["label"] for _ in range(2)]
    assert images[0] is images[1]


def test_an_expression_of_a_config_is_refused_with_the_way_out(tmp_path):
    class Expression:
        __slots__ = ()

        def __call__(self, value):
            return value

    with pytest.raises(
        ValueError, match=r"can be told by looking, got Lambda: .*; put it behind the first random step"
    ):
        DiskCache(items(1), Compose([Lambda("image", Expression()), Noise()]), tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hash_as": "name"}, "hash_as must be one of stat, content, got 'name'"),
        ({"size_limit_gb": 0}, "size_limit_gb must be > 0, got 0"),
    ],
)
def test_wrong_arguments_are_told(options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        DiskCache(items(1), Brighter(), tmp_path, **options)


def test_without_a_folder_it_is_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BUNDLERT_CACHE", str(tmp_path / "mine"))
    all_of(DiskCache(items(1), Brighter()))
    assert len(files(tmp_path / "mine" / "prepared")) == 1


def test_an_item_that_fails_leaves_nothing(tmp_path):
    def broken(_sample, _rng=None):
        raise DataError("no")

    with pytest.raises(DataError, match="no\n  at: item 0 'case 0'"):
        DiskCache(items(1), broken, tmp_path, num_workers=1)
    assert files(tmp_path) == []


# ---- several processes

SERVE = """
import json, os, signal, sys, time
from data.toy import Brighter, Noise, Noted, items, rng
from bundlert.data.disk_cache import DiskCache
from bundlert.transforms.compose import Compose

def cache_in(folder, count, sleep_s):
    return DiskCache(items(count), Compose([Brighter(), Noted(folder + "/seen", sleep_s), Noise()]), folder + "/cache")

def served(cache, count, number):
    order = rng(number).permutation(count).tolist()
    return json.dumps([[i, float(cache.sample(i, rng(i))[0]["image"].data.double().sum())] for i in order])
"""

WHEN_TOLD = """
folder, count, sleep_s, number = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
cache = cache_in(folder, count, sleep_s)
print("ready", flush=True)
sys.stdin.readline()
print(served(cache, count, number), flush=True)
"""

# Forked, since each process that imports torch takes seconds.
FORKED = """
def forked(folder, count, sleep_s, number):
    process = os.fork()
    if process == 0:
        with open(f"{folder}/served by {number}", "w") as file:
            file.write(served(cache_in(folder, count, sleep_s), count, number))
        os._exit(0)
    return process
"""

ALL_AT_ONCE = """
processes = [forked(sys.argv[1], 10, 0.01, number) for number in range(4)]
print(*(os.waitpid(process, 0)[1] for process in processes))
"""

ONE_IS_KILLED = """
for wait_s in sys.argv[2:]:
    folder = f"{sys.argv[1]}/{wait_s}"
    os.mkdir(folder)
    killed, other = (forked(folder, 30, 0.003, number) for number in range(2))
    time.sleep(float(wait_s))
    os.kill(killed, signal.SIGKILL)
    print(os.waitpid(killed, 0)[1], os.waitpid(other, 0)[1])
"""

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}


def serve(folder, count, number, sleep_s=0.0):
    """Another process that serves all items of a cache in an order of its own, once it is told to."""
    command = [sys.executable, "-c", SERVE + WHEN_TOLD, str(folder), str(count), str(sleep_s), str(number)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, env=ENVIRONMENT, text=True, **pipes)
    assert process.stdout.readline() == "ready\n"
    return process


def run(script, *words):
    """What a script that forks processes prints."""
    command = [sys.executable, "-c", SERVE + FORKED + script, *map(str, words)]
    return subprocess.run(command, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, check=True).stdout


def go(process):
    process.stdin.write("go\n")
    process.stdin.flush()


def expected(count):
    chain = Compose([Brighter(), Noise()])
    plain = Dataset(items(count), chain)
    return {str(i): float(plain.sample(i, rng(i))[0]["image"].data.double().sum()) for i in range(count)}


def results(text):
    return {str(index): value for index, value in json.loads(text)}


def test_many_processes_at_once_make_each_entry_once_and_read_no_torn_one(tmp_path):
    assert run(ALL_AT_ONCE, tmp_path) == "0 0 0 0\n"
    assert all(results((tmp_path / f"served by {number}").read_text()) == expected(10) for number in range(4))
    assert Counter(Noted(tmp_path / "seen").seen()) == {f"case {number}": 1 for number in range(10)}


def test_a_process_that_is_killed_leaves_whole_entries_and_stops_nobody(tmp_path):
    waits = ["0", "0.01", "0.03", "0.06", "0.1"]
    assert run(ONE_IS_KILLED, tmp_path, *waits).splitlines() == [f"{int(signal.SIGKILL)} 0"] * len(waits)
    for folder in (tmp_path / wait for wait in waits):
        assert results((folder / "served by 1").read_text()) == expected(30)
        counted = Counter(Noted(folder / "seen").seen())
        assert set(counted) == {f"case {number}" for number in range(30)}
        assert sum(counted.values()) <= 31  # the one that it was at
        assert len(files(folder / "cache")) == 30


def test_a_process_that_is_killed_while_it_writes_leaves_no_half_file(tmp_path):
    script = """
import os, signal, sys, time, torch
from bundlert.data.disk_entry import write_entry
from bundlert.data.stages import Kept
from pathlib import Path
for wait_s in sys.argv[2:]:
    process, number = os.fork(), 0
    while process == 0:
        write_entry(Path(sys.argv[1]) / f"{number % 3}.kept", [Kept({"x": torch.full((4_000_000,), number)}, {})])
        number += 1
    time.sleep(float(wait_s))
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    print("killed", flush=True)
    sys.stdin.readline()
"""
    from bundlert.data.disk_entry import open_entry

    waits = [str(0.02 + float(np.random.default_rng(seed).random()) * 0.3) for seed in range(6)]
    command, pipes = (
        [sys.executable, "-c", script, str(tmp_path), *waits],
        {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE},
    )
    with subprocess.Popen(command, env=ENVIRONMENT, text=True, **pipes) as process:
        for _ in waits:
            assert process.stdout.readline() == "killed\n"
            for file in files(tmp_path):
                (kept,) = open_entry(file)
                values = kept.sample["x"]
                assert bool((values == values[0]).all())
            process.stdin.write("on\n")
            process.stdin.flush()


def test_threads_and_other_processes_share_the_work(tmp_path):
    other = serve(tmp_path, 12, 5, sleep_s=0.01)
    chain = Compose([Brighter(), Noted(str(tmp_path) + "/seen", 0.01), Noise()])
    cache = DiskCache(items(12), chain, str(tmp_path) + "/cache")
    filling = threading.Thread(target=cache.fill, args=(3,))
    go(other)
    filling.start()
    told, faults = other.communicate(timeout=60)
    assert other.returncode == 0, faults
    assert results(told) == expected(12)
    filling.join(60)
    assert len(Noted(tmp_path / "seen").seen()) == 12


def test_worker_processes_open_the_entries_themselves(tmp_path):
    chain = Compose([Brighter(), Noise(), Look("image")])
    loaders = [
        Loader(DiskCache(items(5), chain, tmp_path), 2, shuffle=True, seed=2, workers=workers)
        for workers in ("threads", "processes")
    ]
    one, other = ([batch["image"] for batch in loader.batches(3)] for loader in loaders)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(one, other, strict=True))
    loaders[1].close()
