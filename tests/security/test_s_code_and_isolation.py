"""Group S: code of a bundle, and what a run may reach. Each test carries the number of the threat."""

import ast
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from architecture.source import FILES, imported, short, tree_of
from bundle.toy import make_bundle
from security.cases import command, refused, snapshot

ROOT = Path(__file__).parents[2]
WATCHER = Path(__file__).parent / "watched_run.py"
REFUSED = 4
EVIL = "open({marker!r}, 'w').close()\n"
COMPONENT = "# component: toy, nothing\ndef own_thing():\n    return 1\n"


def with_code(folder, marker, **configs):
    bundle = make_bundle(folder, **(configs or {"x": "run: [{_target_: own_thing}]\n"}))
    (bundle / "components").mkdir()
    (bundle / "components" / "own.py").write_text(EVIL.format(marker=str(marker)) + COMPONENT)
    return bundle


def spied(*words, folder):
    """Run `bundlert` in a process that notes each audit event; give it, and what it noted."""
    places = {"BUNDLERT_CONFIG": str(folder / "settings"), "BUNDLERT_CACHE": str(folder / "cache")}
    places |= {"WATCH_LOG": str(folder / "watch.log"), "HOME": str(folder / "home")}
    # That Python keeps compiled modules beside its own is not the run's doing.
    environment = {**os.environ, **places, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, WATCHER, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    log = folder / "watch.log"
    return done, log.read_text().splitlines() if log.exists() else []


def test_S1_code_in_a_sealed_bundle_is_reported_and_isnt_run(tmp_path):
    with_code(tmp_path / "toy", tmp_path / "marker", x="run: [{_target_: own_thing}]\n", y="run: ['$1 + 1']\n")
    before = snapshot(tmp_path)
    done = command("check", "toy", "y", folder=tmp_path)
    assert done.returncode == 0
    assert "the bundle brings along code, which isn't run\n  at: toy/components/own.py" in done.stderr
    refused(command("run", "toy", "x", folder=tmp_path), REFUSED, "'own_thing' is the bundle's own code", "--trust")
    refused(command("check", "toy", "x", folder=tmp_path), REFUSED, "--trust")
    assert snapshot(tmp_path) == before
    assert command("run", "toy", "y", "--no-report", folder=tmp_path).returncode == 0
    assert not (tmp_path / "marker").exists()


def test_S2_consent_is_to_each_byte(tmp_path):
    bundle = with_code(tmp_path / "toy", tmp_path / "marker")
    command("trust", "toy", folder=tmp_path)
    with (bundle / "components" / "own.py").open("a") as file:
        file.write("#")
    done = command("run", "toy", "x", folder=tmp_path)
    refused(done, REFUSED, "components/own.py changed", "got: ", "expected: ")
    digests = [line.split()[1] for line in done.stderr.splitlines() if line.startswith(("  got: ", "  expected: "))]
    assert [len(one) for one in digests] == [64, 64]
    assert digests[0] != digests[1]
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("place", ["the bundle", "where one stands"])
def test_S3_no_file_passes_for_a_module_of_python(tmp_path, place):
    bundle = make_bundle(tmp_path / "toy", x="run: ['$torch.zeros(2).sum().item()']\n")
    names = ("sitecustomize", "usercustomize", "torch", "numpy", "yaml", "json", "click", "conftest", "jinja2", "rich")
    for name in names:
        (bundle / f"{name}.py").write_text(EVIL.format(marker=str(tmp_path / "marker")))
    cwd = bundle if place == "where one stands" else tmp_path
    script = shutil.which("bundlert", path=str(Path(sys.executable).parent))
    assert script
    words = [script, "run", str(bundle), "x", "--runs", str(tmp_path / "runs")]
    environment = {**os.environ, "BUNDLERT_CONFIG": str(tmp_path / "settings")}
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "marker").exists()


