"""Smaller images: around the body, in the middle, or at random, around labels or anywhere."""
