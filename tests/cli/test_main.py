import errno
import json
import subprocess
import sys

import click
import pytest
from bundle.toy import make_bundle
from cli.process import MODULE, bundlert

from bundlert.cli import list as list_command
from bundlert.cli.main import main
from bundlert.errors import BundleError

IMPORTED = """
import sys
from bundlert.cli.main import main
try:
    main()
finally:
    heavy = {"torch", "numpy", "ignite", "nibabel", "scipy", "matplotlib", "jinja2", "rich"} & set(sys.modules)
    print("heavy:", *sorted(heavy), file=sys.stderr)
"""


@pytest.fixture
def run_with(monkeypatch, capsys):
    """Runs `bundlert list` in this process with a command that raises; gives exit code, stdout, stderr."""

    def run(error, *words):
        @click.command("list")
        @click.option("--json", is_flag=True)
        def command(**_):
            raise error

        monkeypatch.setattr(list_command, "command", command)
        monkeypatch.setattr(sys, "argv", ["bundlert", "list", *words])
        with pytest.raises(SystemExit) as left:
            main()
        return left.value.code, *capsys.readouterr()

    return run


def test_a_bug_leaves_with_1_a_traceback_and_where_to_report_it(run_with):
    code, out, err = run_with(RuntimeError("the seventh wheel"))
    assert (code, out) == (1, "")
    assert err.startswith("Traceback (most recent call last):\n")
    traceback, words = err.split("RuntimeError: the seventh wheel\n\n")
    assert "raise error" in traceback
    assert words.startswith(
        "This is a bug in bundlert, not a mistake of yours. Please report it where you got bundlert from,\n"
        "with the command, the traceback above and these versions:\n  bundlert 0."
    )


def test_a_bug_is_data_too(run_with):
    code, out, err = run_with(RuntimeError("the seventh wheel"), "--json")
    (record,) = json.loads(out)["errors"]
    assert (code, record["code"], record["message"], record["file"]) == (1, "RuntimeError", "the seventh wheel", None)
    assert "Traceback" in err


def test_a_mistake_leaves_with_2_and_without_a_traceback(run_with):
    assert run_with(BundleError("no bundle", hint="look")) == (2, "", "BundleError: no bundle\n  try: look\n")


def test_debug_shows_where_a_mistake_was_found_and_leaves_with_2_too(run_with):
    code, _, err = run_with(BundleError("no bundle"), "--debug")
    assert code == 2
    assert err.startswith("Traceback (most recent call last):\n")
    assert err.endswith("\nBundleError: no bundle\n")


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC])
def test_a_system_that_refuses_is_no_bug(number, run_with):
    code, _, err = run_with(OSError(number, "Refused", "/runs"))
    assert (code, err) == (2, "BundlertError: '/runs' can't be used\n  got: Refused\n")


def test_a_file_that_ought_to_be_there_is_a_bug(run_with):
    assert run_with(FileNotFoundError(errno.ENOENT, "No such file", "template"))[0] == 1


def test_ctrl_c_leaves_with_130(run_with):
    code, out, err = run_with(KeyboardInterrupt())
    assert (code, out, err.strip()) == (130, "", "stopped")


def test_a_wrong_command_line_is_data_with_json(tmp_path):
    done = bundlert("run", "toy", "sum", "--nope", "--json", cwd=tmp_path)
    (record,) = json.loads(done.stdout)["errors"]
    assert (done.returncode, record["code"], record["message"]) == (2, "NoSuchOption", "No such option '--nope'.")
    assert "Try 'bundlert run --help' for help." in done.stderr


def test_a_misspelt_command_is_told_with_the_nearest(tmp_path):
    done = bundlert("chekc", "toy", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("\nError: No such command 'chekc'. Did you mean 'check'?\n")


def test_the_version_is_told(tmp_path):
    done = bundlert("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "bundlert, version 0.1.0\n")


def test_a_reader_that_leaves_early_is_no_failure(tmp_path):
    make_bundle(tmp_path / "toy", sum="run: ['$1']\n" + "".join(f"key_{number}: {number}\n" for number in range(20000)))
    process = subprocess.Popen(
        [*MODULE, "show", "toy", "sum"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    first = process.stdout.readline()
    process.stdout.close()
    assert first == "run: [$1]\n"
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 0
    process.stderr.close()


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["run", "--help"],
        ["check", "toy"],
        ["list", "--folder", "."],
        ["list", "components"],
        ["show", "toy", "sum"],
        ["show", "toy", "sum", "--origin"],
        ["graph", "toy", "sum"],
        ["describe", "UNet"],
        ["run", "toy", "sum", "--help"],
    ],
)
def test_what_only_looks_imports_nothing_heavy(words, tmp_path):
    make_bundle(tmp_path / "toy", sum="loss: {_target_: DiceLoss}\nrun: ['@loss']\n")
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "heavy:\n")