TINY = """
image: ???
samples: {_target_: image_files, image: '@image', folder: "$@_run_::folder + '/predictions'"}
network: {_target_: UNet, spatial_dims: 3, in_channels: 1, out_channels: 2, channels: [2, 2], strides: [2]}
dataset:
  _target_: Dataset
  data: '@samples'
  transform:
    _target_: Compose
    transforms:
    - {_target_: LoadImage, keys: image}
    - {_target_: EnsureChannelFirst, keys: image}
evaluator:
  _target_: Evaluator
  network: '@network'
  loader: {_target_: Loader, dataset: '@dataset'}
  inferer: {_target_: SimpleInferer}
  postprocessing:
    _target_: Compose
    transforms:
    - {_target_: AsDiscrete, keys: pred, argmax: true}
    - {_target_: Invert, keys: pred, like: image}
    - {_target_: SaveImage, keys: pred, file_key: output}
run: ['$@evaluator.run()']
"""


def image_in(folder):
    import nibabel
    import numpy as np

    file = folder / "input" / "ct.nii.gz"
    file.parent.mkdir()
    nibabel.save(nibabel.Nifti1Image(np.zeros((8, 8, 8), np.float32), np.eye(4)), file)
    return file


def test_S4_a_sealed_run_opens_no_connection(tmp_path):
    make_bundle(tmp_path / "toy", x=TINY)
    done, seen = spied("run", "toy", "x", f"image={image_in(tmp_path)}", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line for line in seen if line.startswith("socket.")] == []


