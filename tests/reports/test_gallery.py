import os
import re
from pathlib import Path

import pytest

from bundlert.registry.index import COMPONENTS
from bundlert.reports.gallery import PICTURES, main, pages, picture_of
from bundlert.reports.gallery_examples import examples
from bundlert.reports.gallery_pictures import MOST_BYTES

FOLDER = Path(__file__).parents[2] / "docs" / "gallery"
MOST_BYTES_OF_ALL = 2_500_000
SHOWN = ("spatial", "crop", "intensity", "label")  # rooms whose transforms change what is seen
TRANSFORMS = [one for one in COMPONENTS if one.kind == "transform"]


def test_the_pages_are_those_of_today():
    found = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.md")}
    assert found == pages(), "stale: run `python -m bundlert.reports.gallery docs/gallery`"


def test_every_component_is_on_one_page():
    text = "\n".join(pages().values())
    entries = re.findall(r"^## (\w+)$|^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(filter(None, (name for pair in entries for name in pair))) == sorted(one.name for one in COMPONENTS)


def test_every_transform_has_an_example_and_a_picture_where_there_is_something_to_see():
    known = examples()
    assert {one.name for one in TRANSFORMS} - set(known) == set(), "give it an example in gallery_examples.yaml"
    seen = {one.name for one in TRANSFORMS if one.module.split(".")[2] in SHOWN}
    assert {name for name, one in known.items() if one.sample} == seen


def test_the_pictures_are_there_and_small():
    files = {file.name: file.stat().st_size for file in (FOLDER / PICTURES).iterdir()}
    wanted = {Path(picture_of(one)).name for one in examples().values() if one.sample}
    assert set(files) == wanted, "run `python -m bundlert.reports.gallery docs/gallery DATA`"
    assert max(files.values()) <= MOST_BYTES
    assert sum(files.values()) <= MOST_BYTES_OF_ALL


def test_an_entry_has_what_a_reader_needs():
    page = pages()["transforms-spatial.md"]
    entry = page.partition("## Flip\n")[2].partition("\n## ")[0]
    assert entry == (
        "\nTurn images around along some axes; no voxel is interpolated.\n\n"
        "```python\nFlip(keys, spatial_axis=None)\n```\n\n"
        "```yaml\n_target_: Flip\nkeys: [image, label]\nspatial_axis: 0\n```\n\n"
        "![Flip on a slice: before and after](pictures/Flip.webp)\n"
    )
    assert "| `{_target_: DiceLoss, to_onehot_y: true, softmax: true}` |" in pages()["losses.md"]


def test_whoever_gave_the_slices_is_named():
    assert all(name in pages()["README.md"] for name in ("TotalSegmentator", "niivue-images", "NIH Clinical Center"))


def test_the_pages_are_written_without_data(tmp_path):
    main([str(tmp_path)])
    assert {file.name for file in tmp_path.iterdir()} == set(pages())


def test_a_picture_is_drawn_if_there_is_data(tmp_path):
    folder = os.environ.get("BUNDLERT_TEST_DATA")
    if not folder:
        pytest.skip("BUNDLERT_TEST_DATA names no folder")
    main([str(tmp_path), folder, "Flip", "LabelFilter"])
    assert {file.name for file in (tmp_path / PICTURES).iterdir()} == {"Flip.webp", "LabelFilter.webp"}
    assert 1000 < (tmp_path / PICTURES / "Flip.webp").stat().st_size <= MOST_BYTES
