"""Voxel values: windows and random changes."""
