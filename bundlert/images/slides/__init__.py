"""Whole-slide pictures: pyramids of tiles, read region by region."""
