"""Each format against the same faults: a message that says what is wrong, or the right image, and never much memory."""

from __future__ import annotations

import io
import re
import tracemalloc

import nibabel
import numpy as np
import pytest
from images.dicom.slices import write_enhanced, write_slice
from images.itk import make_itk
from PIL import Image as Pillow

from bundlert.errors import DataError
from bundlert.images.reading import SUFFIXES, read_grid, read_image

VOXELS = np.random.default_rng(0).integers(0, 4000, (20, 24, 16)).astype(np.int16)
PIXELS = np.random.default_rng(0).integers(0, 255, (40, 50, 3)).astype(np.uint8)


def by_nibabel(file):
    nibabel.save(nibabel.Nifti1Image(VOXELS, np.diag([-1.0, 2, 3, 1])), file)


def by_itk(*, packed):
    def write(file):
        pytest.importorskip("SimpleITK").WriteImage(make_itk(VOXELS), file, useCompression=packed)

    return write


def by_pillow(file):
    Pillow.fromarray(PIXELS).save(file)


def by_numpy(file):
    save = np.savez_compressed if file.suffix == ".npz" else np.save
    save(file, VOXELS)


def as_series(file):
    file.mkdir()
    for number in range(3):
        write_slice(file, number)


WRITERS = {
    "a.nii": by_nibabel,
    "a.nii.gz": by_nibabel,
    "raw.nrrd": by_itk(packed=False),
    "packed.nrrd": by_itk(packed=True),
    "raw.mha": by_itk(packed=False),
    "packed.mha": by_itk(packed=True),
    "a.png": by_pillow,
    "a.jpg": by_pillow,
    "a.tif": by_pillow,
    "a.npy": by_numpy,
    "a.npz": by_numpy,
    "a.dcm": write_enhanced,
}
DETACHED = {"a.nhdr": "a.raw", "a.mhd": "a.raw"}
each_format = pytest.mark.parametrize("name", WRITERS)

# Pillow warns before it gives up.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.*")


@pytest.fixture
def file(tmp_path, name):
    """A good file of a format."""
    WRITERS[name](tmp_path / name)
    return tmp_path / name


def refused(path):
    """The message for a file; that of its grid, if that is refused too, names the same file."""
    with pytest.raises(DataError) as caught:
        read_image(path)
    assert path.name in str(caught.value)
    return str(caught.value)


