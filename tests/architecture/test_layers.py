import ast
import os
import re
import subprocess
import sys
import tomllib

import pytest
from architecture.source import FILES, HOUSE, ROOT, imported, room_of, tree_of

LINT_IMPORTS = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as main; main()"]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Package -> the rooms that may use it. Beside these, the computing half may use torch and numpy.
HOMES = {
    "click": {"cli"},
    "rich": {"cli"},
    "jinja2": {"reports"},
    "matplotlib": {"reports"},
    "jsonschema": {"bundle"},
    "ignite": {"engines"},
    "psutil": {"engines"},
    "isal": {"images"},
    "PIL": {"images"},
    "cucim": {"images"},
    "highdicom": {"images"},
    "openslide": {"images"},
    "tifffile": {"images"},
    "nibabel": {"images"},
    "pydicom": {"images"},
    "platformdirs": {"places"},
    "onnx": {"inferers"},
    "onnxruntime": {"inferers"},
    "onnxscript": {"inferers"},
    "openvino": {"inferers"},
    "safetensors": {"networks"},
    "yaml": {"config"},
}
COMPUTING = {
    "engines",
    "data",
    "inferers",
    "networks",
    "losses",
    "metrics",
    "optimizers",
    "transforms",
    "images",
    "ops",
}
HOMES |= {"torch": COMPUTING, "scipy": COMPUTING, "numpy": COMPUTING | {"reports"}}

# Distribution -> what it is imported as, where that differs; None for plug-ins that others find by themselves.
IMPORTED_AS = {
    "cucim-cu12": "cucim",
    "imagecodecs": None,
    "openslide-bin": None,
    "openslide-python": "openslide",
    "pillow": "PIL",
    "pyjpegls": None,
    "pylibjpeg": None,
    "pylibjpeg-openjpeg": None,
    "python-gdcm": None,
    "pytorch-ignite": "ignite",
    "pyyaml": "yaml",
}
# Those that the house imports where they are; the others are for developers.
EXTRAS = {"cucim", "dicom", "onnxruntime", "openvino", "slides"}

HEAVY = ("torch", "numpy", "scipy", "ignite", "nibabel", "pydicom", "matplotlib", "PIL", "tifffile", "highdicom")


def lint_imports(config, cwd):
    command = [*LINT_IMPORTS, "--config", config, "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(cwd), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_rooms_import_lower_floors_only():
    code, told = lint_imports(ROOT / "pyproject.toml", ROOT)
    assert code == 0, told
    assert f"{len(CONFIG['tool']['importlinter']['contracts'])} kept, 0 broken" in told


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", "1 kept, 0 broken"),
        ("import house.upper\n", "0 kept, 1 broken"),
        ("def later():\n    from house import upper\n    return upper\n", "0 kept, 1 broken"),
    ],
)
def test_an_import_upwards_would_be_seen_even_inside_a_function(text, verdict, tmp_path):
    (tmp_path / "house").mkdir()
    for name, content in {"__init__": "", "upper": "", "lower": text}.items():
        (tmp_path / "house" / f"{name}.py").write_text(content)
    contract = 'name = "floors"\ntype = "layers"\nlayers = ["house.upper", "house.lower"]\n'
    config = f'[tool.importlinter]\nroot_package = "house"\n[[tool.importlinter.contracts]]\n{contract}'
    (tmp_path / "pyproject.toml").write_text(config)
    _, told = lint_imports(tmp_path / "pyproject.toml", tmp_path)
    assert verdict in told


def test_every_room_stands_on_a_floor():
    (floors,) = [one["layers"] for one in CONFIG["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    standing = {room.removeprefix("bundlert.") for floor in floors for room in floor.split(" | ")}
    assert {room_of(file) for file in FILES} - {"__init__"} == standing


def test_the_language_half_is_forbidden_the_whole_computing_half():
    (half,) = [one for one in CONFIG["tool"]["importlinter"]["contracts"] if one["type"] == "forbidden"]
    assert {f"bundlert.{room}" for room in COMPUTING} | {"torch"} <= set(half["forbidden_modules"])


def third_party():
    """Package -> the rooms that import it, anywhere in their files."""
    rooms = {}
    for file in FILES:
        for node in ast.walk(tree_of(file)):
            names = {name.split(".")[0] for name in [*imported(node), *required_late(node)]}
            for package in names - {"", "bundlert", *sys.stdlib_module_names}:
                rooms.setdefault(package, set()).add(room_of(file))
    return rooms


def required_late(node):
    """The packages that `require` is asked for: by name, or as some of a module's `PACKAGES`."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "require":
        return [node.args[0].value] if isinstance(node.args[0], ast.Constant) else []
    is_list = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PACKAGES"
    return ast.literal_eval(node.value) if is_list else []


def test_a_package_that_is_required_late_is_seen():
    code = 'PACKAGES = ("one", "two")\nrequire("three", extra="x")\nfor name in PACKAGES:\n    require(name)\n'
    assert [name for node in ast.walk(ast.parse(code)) for name in required_late(node)] == ["one", "two", "three"]


def test_a_package_is_used_only_where_it_is_at_home():
    strangers = {package: rooms - HOMES.get(package, set()) for package, rooms in third_party().items()}
    assert {package: rooms for package, rooms in strangers.items() if rooms} == {}


def test_what_is_imported_is_required_and_what_is_required_is_imported():
    project = CONFIG["project"]
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in sorted(EXTRAS))]
    required = {re.match(r"[\w-]+", one)[0] for named in lists for one in named}
    assert {IMPORTED_AS.get(name, name) for name in required} - {None} == set(third_party())


@pytest.mark.parametrize(
    "module", ["cli.main", "bundle.session", "bundle.validate", "config.build", "config.check", "registry.registry"]
)
def test_the_language_half_starts_without_the_weight_of_the_computing_half(module):
    code = f"import sys, bundlert.{module}; print(*sorted(sys.modules.keys() & {set(HEAVY)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOUSE.parent, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
