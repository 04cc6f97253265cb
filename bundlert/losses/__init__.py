"""Losses: scores and labels in, one number out."""
