import os
import subprocess
import sys

import pytest

LINE = "Component('transform', 'Sharpen', 'sharp.transforms', 'sharpen an image')"


def install(folder, name="sharp-things", points="sharp = sharp.index:ALL", index=f"ALL = [{LINE}]\n"):
    """A distribution as pip would leave it in `folder`: a package, and metadata that name its entry points."""
    package = folder / "sharp"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text("print('sharp was imported')\n")
    (package / "index.py").write_text(f"from bundlert.registry.index import Component\n{index}")
    (package / "transforms.py").write_text("class Sharpen:\n    pass\n")
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[bundlert.components]\n{points}\n")
    return folder


def python(folder, code):
    """What a process prints that has a folder's distributions installed."""
    start = "from bundlert.registry.plugins import *\nfrom bundlert.registry.registry import standard, load\n"
    guarded = f"try:\n    {code}\nexcept Exception as error:\n    print(type(error).__name__, error, sep=': ')\n"
    done = subprocess.run(
        [sys.executable, "-c", start + guarded],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_an_installed_plugin_is_listed_but_not_imported(tmp_path):
    told = python(install(tmp_path), "print(installed_plugins(), 'Sharpen' in standard())")
    assert told == "{'sharp-things': ['sharp = sharp.index:ALL']} False\n"


@pytest.mark.parametrize("named", ["['sharp-things']", "['Sharp_Things']", "None"])
def test_it_is_imported_when_it_is_named_or_all_are(named, tmp_path):
    code = f"print(load(standard().extended(plugin_components({named})).find('Sharpen')))"
    assert python(install(tmp_path), code) == "sharp was imported\n<class 'sharp.transforms.Sharpen'>\n"


def test_no_name_imports_nothing(tmp_path):
    assert python(install(tmp_path), "print(plugin_components([]))") == "[]\n"


def test_only_the_named_distribution_is_imported(tmp_path):
    install(tmp_path)
    (tmp_path / "dull.py").write_text("print('dull was imported')\nCOMPONENTS = []\n")
    info = tmp_path / "dull-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dull\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text("[bundlert.components]\ndull = dull\n")
    assert python(tmp_path, "print(plugin_components(['dull']))") == "dull was imported\n[]\n"


def test_a_module_may_have_them_in_components(tmp_path):
    install(tmp_path, points="sharp = sharp.index", index=f"COMPONENTS = ({LINE},)\n")
    assert "name='Sharpen'" in python(tmp_path, "print(plugin_components(['sharp-things']))")


def test_a_name_that_is_taken_is_refused_with_both_places(tmp_path):
    install(tmp_path, index="ALL = [Component('network', 'UNet', 'sharp.transforms', '')]\n")
    assert python(tmp_path, "standard().extended(plugin_components())") == (
        "sharp was imported\nComponentError: network 'UNet' is registered twice\n"
        "  got: bundlert.networks.unet and sharp.transforms\n  try: rename one of the two\n"
    )


def test_a_distribution_that_isnt_there_is_told(tmp_path):
    assert python(install(tmp_path), "plugin_components(['sharp-thing'])") == (
        "ComponentError: no installed distribution 'sharp-thing' has components\n"
        "  expected: one of sharp-things\n  try: did you mean 'sharp-things'?\n"
    )


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("raise OSError('gone')\n", "can't be imported\n  got: OSError: gone\n"),
        ("ALL = [3]\n", "doesn't give components\n  got: 3\n"),
        ("ALL = None\n", "doesn't give components\n  got: None\n"),
        ("ALL = 'text'\n", "doesn't give components\n  got: 'text'\n"),
    ],
)
def test_a_plugin_that_is_broken_is_told(index, message, tmp_path):
    told = python(install(tmp_path, index=index), "plugin_components(['sharp-things'])")
    assert f"ComponentError: 'sharp.index:ALL' of the plugin 'sharp-things' {message}" in told
