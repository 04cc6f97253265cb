"""One image: voxels and where they lie; read from and written to the formats of the field (docs/formats.md)."""
