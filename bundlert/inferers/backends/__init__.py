"""Backends: what runs a network on windows. Each is a small adapter whose package is imported when it is asked for."""
