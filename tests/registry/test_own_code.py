import json
import sys

import pytest

from bundlert.errors import ComponentError
from bundlert.registry.own_code import is_own, own_component, own_components, source_of
from bundlert.registry.registry import Registry, load, standard

BRIGHTEN = """
# component: transform, brighten an image
class Brighten:
    def __init__(self, by):
        self.by = by


class Helper:
    pass


# component: loss, zero whatever happens
@staticmethod
def nothing(a=0):
    return a
"""


def make_bundle(folder, **files):
    """A bundle's folder; `scripts__net="..."` writes scripts/net.py."""
    for name, text in files.items():
        file = folder / f"{name.replace('__', '/', 1)}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def test_a_bundles_components_are_known_by_their_names_without_running_them(tmp_path):
    make_bundle(tmp_path, components__bright=BRIGHTEN + "raise RuntimeError('run')\n")
    found = [(one.kind, one.name, one.summary) for one in own_components(tmp_path)]
    assert found == [("transform", "Brighten", "brighten an image"), ("loss", "nothing", "zero whatever happens")]


def test_with_trust_they_can_be_had(tmp_path):
    registry = standard().trusted(folder=make_bundle(tmp_path, components__bright=BRIGHTEN))
    assert load(registry.find("Brighten"))(by=3).by == 3
    assert "Brighten" in registry
    assert "Helper" not in registry
    assert load(registry.find("components.bright.Helper")).__name__ == "Helper"


def test_without_trust_they_cannot(tmp_path):
    own = own_components(make_bundle(tmp_path, components__bright=BRIGHTEN))
    with pytest.raises(ComponentError, match="transform 'Brighten' is the bundle's own code, which isn't run"):
        Registry(standard(), withheld=own).find("Brighten")
    with pytest.raises(ComponentError, match=r"no component called 'components\.bright\.Brighten'"):
        standard().find("components.bright.Brighten")


def test_a_name_of_the_house_cannot_be_taken(tmp_path):
    make_bundle(tmp_path, components__mine="# component: network, another one\nclass UNet: ...\n")
    with pytest.raises(ComponentError) as caught:
        standard().trusted(folder=tmp_path)
    assert caught.value.what == "network 'UNet' is registered twice"
    assert "bundlert.networks.unet and bundlert_own_" in caught.value.got


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# component: network\nclass A: ...\n", ":1:1\n  got: # component: network\n"),
        ("# component: network, one\n\nclass A: ...\n", ":1:1\n  got: # component: network, one\n"),
        ("\n# component: network, one\nx = 3\n", ":2:1\n  got: # component: network, one\n"),
    ],
)
def test_a_line_that_is_wrong_is_told(text, message, tmp_path):
    make_bundle(tmp_path, components__wrong=text)
    with pytest.raises(ComponentError) as caught:
        own_components(tmp_path)
    assert str(caught.value) == (
        f"a component isn't said as it should be\n  at: {tmp_path / 'components' / 'wrong.py'}{message}"
        "  expected: `# component: KIND, WHAT IT IS FOR` right above a class or function"
    )


def test_a_file_that_isnt_python_is_told(tmp_path):
    make_bundle(tmp_path, components__wrong="x = 1\ndef (:\n")
    with pytest.raises(ComponentError, match=r"'wrong.py' isn't a Python file\n  at: .*wrong.py:2:5"):
        own_components(tmp_path)


@pytest.mark.parametrize("text", ["(" * 1000, "-" * 100_000 + "1", "x = '\0'"])
def test_a_file_that_python_cannot_parse_is_no_surprise(text, tmp_path):
    make_bundle(tmp_path, components__wrong=text)
    with pytest.raises(ComponentError, match=r"'wrong\.py' isn't a Python file"):
        own_components(tmp_path)


@pytest.mark.parametrize("text", ["(" * 1000, "-" * 100_000 + "1", "x = '\0'", "def (:\n", "# coding: no-such\n"])
def test_a_module_that_python_cannot_parse_is_told_with_its_file_when_it_is_loaded(text, tmp_path):
    make_bundle(tmp_path, scripts__net=text)
    with pytest.raises(ComponentError, match=r"'net\.py' isn't a Python file\n  at: .*net\.py.*\n  got: \w"):
        load(Registry([]).trusted(folder=tmp_path).find("scripts.net.Net"))


def test_reading_leaves_pythons_import_as_it_is(tmp_path):
    before = set(sys.modules), list(sys.meta_path)
    own_components(make_bundle(tmp_path, components__bright=BRIGHTEN))
    assert (set(sys.modules), list(sys.meta_path)) == before


def test_a_link_out_of_the_folder_is_not_read(tmp_path):
    make_bundle(tmp_path / "outside", bright=BRIGHTEN)
    (tmp_path / "bundle" / "components").mkdir(parents=True)
    (tmp_path / "bundle" / "components" / "bright.py").symlink_to(tmp_path / "outside" / "bright.py")
    assert own_components(tmp_path / "bundle") == []


