"""What a component takes, read from its source without importing it: parameters, their kinds, their descriptions."""
