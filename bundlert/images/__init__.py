"""One image: voxels and where they lie, read from and written to NIfTI and DICOM."""
