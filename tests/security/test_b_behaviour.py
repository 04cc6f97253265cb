"""Group B: how a refusal is told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bundle.toy import make_bundle
from security.cases import command, refused

ROOT = Path(__file__).parents[2]
BUNDLES = sorted(folder.name for folder in (ROOT / "bundles").iterdir() if (folder / "configs").is_dir())
REFUSALS = {
    "an expression": ("x: $eval('1')\n", 2),
    "a component": ("x: {_target_: os.system}\n", 2),
    "a file": ("_include_: /etc/passwd\nx: 1\n", 4),
    "a bomb": ("x: $9**9**9**9\n", 2),
    "a depth": (f"x: {'[' * 3000}\n", 2),
    "a long text": (f"x: $eval('{'a' * 15_000}')\n", 2),
}


def refusal(tmp_path, what):
    text, code = REFUSALS[what]
    make_bundle(tmp_path / "toy", x=f"{text}run: ['@x']\n")
    return command("run", "toy", "x", folder=tmp_path), code


@pytest.mark.parametrize("what", REFUSALS)
def test_B_a_refusal_is_short(tmp_path, what):
    done, code = refusal(tmp_path, what)
    refused(done, code)
    assert len(done.stderr) < 1500
    assert "x.yaml:1:" in done.stderr


@pytest.mark.parametrize("what", ["an expression", "a file"])
def test_B_a_refusal_is_data_with_json(tmp_path, what):
    done, code = refusal(tmp_path, what)
    done = command("run", "toy", "x", "--json", folder=tmp_path)
    (record,) = json.loads(done.stdout)["errors"]
    assert done.returncode == code
    assert {"code", "message", "file", "line", "column", "path", "hint"} <= set(record)
    assert record["file"].endswith("x.yaml")
    assert record["line"] == 1


def test_B_a_traceback_is_shown_to_those_who_ask(tmp_path):
    make_bundle(tmp_path / "toy", x="run: [$eval('1')]\n")
    assert "Traceback" not in command("run", "toy", "x", folder=tmp_path).stderr
    assert "Traceback" in command("--debug", "run", "toy", "x", folder=tmp_path).stderr


@pytest.mark.parametrize("name", BUNDLES)
def test_B_a_check_imports_no_torch(name):
    code = "import sys; from bundlert.cli.main import _exit_code as run; "
    code += f"code = run(['check', 'bundles/{name}'], debug=False); print(code, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 False", done.stderr
