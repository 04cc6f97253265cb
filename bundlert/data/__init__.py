"""Samples served: lists of them, caches, batches in a seeded order; and phantoms where there is no data."""
