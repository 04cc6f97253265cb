import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from data.elsewhere import Ending
from data.toy import Broken, Noise, Noted, items, names

from bundlert.data.collate import collate
from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.data.memory_cache import MemoryCache
from bundlert.errors import DataError
from bundlert.images.grid import Grid
from bundlert.images.image import Image
from bundlert.progress import Display, shown_by
from bundlert.transforms.compose import Compose
from bundlert.transforms.crop.pos_neg import RandCropByPosNegLabel
from bundlert.transforms.load import LoadImage

GRID = Grid((2, 2), np.eye(3))


def image(value):
    return Image(torch.full((1, 2, 2), float(value)), GRID)


def make(count=7, transform=None, **options):
    samples = [{"image": image(number), "name": number} for number in range(count)]
    return Loader(Dataset(samples, transform), **options)


def noisy(sample, rng):
    return {**sample, "image": image(sample["name"] + rng.random())}


def values(loader, epoch):
    return [batch["image"].flatten().tolist() for batch in loader.batches(epoch)]


def test_batches_come_in_order():
    loader = make(batch_size=3)
    assert names(loader.batches()) == [[0, 1, 2], [3, 4, 5], [6]]
    assert len(loader) == 3
    assert names(make(batch_size=3, drop_last=True).batches()) == [[0, 1, 2], [3, 4, 5]]


def test_each_epoch_has_an_order_of_its_own_with_everything_once():
    loader = make(batch_size=3, shuffle=True, seed=5)
    orders = [[name for batch in names(loader.batches(epoch)) for name in batch] for epoch in (1, 2)]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(7))


@pytest.mark.parametrize("workers", [2, 5])
@pytest.mark.parametrize("prefetch", [1, 4])
def test_threads_change_neither_order_nor_chance(workers, prefetch):
    options = {"transform": noisy, "batch_size": 2, "shuffle": True, "seed": 3}
    assert values(make(**options, num_workers=workers, prefetch=prefetch), 4) == values(
        make(**options, num_workers=1), 4
    )


def test_an_epoch_can_begin_in_the_middle_without_preparing_what_was():
    seen = []
    loader = make(transform=lambda sample, _rng: seen.append(sample["name"]) or sample, batch_size=2, num_workers=1)
    assert names(loader.batches(1, start=2)) == [[4, 5], [6]]
    assert seen == [4, 5, 6]


def test_chance_after_a_start_in_the_middle_is_the_same():
    loader = make(transform=noisy, batch_size=2, shuffle=True)
    whole = values(loader, 2)
    assert [batch["image"].flatten().tolist() for batch in loader.batches(2, start=2)] == whole[2:]


def test_several_samples_of_an_item_are_side_by_side():
    loader = make(3, transform=lambda sample, _rng: [sample, sample], batch_size=2)
    assert [len(batch) for batch in loader.batches()] == [4, 2]


def broken(sample, _rng):
    if sample["name"] == 3:
        raise DataError("case 3 is damaged")
    return sample


def test_a_damaged_sample_stops_the_epoch():
    with pytest.raises(DataError, match="case 3 is damaged"):
        list(make(transform=broken).batches())


def test_a_damaged_sample_is_left_out_where_somebody_takes_the_error():
    errors = []
    assert names(make(transform=broken).batches(on_error=errors.append)) == [[0], [1], [2], [4], [5], [6]]
    assert [error.what for error in errors] == ["case 3 is damaged"]


def test_leaving_early_leaves_no_thread():
    batches = make(50).batches()
    next(batches)
    batches.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("loader")]


def test_numbers_below_one_are_told():
    with pytest.raises(ValueError, match="batch_size and prefetch must be >= 1, num_workers >= 0, got 0, 2 and 2"):
        make(batch_size=0)


# ---- threads and processes


def images(loader, epoch, start=0):
    return [batch["image"] for batch in loader.batches(epoch, start)]


def same(ours, theirs):
    return len(ours) == len(theirs) and all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


KEYS = ["image", "label"]
CHAIN = Compose([RandCropByPosNegLabel(KEYS, "label", (3, 3, 2), num_samples=2), Noise()])


def loaders(make_dataset, **options):
    """One by a thread, the others by more threads and by processes."""
    for workers, count in (("threads", 1), ("threads", 3), ("processes", 2)):
        loader = Loader(make_dataset(), workers=workers, num_workers=count, **options)
        yield loader
        loader.close()


