from __future__ import annotations

import pytest
from images.dicom.slices import write_slice

from bundlert.errors import DataError
from bundlert.images.reading import read_image


@pytest.fixture
def series(tmp_path):
    """A folder with four slices."""
    folder = tmp_path / "series"
    folder.mkdir()
    for number in range(4):
        write_slice(folder, number)
    return folder


@pytest.fixture
def message_of():
    """What the error for a place says, the place itself as HERE."""

    def message(place) -> str:
        with pytest.raises(DataError) as caught:
            read_image(place)
        return str(caught.value).replace(str(place), "HERE")

    return message
