"""As `test_fuzz`, led by coverage: `python tests/fuzz/atheris_config.py tests/fuzz/corpus -max_total_time=600`.

It needs `pip install atheris`, and the house and its tests on the path. What it finds goes into `corpus/`.
"""

import sys
import warnings
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
warnings.simplefilter("ignore")

import torch  # noqa: E402, F401 (not to be watched by the fuzzer)

with atheris.instrument_imports(include=["bundlert.config", "bundlert.registry"]):
    from fuzz.tried import try_config, try_expression, try_override

_DOORS = (try_config, try_config, try_override, try_expression)


def test_one_input(data):
    """Put one input through the door that its first byte names."""
    if data:
        _DOORS[data[0] % len(_DOORS)](data.decode("utf-8", errors="replace"))


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
