"""Small DICOM files: classic slices, packed or not, and enhanced files with frames."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, ExplicitVRLittleEndian, generate_uid

ROWS, COLUMNS = 3, 4


def stored(number: int, scale: int = 1) -> np.ndarray:
    """What slice `number` stores: 3 rows, 4 columns, each value a square of `scale` pixels."""
    values = (np.arange(ROWS * COLUMNS, dtype=np.uint16) + 100 * number).reshape(ROWS, COLUMNS)
    return np.kron(values, np.ones((scale, scale), np.uint16))


def _head(kind):
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = kind, generate_uid(), "CT"
    data.StudyInstanceUID, data.SeriesInstanceUID, data.SeriesDescription = "1.2", "1.2.3", "Abdomen"
    data.FrameOfReferenceUID, data.StudyID, data.SeriesNumber, data.InstanceNumber = "1.2.9", "1", 4, 1
    data.PatientName, data.PatientID, data.PatientBirthDate, data.PatientSex = "A^B", "7", "", ""
    data.StudyDate = data.StudyTime = data.AccessionNumber = data.ReferringPhysicianName = ""
    data.PositionReferenceIndicator, data.Laterality = "", None
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = ROWS, COLUMNS, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
    return data


def _saved(data, file, changes, syntax):
    for name, value in changes.items():
        if value is None:
            delattr(data, name)
        else:
            setattr(data, name, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if syntax is not None:
        data.compress(syntax, generate_instance_uid=False)
    data.save_as(file, enforce_file_format=True)
    return file


def write_slice(folder, number, *, syntax=None, scale=1, **changes):
    """A slice at z = 2.5 * number mm, in a file whose name sorts backwards."""
    data = _head(CTImageStorage)
    data.ImageOrientationPatient, data.PixelSpacing = [1, 0, 0, 0, 1, 0], [0.7, 0.9]
    data.ImagePositionPatient, data.SliceThickness = [10, 20, 2.5 * number], 5
    data.RescaleSlope, data.RescaleIntercept = 1, -1024
    data.Rows, data.Columns, data.PixelData = scale * ROWS, scale * COLUMNS, stored(number, scale).tobytes()
    return _saved(data, folder / f"{99 - number}.dcm", changes, syntax)


def _only(**values):
    item = Dataset()
    for name, value in values.items():
        setattr(item, name, value)
    return [item]


def _frame(number, own):
    frame = Dataset()
    frame.PlanePositionSequence = _only(ImagePositionPatient=[10, 20, 2.5 * number])
    if own:
        frame.PixelValueTransformationSequence = _only(
            RescaleSlope=own(number), RescaleIntercept=-1024, RescaleType="HU"
        )
    return frame


def write_enhanced(file, numbers=(2, 0, 3, 1), *, slope=None, syntax=None, scale=1, **changes):
    """Frames at z = 2.5 * number mm, in the order of `numbers`; `slope` gives each frame its own."""
    data = _head(EnhancedCTImageStorage)
    shared = Dataset()
    shared.PlaneOrientationSequence = _only(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    shared.PixelMeasuresSequence = _only(PixelSpacing=[0.7, 0.9], SliceThickness=5)
    if slope is None:
        shared.PixelValueTransformationSequence = _only(RescaleSlope=1, RescaleIntercept=-1024, RescaleType="HU")
    data.SharedFunctionalGroupsSequence = [shared]
    data.PerFrameFunctionalGroupsSequence = [_frame(number, slope) for number in numbers]
    data.NumberOfFrames = len(numbers)
    data.Rows, data.Columns = scale * ROWS, scale * COLUMNS
    data.PixelData = np.stack([stored(number, scale) for number in numbers]).tobytes()
    return _saved(data, file, changes, syntax)
