"""Steps from a sample to a sample: read, move, crop, scale, label, write."""
