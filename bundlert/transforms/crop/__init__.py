"""Smaller images: around the body, or at random around labels."""
