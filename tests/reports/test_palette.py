import re

from bundlert.registry.registry import standard
from bundlert.reports.palette import colour_of


def test_every_kind_has_a_colour():
    for kind in {one.kind for one in standard()} | {"something else"}:
        assert re.fullmatch("#[0-9a-f]{6}", colour_of(kind))
