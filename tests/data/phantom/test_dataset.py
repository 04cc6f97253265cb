import json
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import nibabel
import numpy as np
import pytest
from data.phantom import coarse
from data.phantom.coarse import SEED, make_coarse
from scipy import ndimage

from bundlert.data.decathlon import DecathlonData
from bundlert.data.phantom import dataset
from bundlert.data.phantom.dataset import abdomen_phantom
from bundlert.errors import DataError
from bundlert.files import sha256

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas" / "dataset.schema.json").read_text())


@pytest.fixture(scope="module")
def five(tmp_path_factory):
    return Path(abdomen_phantom(5, SEED, str(tmp_path_factory.mktemp("phantoms") / "five")))


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The digests of three coarse phantoms."""
    return digests(make_coarse(tmp_path_factory.mktemp("coarse")))


def volumes(folder):
    return sorted(Path(folder).glob("*Tr/[!.]*.nii.gz"))


def digests(folder, cases=9):
    files = (file for file in volumes(folder) if int(file.name[8:11]) <= cases)
    return {f"{file.parent.name}/{file.name}": sha256(file) for file in files}


def identities(folder):
    """What changes when a file is written again, even with the same bytes."""
    return {f"{file.parent.name}/{file.name}": file.stat().st_ino for file in volumes(folder)}


def pairs(folder):
    for image, label in zip(volumes(folder)[:5], volumes(folder)[5:], strict=True):
        yield nibabel.load(image), nibabel.load(label)


def places_mm(volume, is_wanted):
    """Where voxels are whose values are wanted, in mm; every third along each axis is enough."""
    voxels = np.asanyarray(volume.dataobj)[::3, ::3, ::3]
    return 3 * np.argwhere(is_wanted(voxels)) @ volume.affine[:3, :3].T + volume.affine[:3, 3]


def process(word, folder):
    return subprocess.Popen([sys.executable, coarse.__file__, word, folder])


def test_a_smaller_set_is_the_beginning_of_a_larger_one(expected, tmp_path):
    larger = make_coarse(tmp_path, 5)
    assert digests(larger, cases=3) == expected
    assert (len(expected), len(digests(larger))) == (6, 10)


def test_another_seed_makes_another_set(expected, tmp_path):
    other = digests(make_coarse(tmp_path, seed=SEED + 1))
    assert other.keys() == expected.keys()
    assert set(other.values()).isdisjoint(expected.values())


def test_the_five_differ_in_orientation_spacing_and_size(five):
    images = [image for image, _ in pairs(five)]
    assert ["".join(nibabel.aff2axcodes(image.affine)) for image in images] == ["LAS", "RAS", "LPS", "RPI", "LAI"]
    assert len({image.shape for image in images}) == 5
    assert len({tuple(np.round(image.header.get_zooms(), 4)) for image in images}) == 5
    assert [bool(nibabel.affines.obliquity(image.affine).max() > 0.01) for image in images] == [False] * 4 + [True]


def test_headers_tell_the_same_place_in_both_ways(five):
    for volume in (volume for pair in pairs(five) for volume in pair):
        sform, s_code = volume.get_sform(coded=True)
        qform, q_code = volume.get_qform(coded=True)
        assert min(s_code, q_code) > 0
        np.testing.assert_allclose(sform, qform, atol=1e-3)
        assert volume.header.get_xyzt_units()[0] == "mm"


def test_a_label_is_one_part_on_its_images_grid(five):
    for image, label in pairs(five):
        voxels = np.asanyarray(label.dataobj)
        assert (image.get_data_dtype(), label.get_data_dtype()) == (np.int16, np.uint8)
        assert np.array_equal(np.unique(voxels), [0, 1])
        assert ndimage.label(voxels)[1] == 1
        assert image.shape == label.shape
        assert np.array_equal(image.affine, label.affine)


def test_the_spleen_is_at_the_patients_left_and_back_in_every_orientation(five):
    for image, label in pairs(five):
        spleen = places_mm(label, lambda voxels: voxels == 1)
        body = places_mm(image, lambda voxels: voxels > -200)
        assert spleen[:, 0].max() < body[:, 0].mean()
        assert spleen[:, 1].mean() < body[:, 1].mean()
        assert spleen[:, 2].mean() > body[:, 2].mean()


def test_brightness_alone_does_not_tell_the_spleen(five):
    for image, label in pairs(five):
        values, inside = np.asanyarray(image.dataobj), np.asanyarray(label.dataobj) == 1
        assert 40 < values[inside].mean() < 140
        low, high = np.percentile(values[inside], (10, 90))
        assert ((values >= low) & (values <= high) & ~inside).sum() > inside.sum()


def test_the_list_is_valid_and_read_as_a_decathlon_data_set(five):
    jsonschema.validate(json.loads((five / "dataset.json").read_text()), SCHEMA)
    data = DecathlonData(five)
    assert [sample["name"] for sample in data.training] == [f"phantom_00{number}" for number in range(1, 5)]
    assert [sample["name"] for sample in data.validation] == ["phantom_005"]
    assert data.labels == {"0": "background", "1": "spleen"}


def test_nothing_is_made_twice(tmp_path):
    before = identities(make_coarse(tmp_path))
    assert identities(make_coarse(tmp_path)) == before


def test_missing_and_damaged_files_are_made_again_and_no_others(expected, tmp_path):
    before = identities(make_coarse(tmp_path))
    (tmp_path / "imagesTr" / "phantom_001.nii.gz").unlink()
    damaged = tmp_path / "labelsTr" / "phantom_003.nii.gz"
    damaged.write_bytes(damaged.read_bytes()[:-8] + b"whatever")
    assert digests(make_coarse(tmp_path)) == expected
    kept = [name for name in before if "_002" in name]
    assert [identities(tmp_path)[name] for name in kept] == [before[name] for name in kept]


@pytest.mark.parametrize("text", ["", "{", "[]", "7"])
def test_a_damaged_manifest_costs_time_but_no_data(text, expected, tmp_path):
    make_coarse(tmp_path)
    (tmp_path / "manifest.json").write_text(text)
    assert digests(make_coarse(tmp_path)) == expected
    assert json.loads((tmp_path / "manifest.json").read_text()).items() >= expected.items()


def test_a_killed_call_is_completed(expected, tmp_path):
    assert process("die", tmp_path).wait(timeout=120) == -signal.SIGKILL
    assert not (tmp_path / "dataset.json").exists()
    finished = json.loads((tmp_path / "manifest.json").read_text()).keys() & expected.keys()
    before = identities(tmp_path)
    assert digests(make_coarse(tmp_path)) == expected
    assert len(finished) == 2
    assert all(identities(tmp_path)[name] == before[name] for name in finished)


def test_two_processes_at_once_make_one_good_set(expected, tmp_path):
    both = [process("make", tmp_path) for _ in range(2)]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert digests(tmp_path) == expected
    assert len(DecathlonData(tmp_path).all) == 3
    assert not list(tmp_path.rglob("*.tmp.*"))


def test_the_list_follows_the_number_of_cases(tmp_path):
    assert [len(DecathlonData(make_coarse(tmp_path, cases)).all) for cases in (3, 1, 3)] == [3, 1, 3]


def test_phantoms_of_another_seed_are_left_alone(expected, tmp_path):
    make_coarse(tmp_path)
    with pytest.raises(DataError) as caught:
        make_coarse(tmp_path, seed=8)
    assert str(caught.value) == (
        f"'{tmp_path}' holds other data\n"
        "  got: Synthetic abdominal CT, version 1, seed 7. No patient data.\n"
        "  expected: a new folder, or one of 'Synthetic abdominal CT, version 1, seed 8. No patient data.'\n"
        f"  try: name another folder; to use the data as they are, write `dataset_dir={tmp_path}`"
    )
    assert digests(tmp_path) == expected


@pytest.mark.parametrize(("text", "got"), [('{"description": "Spleens"}', "Spleens"), ("{}", "no description")])
def test_a_data_set_of_patients_is_never_written_to(text, got, tmp_path):
    (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(DataError, match=rf"holds other data\n  got: {got}\n"):
        make_coarse(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["dataset.json"]
    assert (tmp_path / "dataset.json").read_text() == text


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("BUNDLERT_CACHE", str(tmp_path))
    monkeypatch.setattr(dataset, "_make", lambda *_: None)
    assert abdomen_phantom(2, 3) == str(tmp_path / "phantoms" / "abdomen-v1-seed3-2")


@pytest.mark.parametrize(("cases", "seed"), [(0, 0), (1, -1)])
def test_wrong_numbers_are_told(cases, seed, tmp_path):
    with pytest.raises(ValueError, match=rf"cases must be >= 1 and seed >= 0, got {cases} and {seed}"):
        abdomen_phantom(cases, seed, str(tmp_path))
