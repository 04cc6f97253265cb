"""bundlert: a declarative model-bundle runtime for medical imaging.

Importing this package imports nothing else: rooms are imported by name, `from bundlert.transforms import Spacing`.
"""

__version__ = "0.1.0"
