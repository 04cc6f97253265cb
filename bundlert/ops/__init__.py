"""Arithmetic on voxels that knows nothing of files or samples: tensors in, tensors out."""
