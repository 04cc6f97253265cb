"""Inferers: how a network is applied to an image that it was not made for."""