@pytest.mark.parametrize(
    "make",
    [lambda: Dataset(items(7), CHAIN), lambda: MemoryCache(items(7), CHAIN, cache_rate=0.5)],
    ids=["dataset", "cache"],
)
def test_threads_and_processes_give_the_same_bit_by_bit_also_from_the_middle(make):
    plain, *others = loaders(make, batch_size=2, shuffle=True, seed=3)
    whole = {epoch: images(plain, epoch) for epoch in (1, 2)}
    assert not same(whole[1], whole[2])
    for loader in loaders(make, batch_size=2, shuffle=True, seed=3):
        for epoch, expected in whole.items():
            assert same(images(loader, epoch), expected)
            assert same(images(loader, epoch, start=2), expected[2:])
    assert len(others) == 2


def test_sums_are_the_same_whatever_number_of_threads_torch_uses():
    def big():
        chance = torch.Generator().manual_seed(0)
        data = torch.rand(1, 64, 64, 64, generator=chance)
        return [{"image": Image(data, Grid((64, 64, 64), np.eye(4)))}]

    before, found = torch.get_num_threads(), []
    for count in (1, 2, 4):
        torch.set_num_threads(count)
        found += images(Loader(Dataset(big(), Noise())), 1)
    torch.set_num_threads(before)
    assert same(found[:1] * 3, found)


def test_processes_stay_from_epoch_to_epoch_and_begin_anew_after_the_end():
    loader = Loader(Dataset(items(3), Noise()), workers="processes", num_workers=1)
    first = images(loader, 1)
    begun = loader._processes
    assert same(images(loader, 1), first)
    assert loader._processes is begun
    loader.close()
    assert same(images(loader, 1), first)
    loader.close()


def test_leaving_early_asks_processes_for_no_more(tmp_path):
    noted = Noted(tmp_path / "seen", sleep_s=0.05)
    loader = Loader(Dataset(items(60), noted), workers="processes", num_workers=1)
    batches = loader.batches()
    next(batches)
    batches.close()
    assert same(images(Loader(Dataset(items(60)[:1])), 1), [next(loader.batches())["image"]])
    loader.close()
    assert len(noted.seen()) < 12


@pytest.mark.parametrize("workers", ["threads", "processes"])
def test_a_failure_in_a_worker_is_told_with_file_and_sample(workers, tmp_path):
    (tmp_path / "bad.nii").write_bytes(b"no nifti at all" * 40)
    data = [{"image": str(tmp_path / "bad.nii"), "name": "case 9"}]
    loader = Loader(Dataset(data, LoadImage("image")), workers=workers)
    with pytest.raises(DataError, match=r"image '.*/bad\.nii' is no NIfTI"):
        list(loader.batches())
    loader = Loader(Dataset(items(3), Broken("case 2")), workers=workers)
    with pytest.raises(DataError, match="this one is damaged\n  at: item 2 'case 2'"):
        list(loader.batches())
    told = []
    loader = Loader(Dataset(items(3), Broken("case 1")), workers=workers)
    assert names(loader.batches(on_error=told.append)) == [["case 0"], ["case 2"]]
    assert [error.what for error in told] == ["this one is damaged"]
    loader.close()


def test_after_a_process_was_killed_it_can_be_tried_again(tmp_path):
    loader = Loader(Dataset(items(3), Ending(tmp_path / "killed")), workers="processes", num_workers=1)
    with pytest.raises(DataError, match="a process that prepares samples has ended"):
        list(loader.batches())
    assert len(list(loader.batches())) == 3
    loader.close()


INTERRUPTED = """
import sys
from data.toy import Noise, Noted, items
from bundlert.data.dataset import Dataset
from bundlert.data.loader import Loader
from bundlert.transforms.compose import Compose

if __name__ == "__main__":
    chain = Compose([Noted(sys.argv[1], 0.05), Noise()])
    loader = Loader(Dataset(items(2000), chain), 2, workers="processes", num_workers=2)
    for number, batch in enumerate(loader.batches()):
        if number == 8:  # both processes are at work by now
            print("going", flush=True)
"""


def descendants(group):
    """The processes of a process group."""
    found = []
    for place in Path("/proc").iterdir():
        with suppress(OSError):
            if place.name.isdigit() and os.getpgid(int(place.name)) == group:
                found.append(place.name)
    return found


ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


@pytest.fixture(scope="module")
def trainings(tmp_path_factory):
    """A training for each end, begun together: nine processes import torch, which takes each of them seconds."""
    tests, begun = Path(__file__).parents[1], {}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests), str(tests.parent)])}
    for sent in ENDS:
        folder = tmp_path_factory.mktemp(sent.name)
        (folder / "train.py").write_text(INTERRUPTED)
        command = [sys.executable, str(folder / "train.py"), str(folder / "seen")]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(command, env=environment, text=True, start_new_session=True, **pipes)
        begun[sent] = process, folder / "seen"
    yield begun
    for process, _ in begun.values():
        process.kill()  # where a test didn't


