import numpy as np
import pytest

from bundlert.data.loader import Loader
from bundlert.data.npz_dataset import NPZDictItemDataset
from bundlert.errors import DataError
from bundlert.transforms.channel import EnsureChannelFirst

CHANCE = np.random.default_rng(0)
PICTURES, LABELS = CHANCE.random((5, 4, 3)).astype(np.float32), np.arange(5)


@pytest.fixture
def file(tmp_path):
    np.savez(tmp_path / "toy.npz", pictures=PICTURES, labels=LABELS, other=np.zeros(7))
    return tmp_path / "toy.npz"


def test_sample_i_has_row_i_of_each_array(file):
    dataset = NPZDictItemDataset(file, {"pictures": "image", "labels": "class"})
    assert len(dataset) == 5
    for index in range(5):
        (sample,) = dataset.sample(index, CHANCE)
        assert list(sample) == ["image", "class"]
        np.testing.assert_array_equal(sample["image"], PICTURES[index])
        assert sample["class"] == index


def test_arrays_keep_their_names_and_a_loader_serves_them(file):
    dataset = NPZDictItemDataset(str(file), ["pictures"], EnsureChannelFirst("pictures"))
    batches = list(Loader(dataset, batch_size=2).batches())
    assert [len(batch) for batch in batches] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate([batch["pictures"] for batch in batches])[:, 0], PICTURES)


def test_what_is_wrong_is_told(file):
    with pytest.raises(DataError, match=r"has no array 'picture'\n.*\n.*'pictures'"):
        NPZDictItemDataset(file, ["picture"])
    with pytest.raises(DataError, match=r"don't have one length\n  got: labels \[5\], other \[7\]"):
        NPZDictItemDataset(file, ["labels", "other"])
    with pytest.raises(DataError, match=r"don't have one length\n  got: no arrays"):
        NPZDictItemDataset(file, [])
    with pytest.raises(DataError, match="there is no archive"):
        NPZDictItemDataset(file.with_name("toi.npz"), ["labels"])
    np.savez(file, one=np.float64(3))
    with pytest.raises(DataError, match=r"got: one \[\]"):
        NPZDictItemDataset(file, ["one"])


def test_objects_are_not_unpickled(file):
    np.savez(file, trap=np.array([{}, {}]))
    with pytest.raises(DataError, match="has no numbers"):
        NPZDictItemDataset(file, ["trap"])


def test_a_damaged_archive_is_told(file):
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DataError, match=r"toy\.npz"):
        NPZDictItemDataset(file, ["labels"])