@each_format
def test_a_good_file_is_read(file, name):
    image = read_image(file)
    assert image.data.shape[1:] == image.grid.shape
    assert read_grid(file).same_as(image.grid)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file(tmp_path, suffix):
    (tmp_path / f"a{suffix}").touch()
    assert refused(tmp_path / f"a{suffix}").endswith("is empty\n  got: 0 bytes\n  try: copy or download it again")


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "content", [b"<html>not found</html>" * 50, b"\0" * 600, b"\xff"], ids=["page", "zeros", "byte"]
)
def test_something_else_under_that_name(tmp_path, suffix, content):
    (tmp_path / f"a{suffix}").write_bytes(content)
    assert "\n  got: " in refused(tmp_path / f"a{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_of_that_name_is_taken_for_a_series(tmp_path, suffix):
    (tmp_path / f"a{suffix}").mkdir()
    assert "holds no DICOM slices" in refused(tmp_path / f"a{suffix}")


@each_format
@pytest.mark.parametrize("kept", [0.01, 0.1, 0.5, 0.9])
def test_a_file_cut_short(file, name, kept):
    content = file.read_bytes()
    file.write_bytes(content[: max(int(len(content) * kept), 1)])
    assert refused(file)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", DETACHED)
def test_voxels_in_another_file_that_is_cut_short_or_missing(tmp_path, name, packed):
    by_itk(packed=packed)(tmp_path / name)
    (voxels,) = [other for other in tmp_path.iterdir() if other.name != name]
    voxels.write_bytes(voxels.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"ends early|claims more voxels than it can hold"):
        read_image(tmp_path / name)
    voxels.unlink()
    assert f"got: no file '{voxels}'" in refused(tmp_path / name)


@each_format
def test_bytes_changed_by_chance_are_told_or_harmless(file, name):
    content, chance = file.read_bytes(), np.random.default_rng(0)
    tracemalloc.start()
    told = 0
    for _ in range(150):
        changed = bytearray(content)
        for place in chance.integers(0, min(len(content), 700), chance.integers(1, 6)):
            changed[place] = chance.integers(0, 256)
        file.write_bytes(changed)
        try:
            read_image(file)
        except DataError:
            told += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert told > 10
    assert peak < 50e6


@each_format
def test_files_cut_anywhere_are_told(file, name):
    content = file.read_bytes()
    for kept in np.random.default_rng(0).integers(1, max(len(content) * 95 // 100, 2), 60):
        file.write_bytes(content[:kept])
        assert refused(file)


# ---- places that can't be, in each format that has them

SINGULAR = "has no usable place: its affine is singular"
NOT_FINITE = "has no usable place: its affine has values that are not finite|have no usable place|finite numbers"


def nrrd(file, spacing):
    head = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 2 2 2\nencoding: raw\nspace: RAS\n"
    file.write_bytes(f"{head}space directions: ({spacing},0,0) (0,2,0) (0,0,3)\n\n".encode() + bytes(8))


def metaimage(file, spacing):
    head = f"ObjectType = Image\nNDims = 3\nElementSpacing = {spacing} 2 3\nDimSize = 2 2 2\nElementType = MET_UCHAR\n"
    file.write_bytes(f"{head}ElementDataFile = LOCAL\n".encode() + bytes(8))


def nifti(file, spacing):
    nibabel.save(nibabel.Nifti1Image(np.zeros((2, 2, 2), np.uint8), np.eye(4)), file)
    content = bytearray(file.read_bytes())
    content[280:284] = np.float32(spacing).tobytes()
    file.write_bytes(content)


def archive(file, spacing):
    np.savez(file, np.zeros((2, 2, 2), np.uint8), affine=np.diag([float(spacing), 2, 3, 1]))


def enhanced(file, spacing):
    write_enhanced(file)
    content = file.read_bytes()
    assert content.count(b"0.7\\0.9 ") == 1
    file.write_bytes(content.replace(b"0.7\\0.9 ", f"0.7\\{spacing:<4}".encode()))


@pytest.mark.parametrize(("spacing", "fault"), [("0", SINGULAR), ("nan", NOT_FINITE), ("inf", NOT_FINITE)])
@pytest.mark.parametrize(
    ("name", "write"),
    [("a.nrrd", nrrd), ("a.mha", metaimage), ("a.nii", nifti), ("a.npz", archive), ("a.dcm", enhanced)],
)
def test_a_spacing_that_cannot_be(tmp_path, name, write, spacing, fault):
    write(tmp_path / name, spacing)
    assert re.search(fault, refused(tmp_path / name))


def test_nan_in_voxels_stays_nan_in_nifti(tmp_path):
    nibabel.save(nibabel.Nifti1Image(np.full((2, 2, 2), np.nan, np.float32), np.eye(4)), tmp_path / "a.nii.gz")
    assert read_image(tmp_path / "a.nii.gz").data.isnan().all()


def test_one_slice_of_nifti_is_a_volume(tmp_path):
    nibabel.save(nibabel.Nifti1Image(VOXELS[..., :1], np.eye(4)), tmp_path / "a.nii")
    nibabel.save(nibabel.Nifti1Image(VOXELS[..., 0], np.eye(4)), tmp_path / "b.nii")
    assert read_image(tmp_path / "a.nii").data.shape == read_image(tmp_path / "b.nii").data.shape == (1, 20, 24, 1)


def test_a_sheared_affine_of_nifti_is_kept(tmp_path):
    affine = np.array([[1, 0.5, 0, 3], [0, 2, 0, 4], [0, 0, 3, 5], [0, 0, 0, 1]])
    image = nibabel.Nifti1Image(VOXELS, affine)
    image.set_sform(affine, code=1)
    nibabel.save(image, tmp_path / "a.nii")
    np.testing.assert_array_equal(read_image(tmp_path / "a.nii").grid.affine, affine)


def test_a_folder_with_one_bad_slice_names_it(tmp_path):
    as_series(tmp_path / "series")
    bad = tmp_path / "series" / "98.dcm"
    bad.write_bytes(bad.read_bytes()[:200])
    with pytest.raises(DataError, match=r"98\.dcm"):
        read_image(tmp_path / "series")


def test_a_huge_claim_of_nifti_takes_no_memory(tmp_path):
    header = nibabel.Nifti1Header()
    header.set_data_shape((30000, 30000, 30000))
    content = io.BytesIO()
    header.write_to(content)
    (tmp_path / "a.nii").write_bytes(content.getvalue())
    assert refused(tmp_path / "a.nii")  # imports are done by now
    tracemalloc.start()
    assert refused(tmp_path / "a.nii")
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()
