from __future__ import annotations

import numpy as np
import pytest
import torch

from bundlert.transforms.dtypes import as_dtype


@pytest.mark.parametrize("given", ["float16", "torch.float16", torch.float16, np.float16, np.dtype("float16")], ids=str)
def test_a_dtype_has_several_spellings(given):
    assert as_dtype(given) == torch.float16


@pytest.mark.parametrize("given", ["real", "nn", "", 3, None, np.str_])
def test_what_is_none_is_refused(given):
    with pytest.raises(ValueError, match="dtype must be the name of a torch dtype, float32 for instance, got '"):
        as_dtype(given)