# ---- modules of the field's layout


def test_modules_in_the_folder_are_found_by_dotted_names(tmp_path):
    make_bundle(
        tmp_path,
        scripts____init__="from .net import Net as Net\n",
        scripts__net="from . import size\nclass Net:\n    size = size.SIZE\n",
        scripts__size="SIZE = 7\n",
    )
    registry = Registry([]).trusted(folder=tmp_path)
    assert load(registry.find("scripts.net.Net")).size == 7
    assert load(registry.find("scripts.Net")) is load(registry.find("scripts.net.Net"))


def test_a_folder_without_an_init_file_will_do(tmp_path):
    make_bundle(tmp_path, **{"scripts/deep/net": "class Net: ...\n"})
    assert load(Registry([]).trusted(folder=tmp_path).find("scripts.deep.net.Net")).__name__ == "Net"


def test_two_bundles_can_have_modules_of_one_name(tmp_path):
    values = []
    for name in ("one", "two"):
        folder = make_bundle(tmp_path / name, scripts__net=f"def who():\n    return '{name}'\n")
        values.append(load(Registry([]).trusted(folder=folder).find("scripts.net.who"))())
    assert values == ["one", "two"]


def test_no_file_of_a_bundle_passes_for_a_module_of_python(tmp_path):
    files = dict.fromkeys(["torch", "numpy", "os", "sitecustomize", "json"], "raise RuntimeError('hijacked')\n")
    make_bundle(tmp_path, **files, scripts__net="import json, os\ntext = json.dumps\n")
    before = list(sys.path)
    assert load(Registry([]).trusted(folder=tmp_path).find("scripts.net.text")) is json.dumps
    assert sys.path == before


def test_nothing_compiled_is_written_or_read(tmp_path):
    make_bundle(tmp_path, scripts__net="class Net:\n    size = 1\n")
    cache = tmp_path / "scripts" / "__pycache__" / f"net.{sys.implementation.cache_tag}.pyc"
    cache.parent.mkdir()
    cache.write_bytes(b"what nobody has read")
    assert load(Registry([]).trusted(folder=tmp_path).find("scripts.net.Net")).size == 1
    assert cache.read_bytes() == b"what nobody has read"
    assert sorted(file.name for file in tmp_path.rglob("*.py*")) == sorted(["net.py", cache.name])


def test_no_link_leads_out_of_the_folder(tmp_path):
    make_bundle(tmp_path / "outside", net="class Net: ...\n")
    bundle = make_bundle(tmp_path / "bundle", scripts__own="from . import net\n")
    (bundle / "scripts" / "net.py").symlink_to(tmp_path / "outside" / "net.py")
    assert own_component(bundle, "scripts.net.Net") is None
    with pytest.raises(
        ComponentError, match=r"'scripts\.own' can't be imported\n  got: cannot import name 'net' from 'scripts'"
    ):
        load(own_component(bundle, "scripts.own.Net"))


def test_source_is_found_without_importing(tmp_path):
    make_bundle(tmp_path, scripts____init__="", scripts__net="raise RuntimeError\n")
    module = own_component(tmp_path, "scripts.net.Net").module
    assert source_of(module) == tmp_path / "scripts" / "net.py"
    assert source_of(module.rpartition(".")[0]) == tmp_path / "scripts" / "__init__.py"
    assert source_of(f"{module}.more") is None
    assert source_of("os.path") is None
    assert (is_own(module), is_own("os.path")) == (True, False)


@pytest.mark.parametrize("name", ["scripts", "scripts.missing.Net", "..net.Net", "scripts/net.Net", "scripts.net", ""])
def test_other_names_mean_nothing_in_the_bundle(name, tmp_path):
    assert own_component(make_bundle(tmp_path, scripts__net="class Net: ...\n"), name) is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("from scripts import size\n", "a bundle's modules import each other as `from .name import ...`"),
        ("import size\n", "install it"),
        ("import not_installed_anywhere\n", "install it"),
        ("from .size import Width\n", "correct the name, or put the file into the bundle"),
        ("from . import sizes\n", "correct the name, or put the file into the bundle"),
        ("from .sizes import Width\n", "correct the name, or put the file into the bundle"),
    ],
)
def test_a_module_that_misses_another_is_told(text, hint, tmp_path):
    make_bundle(tmp_path, scripts__net=text, scripts__size="")
    with pytest.raises(ComponentError) as caught:
        load(Registry([]).trusted(folder=tmp_path).find("scripts.net.Net"))
    assert str(caught.value).startswith("the bundle's module 'scripts.net' can't be imported\n  got: ")
    assert "bundlert_own" not in caught.value.got
    assert caught.value.hint == hint
