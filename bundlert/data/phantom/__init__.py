"""Seeded abdominal CT phantoms: shapes, an anatomy of them, one rendered volume, a data set of volumes on disk."""
