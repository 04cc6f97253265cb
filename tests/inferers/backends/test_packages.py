import sys

import pytest

from bundlert.errors import BundlertError
from bundlert.inferers.backends.packages import installed, require


def test_a_package_that_is_here_is_imported():
    assert require("json", extra="nothing").loads("1") == 1


def test_a_package_that_isnt_here_is_told_with_the_extra_to_install():
    with pytest.raises(BundlertError) as caught:
        require("bundlert_has_no_such_package", extra="openvino")
    assert str(caught.value) == (
        "the package 'bundlert_has_no_such_package' isn't installed\n"
        "  got: No module named 'bundlert_has_no_such_package'\n"
        "  try: pip install 'bundlert[openvino]'"
    )


def test_looking_for_packages_imports_none():
    assert installed("json", "colorsys")
    assert not installed("json", "bundlert_has_no_such_package")
    assert "this" not in sys.modules
    assert installed("this")
    assert "this" not in sys.modules
