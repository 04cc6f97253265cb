"""Metrics: reset, update for each case, compute; values by case are kept."""
