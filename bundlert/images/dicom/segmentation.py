"""A label map as a DICOM segmentation object that refers to the series it was made from, by highdicom.

Source: DICOM PS3.3, A.51 and C.8.20.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bundlert.errors import DataError
from bundlert.files import atomic
from bundlert.images.dicom.series import series_planes
from bundlert.images.dicom.stack import grid_of
from bundlert.text import listed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom import Dataset

    from bundlert.images.dicom.planes import Plane
    from bundlert.images.image import Image

_EXTRA = "pip install 'bundlert[dicom]'"
_REFERRED = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID")
_PATIENT = ("PatientID", "PatientName", "PatientBirthDate", "PatientSex")
_STUDY = ("AccessionNumber", "StudyID", "StudyDate", "StudyTime", "ReferringPhysicianName")
_SERIES_NUMBER = 1000  # behind those of a scanner


def write_segmentation(image: Image, file: Path, series: Path, segments: Sequence[str] = ()) -> None:
    """Write labels 1, 2 ... as the segments of a DICOM SEG, each frame beside the slice that it belongs to.

    Empty frames are left out, as usual. The segments are binary, made by an algorithm, of the kind "anatomical
    structure": a config knows no codes for them.

    Args:
        image: [1, X, Y, Z] of whole numbers, on the grid of the series.
        file: Where to write, whole or not at all.
        series: The series: a folder with slices, or one enhanced file.
        segments: What labels 1, 2 ... are called; `label 1`, `label 2` ... if empty.

    Raises:
        DataError: highdicom is missing, the image has no labels, lies on another grid, a label has no name, or the
            series has no UIDs.
    """
    planes = series_planes(series)
    if image.wanted or not image.grid.same_as(grid_of(series, planes)):
        raise DataError(
            f"the labels for '{file}' don't lie on the grid of '{series}'",
            got=f"{image.shape}, {image.grid.axcodes}",
            hint="put Invert before SaveImage",
        )
    labels = _labels(image, file)
    names = list(segments) or [f"label {number}" for number in range(1, max(int(labels.max()), 1) + 1)]
    if labels.max() > len(names):
        raise DataError(
            f"the labels for '{file}' have too few names", got=f"label {labels.max()}", expected=f"1 to {len(names)}"
        )
    made = _made(labels, planes, names)
    with atomic(file) as temporary:
        made.save_as(temporary)


def _labels(image: Image, file: Path) -> NDArray[np.uint8]:
    """The labels [Z, Y, X]."""
    values = image.data.detach().cpu().numpy()
    if len(values) != 1 or not ((values >= 0) & (values <= 255) & (values == np.rint(values))).all():
        raise DataError(
            f"the voxels for '{file}' are no labels",
            got=f"{len(values)} channels of values from {values.min()} to {values.max()}",
            expected="one channel of whole numbers from 0 to 255",
            hint="put AsDiscrete before SaveImage",
        )
    return np.ascontiguousarray(values[0].transpose(2, 1, 0)).astype(np.uint8)


def _made(labels: NDArray[np.uint8], planes: Sequence[Plane], names: Sequence[str]) -> Dataset:
    """The object. Its frames are in the order of the source: slices along their normal, or frames by number."""
    import pydicom  # noqa: PLC0415 (heavy)

    try:
        import highdicom  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise DataError("a DICOM segmentation needs highdicom", got=str(error), hint=_EXTRA) from error
    source = _sources(planes)
    if len(source) == 1:
        labels = labels[np.argsort([plane.frame for plane in planes])]
    described: dict[str, Any] = {"series_description": f"Segmentation of {planes[0].description}"[:64]}
    return highdicom.seg.Segmentation(
        source_images=source,
        pixel_array=labels,
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_described(number, name) for number, name in enumerate(names, 1)],
        series_instance_uid=pydicom.uid.generate_uid(),
        series_number=_SERIES_NUMBER,
        sop_instance_uid=pydicom.uid.generate_uid(),
        instance_number=1,
        manufacturer="bundlert",
        manufacturer_model_name="bundlert",
        software_versions=version("bundlert"),
        device_serial_number="0",
        omit_empty_frames=bool(labels.any()),
        **described,
    )


def _sources(planes: Sequence[Plane]) -> list[Dataset]:
    """The headers of the series, in order, with all that a segmentation takes over from them."""
    import pydicom  # noqa: PLC0415 (heavy)

    found: list[Dataset] = []
    for file in dict.fromkeys(plane.file for plane in planes):
        head = pydicom.dcmread(file, stop_before_pixels=True)
        missing = [tag for tag in _REFERRED if not head.get(tag)]
        if missing:
            raise DataError(
                f"DICOM file '{file}' can't be referred to",
                got=f"no {listed(missing)}",
                hint="write .nii.gz or .nrrd; whoever removed the names removed these too",
            )
        for tag in (*_PATIENT, *_STUDY):
            setattr(head, tag, head.get(tag, ""))
        found.append(head)
    return found


def _described(number: int, name: str) -> Any:
    import highdicom  # noqa: PLC0415 (an extra)
    from pydicom.sr.codedict import codes  # noqa: PLC0415 (heavy)

    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=name[:64],
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=codes.SCT.AnatomicalStructure,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=highdicom.AlgorithmIdentificationSequence(
            name="bundlert", version=version("bundlert"), family=codes.DCM.ArtificialIntelligence
        ),
    )
