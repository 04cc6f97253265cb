"""DICOM: a series of slices or of frames becomes a volume, a label map becomes a segmentation object."""
