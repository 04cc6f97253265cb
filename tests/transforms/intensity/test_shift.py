from __future__ import annotations

import torch

from bundlert.transforms.intensity.shift import ShiftIntensity


def test_the_offset_is_added_even_where_the_dtype_could_not_hold_it(changed):
    data = torch.tensor([[250, 3]], dtype=torch.uint8)
    assert changed(ShiftIntensity("image", 10.5), data).tolist() == [[260.5, 13.5]]
