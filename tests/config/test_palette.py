import re

from bundlert.config.palette import colour_of
from bundlert.registry.registry import standard


def test_every_kind_has_a_colour():
    for kind in {one.kind for one in standard()} | {"something else"}:
        assert re.fullmatch("#[0-9a-f]{6}", colour_of(kind))