def test_S5_a_sealed_run_reaches_its_own_places_only(tmp_path):
    make_bundle(tmp_path / "toy", x=TINY)
    done, seen = spied("run", "toy", "x", f"image={image_in(tmp_path)}", "--runs", "out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "out").rglob("ct_seg.nii.gz"))
    assert seen == []


@pytest.mark.slow
def test_S5_the_shipped_bundle_too(tmp_path):
    image = image_in(tmp_path)
    bundle = str(ROOT / "bundles" / "spleen_fast")
    done, seen = spied("run", bundle, "infer", f"image={image}", "output=seg.nii.gz", "--runs", "out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert seen == []


def test_S5_the_watcher_would_see_each_of_them(tmp_path):
    marker = tmp_path / "elsewhere"
    text = f"open({str(marker)!r}, 'w'); import subprocess; subprocess.run(['true']); import socket; "
    text += "socket.getaddrinfo('localhost', 1); open('/etc/hostname').close()\n# component: toy, it\ndef it(): pass\n"
    bundle = make_bundle(tmp_path / "toy", x="run: [{_target_: it}]\n")
    (bundle / "components").mkdir()
    (bundle / "components" / "own.py").write_text(text)
    done, seen = spied("run", "toy", "x", "--trust", "--no-report", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    kinds = {line.split(" ", 1)[0] for line in seen}
    assert {"open", "subprocess.Popen", "socket.getaddrinfo"} <= kinds
    assert any(str(marker) in line for line in seen)


def test_S6_the_house_starts_no_process_but_the_workers_of_a_loader():
    modules = {"subprocess", "pty", "multiprocessing", "asyncio"}
    found = [
        short(file)
        for file in FILES
        for node in ast.walk(tree_of(file))
        if {name.split(".")[0] for name in imported(node)} & modules
    ]
    assert set(found) == {"data/parcel.py", "data/worker_processes.py"}


# S7, that nothing in the house runs what it reads, is tests/architecture/test_danger.py.


def test_S8_a_plugin_is_imported_only_if_it_is_asked_for(tmp_path):
    place = tmp_path / "site"
    info = place / "evil-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[bundlert.components]\nevil = evil_plugin\n")
    (place / "evil_plugin.py").write_text(EVIL.format(marker=str(tmp_path / "marker")) + "COMPONENTS = []\n")
    make_bundle(tmp_path / "toy")
    for words in (
        ("run", "toy", "sum", "--no-report"),
        ("check", "toy"),
        ("list", "components"),
        ("show", "toy", "sum"),
    ):
        done = command(*words, folder=tmp_path, PYTHONPATH=os.pathsep.join([str(place), str(ROOT)]))
        assert done.returncode == 0, done.stderr
    assert not (tmp_path / "marker").exists()


def test_S9_secrets_of_the_environment_are_never_written(tmp_path):
    secrets = {"HF_TOKEN": "hunter2-a", "AWS_SECRET_ACCESS_KEY": "hunter2-b", "DB_PASSWORD": "hunter2-c"}
    make_bundle(tmp_path / "toy", x="e: \"$os.environ.get('HF_TOKEN')\"\nrun: ['$print(@e)']\n", y="run: ['$1']\n")
    done = command("run", "toy", "x", folder=tmp_path, **secrets)
    assert done.returncode == 2
    told = done.stdout + done.stderr
    done = command("run", "toy", "y", "--json", folder=tmp_path, **secrets)
    assert done.returncode == 0
    written = b"".join(content or b"" for content in snapshot(tmp_path).values())
    assert "hunter2" not in told + done.stdout + done.stderr + written.decode(errors="replace")


def test_S9_secrets_of_the_command_line_are_never_written(tmp_path):
    text = "token: null\nlogin: {password: null}\ncopy: '%token'\nrun: [\"$len(@token)\"]\n"
    make_bundle(tmp_path / "toy", x=text)
    (tmp_path / "more.yaml").write_text("more_api_key: hunter2-c\n")
    words = ("token=hunter2-a", "login::password=hunter2-b", "--config", "more.yaml", "--json")
    done = command("run", "toy", "x", *words, folder=tmp_path)
    assert json.loads(done.stdout)["result"] == len("hunter2-a")
    (tmp_path / "more.yaml").unlink()
    written = b"".join(content or b"" for content in snapshot(tmp_path).values()).decode(errors="replace")
    assert "token=***" in written
    assert "hunter2" not in done.stdout + done.stderr + written


@pytest.mark.slow
def test_S10_the_cache_is_the_users_alone(tmp_path):
    make_bundle(tmp_path / "toy", x="d: {_target_: abdomen_phantom, cases: 1}\nrun: ['@d']\n")
    done = command("run", "toy", "x", "--no-report", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700
    (volume,) = (tmp_path / "cache").rglob("imagesTr/*.nii.gz")
    content = volume.read_bytes()
    volume.write_bytes(b"poison")
    assert "making 1 of 1" in command("run", "toy", "x", "--no-report", folder=tmp_path).stderr
    assert volume.read_bytes() == content


SLOW_PLACES = ["~/.ssh/x.nii.gz", "elsewhere/x.nii.gz", "toy/x.nii.gz"]


@pytest.mark.parametrize(
    "place", ["/etc/cron.d/x.nii.gz", *(pytest.param(place, marks=pytest.mark.slow) for place in SLOW_PLACES)]
)
def test_S11_a_config_writes_nowhere_but_into_its_run(tmp_path, place):
    text = TINY.replace("folder: \"$@_run_::folder + '/predictions'\"", f"output: {place}")
    make_bundle(tmp_path / "toy", x=text)
    image = image_in(tmp_path)
    before = snapshot(tmp_path)
    done = command("run", "toy", "x", f"image={image}", "--runs", "out", folder=tmp_path)
    refused(done, REFUSED, "may not be written: it lies outside of the run folder")
    shutil.rmtree(tmp_path / "out")
    assert snapshot(tmp_path) == before


def test_S11_the_command_line_may_name_any_place(tmp_path):
    text = TINY.replace("folder: \"$@_run_::folder + '/predictions'\"", "output: '@output'") + "output: null\n"
    make_bundle(tmp_path / "toy", x=text)
    words = ("run", "toy", "x", f"image={image_in(tmp_path)}", f"output={tmp_path / 'else' / 'where.nii.gz'}")
    assert command(*words, folder=tmp_path).returncode == 0
    assert (tmp_path / "else" / "where.nii.gz").is_file()
