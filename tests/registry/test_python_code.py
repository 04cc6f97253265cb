import collections
import datetime
import os
import subprocess
import sys

import pytest
from registry.toy import Pair

from bundlert.errors import ComponentError
from bundlert.registry.python_code import load_code, named_code
from bundlert.registry.registry import Registry, load, standard

TRUSTED = standard().trusted()


def test_trust_is_a_property_of_the_registry():
    assert TRUSTED.trusts_code
    assert TRUSTED.extended([]).trusts_code
    assert not standard().trusts_code
    assert TRUSTED.find("UNet") is standard().find("UNet")
    assert TRUSTED.find("Spacingd") is standard().find("Spacing")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("os.path.join", os.path.join),
        ("collections.Counter", collections.Counter),
        ("datetime.datetime.now", datetime.datetime.now),
        ("collections.OrderedDict.fromkeys", collections.OrderedDict.fromkeys),
        ("registry.toy.Pair", Pair),
        ("print", print),
        ("builtins.len", len),
    ],
)
def test_with_trust_any_name_that_python_can_import_is_found(name, value):
    assert load(TRUSTED.find(name)) == value


@pytest.mark.parametrize("name", ["nopackage.Thing", "os-system", "no name", "", "Zebra", "1.x", ".os.system", "os."])
def test_what_isnt_there_isnt_found(name):
    assert named_code(name) is None
    with pytest.raises(ComponentError, match="there is no component called"):
        TRUSTED.find(name)


def test_a_package_that_isnt_there_is_told():
    with pytest.raises(ComponentError) as caught:
        TRUSTED.find("nopackage.Thing")
    assert str(caught.value) == (
        "there is no component called 'nopackage.Thing'\n  try: is it installed, or in the bundle's folder?"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("os.nothing", "'os' has nothing called 'nothing'"),
        ("os.path.nothing.more", "'os.path' has nothing called 'nothing'"),
        ("datetime.datetime.nothing", "'datetime' has nothing called 'datetime.nothing'|'datetime.datetime' has no"),
    ],
)
def test_a_part_that_isnt_there_is_told(name, message):
    with pytest.raises(ComponentError, match=message):
        load_code(named_code(name))


def test_a_module_that_misses_another_is_told(tmp_path, monkeypatch):
    (tmp_path / "lame_module.py").write_text("import not_installed_anywhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ComponentError) as caught:
        load(TRUSTED.find("lame_module.Thing"))
    assert str(caught.value) == (
        "'lame_module' can't be imported\n  got: No module named 'not_installed_anywhere'\n"
        "  try: install what is missing, or correct the name"
    )


def test_finding_imports_nothing():
    code = (
        "import sys\nfrom bundlert.registry.registry import standard\nregistry = standard().trusted()\n"
        "before = set(sys.modules)\nregistry.find('torch.hub.load')\nregistry.find('xml.dom.minidom.parse')\n"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_more_components_can_be_given_with_trust():
    registry = Registry([]).trusted([standard().find("UNet")])
    assert registry.find("UNet").module == "bundlert.networks.unet"