@pytest.mark.parametrize("sent", ENDS, ids=lambda one: one.name)
def test_ctrl_c_or_worse_leaves_nothing_behind(sent, trainings):
    process, seen = trainings[sent]
    assert process.stdout.readline() == "going\n"
    begun = descendants(process.pid)
    assert len(begun) >= 3
    if sent is signal.SIGINT:
        os.killpg(process.pid, sent)  # a terminal sends it to all
    else:
        process.send_signal(sent)
    _, told = process.communicate(timeout=30)
    deadline = time.monotonic() + 20
    while descendants(process.pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert descendants(process.pid) == []
    assert [file for pid in begun for file in (Path("/dev") / "shm").glob(f"*_{pid}_*")] == []
    assert told.count("Traceback") == (1 if sent is signal.SIGINT else 0)
    assert len(seen.read_text().splitlines()) < 1000


# ---- several ranks


@pytest.mark.parametrize(("shuffle", "expected"), [(False, [4, 3]), (True, [4, 4])])
def test_evaluation_serves_each_item_once_and_training_equally_many(shuffle, expected):
    data = Dataset(items(7))
    ranks = [Loader(data, 2, shuffle=shuffle, seed=3, rank=rank, world_size=2) for rank in range(2)]
    found = [[name for batch in names(loader.batches(2)) for name in batch] for loader in ranks]
    assert [len(one) for one in found] == ranks[0].shard_sizes == expected
    assert set(found[0] + found[1]) == {f"case {number}" for number in range(7)}
    assert [len(loader) for loader in ranks] == [2, 2]
    single = [name for batch in names(Loader(data, shuffle=shuffle, seed=3).batches(2)) for name in batch]
    assert found[0] == single[::2]


def test_even_shards_can_be_asked_for_or_not():
    data = Dataset(items(5))
    assert Loader(data, world_size=2, even_divisible=True).shard_sizes == [3, 3]
    assert Loader(data, world_size=2, even_divisible=True, drop_last=True).shard_sizes == [2, 2]
    assert Loader(data, world_size=2, shuffle=True, even_divisible=False).shard_sizes == [3, 2]


def test_uneven_shards_are_said_once():
    said = []

    class Hearing(Display):
        def say(self, text):
            said.append(text)

    with shown_by(Hearing()):
        for rank in range(3):
            Loader(Dataset(items(7)), rank=rank, world_size=3)
        Loader(Dataset(items(6)), world_size=3)
    assert said == ["7 items for 3 processes: 3, 2, 2"]


def test_what_a_rank_draws_is_what_the_item_draws_in_any_world():
    data = Dataset(items(4), Noise())
    single = images(Loader(data, seed=1), 3)
    ranks = [images(Loader(data, seed=1, rank=rank, world_size=2), 3) for rank in range(2)]
    assert same([ranks[0][0], ranks[1][0], ranks[0][1], ranks[1][1]], single)


# ---- other things


def test_a_dataset_is_told_the_epoch():
    told = []

    class Told(Dataset):
        def set_epoch(self, epoch):
            told.append(epoch)

    loader = Loader(Told(items(1)))
    list(loader.batches(4))
    list(loader.batches(5, start=1))
    assert told == [4, 5]


def test_memory_of_batches_is_used_again():
    loader = Loader(Dataset(items(12)), 2, prefetch=1)
    places = set()
    for batch in loader.batches():
        places.add(batch["image"].data_ptr())
        del batch
    assert len(places) < 6


def test_batches_that_are_held_keep_their_values():
    loader = Loader(Dataset(items(12)), 2)
    assert same(images(loader, 1), [collate(items(12)[first : first + 2])["image"] for first in range(0, 12, 2)])


def test_no_worker_counts_as_one():
    assert names(make(3, num_workers=0).batches()) == [[0], [1], [2]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": "fork"}, "workers must be one of threads, processes, got 'fork'"),
        ({"num_workers": -1}, "num_workers >= 0, got 1, 2 and -1"),
        ({"rank": 2, "world_size": 2}, r"rank must be in 0\.\.world_size - 1, got 2 and 2"),
    ],
)
def test_wrong_arguments_are_told(options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_batches_are_pinned_where_there_is_a_gpu():
    assert next(make(3).batches())["image"].is_pinned()
