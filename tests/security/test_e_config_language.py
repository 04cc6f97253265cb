"""Group E: what a config, an override or the metadata may try. Each test carries the number of the threat."""

import json
from contextlib import suppress

import pytest
from bundle.toy import METADATA, make_bundle
from config.expression_texts import ANY, evaluated
from hypothesis import HealthCheck, given, settings
from security.cases import command, refused, snapshot

from bundlert.config.evaluation.error import ExpressionError
from bundlert.errors import BundlertError

REFUSED, MISTAKE = 4, 2
ORDINARY = (BundlertError, ExpressionError, ValueError, TypeError, ArithmeticError, LookupError, RuntimeError)


def tried(tmp_path, text, code, *words, overrides=(), metadata=METADATA):
    """A config is refused by `check` and by `run`, with the place, and nothing is left behind."""
    (tmp_path / "secret.json").write_text('{"k": "hunter2"}\n')
    text = text.replace("MARKER", str(tmp_path / "marker"))
    make_bundle(tmp_path / "toy", x=text if "run:" in text else f"{text}run: ['@x']\n", metadata=metadata)
    before = snapshot(tmp_path)
    for command_words in (("run", "toy", "x", *overrides), *((("check", "toy", "x"),) if not overrides else ())):
        done = command(*command_words, folder=tmp_path)
        refused(done, code, *words)
        assert "hunter2" not in done.stdout + done.stderr
    assert snapshot(tmp_path) == before


def test_E1_an_import_in_an_expression(tmp_path):
    tried(tmp_path, "x: \"$__import__('os').system('touch MARKER')\"\n", MISTAKE, "'__import__'", "x.yaml:1:4 (x)")


def test_E2_a_walk_along_private_names(tmp_path):
    tried(tmp_path, "x: $().__class__.__base__.__subclasses__()\n", MISTAKE, "the private name", "x.yaml:1:4")


@pytest.mark.parametrize("text", ["'{0.__globals__}'.format(len)", "f'{len.__globals__}'"])
def test_E3_attributes_in_a_format(tmp_path, text):
    tried(tmp_path, f'x: "${text}"\n', MISTAKE, "x.yaml:1:4 (x)")


@pytest.mark.parametrize(
    "text",
    ["(lambda x=open('MARKER', 'w'): x)()", "[y := 1]", "[eval(c) for c in ['1']]", "getattr(1, 'a')", "type(1)"],
)
def test_E4_lambdas_assignments_getattr_and_type(tmp_path, text):
    tried(tmp_path, f'x: "${text}"\n', MISTAKE, "x.yaml:1:4 (x)")


@pytest.mark.parametrize("text", ["2**2**2**30", "'a' * 10**10", "[0] * 10**10", "list(range(10**12))"])
def test_E5_more_than_the_budget(tmp_path, text):
    make_bundle(tmp_path / "toy", x=f'x: "${text}"\nrun: ["@x"]\n')
    done = command("run", "toy", "x", folder=tmp_path)
    refused(done, MISTAKE, "x.yaml:1:4 (x)")


@pytest.mark.parametrize(
    "name",
    [
        *("os.system", "builtins.exec", "subprocess.run", "shutil.copyfile", "pathlib.Path.write_text", "torch.load"),
        *("torch.hub.load", "numpy.load", "importlib.import_module"),
    ],
)
def test_E6_a_component_that_is_none(tmp_path, name):
    tried(tmp_path, f"x: {{_target_: {name}}}\n", MISTAKE, f"there is no component called '{name}'", "x.yaml:1:15")


def test_E7_what_a_component_leads_to(tmp_path):
    tried(tmp_path, "x: $torch.nn.Module.__init__.__globals__\n", MISTAKE, "the private name")


@pytest.mark.parametrize(
    "override", ["x=$os.system('touch MARKER')", "x={_target_: os.system}", "x=%../secret.yaml::k"]
)
def test_E8_an_override_is_looked_at_as_a_file_is(tmp_path, override):
    tried(tmp_path, "x: 1\n", MISTAKE, "override 'x=", overrides=[override])


def test_E9_no_key_of_a_bundle_makes_it_trusted(tmp_path):
    keys = {"trust": True, "allow_code": True, "policy": {"trust": "user"}, "trusted": ["*"], "level": "trusted"}
    text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in keys.items())
    folder = make_bundle(
        tmp_path / "toy",
        x=f"{text}x: {{_target_: evil}}\nrun: ['@x']\n",
        y=f"{text}run: ['$@trust']\n",
        metadata={**METADATA, **keys},
    )
    (folder / "components").mkdir()
    (folder / "components" / "own.py").write_text(
        f"open({str(tmp_path / 'marker')!r}, 'w')\n# component: toy, evil\ndef evil():\n    return 1\n"
    )
    (folder / "policy.yaml").write_text("trust: user\n")
    (folder / "trust.json").write_text("{}")
    refused(command("run", "toy", "x", folder=tmp_path), REFUSED, "isn't run", "--trust")
    done = command("run", "toy", "y", "--no-report", folder=tmp_path)
    assert (done.returncode, "sealed: no code of the bundle runs" in done.stderr) == (0, True)
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    "text",
    [
        "_include_: ../../secret.json\nx: 1\n",
        "_include_: /etc/passwd\nx: 1\n",
        "x: '%../../secret.json::k'\n",
        "x: '%/etc/passwd.yaml::k'\n",
    ],
)
def test_E10_a_file_that_isnt_the_bundles(tmp_path, text):
    tried(tmp_path, text, REFUSED, "lies outside of the bundle", "x.yaml:1:")


def test_E10_a_connection_is_the_name_of_a_file_that_isnt_there(tmp_path):
    tried(tmp_path, "_include_: http://127.0.0.1:9/a.yaml\nx: 1\n", MISTAKE, "there is no file")


def test_E10_a_link_is_what_it_leads_to(tmp_path):
    (tmp_path / "toy" / "configs").mkdir(parents=True)
    (tmp_path / "secret.json").write_text('{"k": "hunter2"}\n')
    (tmp_path / "toy" / "configs" / "other.json").symlink_to(tmp_path / "secret.json")
    (tmp_path / "toy" / "configs" / "x.yaml").write_text("x: '%other.json::k'\nrun: ['$print(@x)']\n")
    (tmp_path / "toy" / "metadata.json").write_text(json.dumps(METADATA))
    done = command("run", "toy", "x", folder=tmp_path)
    refused(done, REFUSED, "lies outside of the bundle")
    assert "hunter2" not in done.stderr


def test_E10_a_file_that_the_user_names_may_lie_anywhere(tmp_path):
    make_bundle(tmp_path / "toy", x="x: 1\nrun: ['$print(\"x is\", @x)']\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "base.yaml").write_text("x: 2\n")
    (tmp_path / "mine" / "mine.yaml").write_text("_include_: base.yaml\n")
    for words in (("--config", "mine/mine.yaml"), ("x=%mine/base.yaml::x",)):
        done = command("run", "toy", "x", "--no-report", *words, folder=tmp_path)
        assert (done.returncode, "x is 2" in done.stderr) == (0, True), done.stderr


@pytest.mark.parametrize("text", ["x: '@x'\n", "x: '@y'\ny: '$[@x]'\n"])
def test_E11_a_circle(tmp_path, text):
    tried(tmp_path, text, MISTAKE, "references form a circle", "got: x -> ")


def test_E11_a_circle_of_ten_thousand(tmp_path):
    chain = "".join(f"a{number}: '@a{(number + 1) % 10_000}'\n" for number in range(10_000))
    make_bundle(tmp_path / "toy", x=f"{chain}run: ['@a0']\n")
    done = command("check", "toy", folder=tmp_path)
    assert (done.returncode, "references form a circle" in done.stderr) == (MISTAKE, True)
    assert len(done.stderr) < 3000
    assert "RecursionError" not in done.stderr


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system ['touch MARKER']", "!!python/name:os.system", "!any 1"]
)
def test_E12_a_tag(tmp_path, tag):
    tried(tmp_path, f"x: {tag}\n", MISTAKE, "isn't allowed", "x.yaml:1:4")


def test_E13_an_alias_bomb(tmp_path):
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)]
    tried(tmp_path, f"a0: &a0 [1]\n{''.join(lines)}x: 1\n", MISTAKE, "once aliases are expanded")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_E14_ever_deeper(tmp_path, opening):
    tried(tmp_path, f"x: 1\ny:\n  {opening * 3000}\n", MISTAKE, "x.yaml:3:")


@pytest.mark.parametrize(("name", "text"), [("x.yaml", "a: 1\na: 2\n"), ("y.json", '{"a": 1,\n"a": 2}')])
def test_E15_a_key_twice(tmp_path, name, text):
    make_bundle(tmp_path / "toy", ok="run: ['$1']\n")
    (tmp_path / "toy" / "configs" / name).write_text(text)
    refused(command("run", "toy", name[0], folder=tmp_path), MISTAKE, "'a' is written twice", f"{name}:2:1", "first at")


def test_E16_odd_numbers_are_typed_alike_in_yaml_and_json(tmp_path):
    make_bundle(tmp_path / "toy", x="a: .inf\nb: no\nc: 010\nrun: ['$1']\n")
    (tmp_path / "toy" / "configs" / "y.json").write_text('{"a": 1e999, "run": ["$1"]}')
    done = command("show", "toy", "x", folder=tmp_path)
    assert done.stdout.splitlines()[:3] == ["a: .inf", "b: false", "c: 8"]
    done = command("show", "toy", "y", folder=tmp_path)
    assert done.stdout.splitlines()[0] == "a: .inf" or done.returncode == MISTAKE
    make_bundle(tmp_path / "big", x=f"x: {'9' * 5000}\nrun: ['@x']\n")
    refused(command("run", "big", "x", folder=tmp_path), MISTAKE, "can't be read")


def test_E17_an_override_of_nothing(tmp_path):
    tried(tmp_path, "epochs: 1\nx: 1\n", MISTAKE, "did you mean 'epochs'?", overrides=["max_epochs=7"])


@pytest.mark.parametrize("name", ["o\u200bs.system", "UN\u0435t", "\u202eteNU"])
def test_E18_letters_that_nobody_sees(tmp_path, name):
    tried(tmp_path, f"x: {{_target_: {json.dumps(name)}}}\n", MISTAKE, "there is no component")


def test_E19_what_nobody_refers_to_is_looked_at_too(tmp_path):
    make_bundle(tmp_path / "toy", x="unused: {_target_: os.system}\nother: $eval('1')\nrun: ['$1']\n")
    done = command("check", "toy", folder=tmp_path)
    assert (done.returncode, "'os.system'" in done.stderr, "'eval'" in done.stderr) == (MISTAKE, True, True)
    refused(command("run", "toy", "x", folder=tmp_path), MISTAKE, "'os.system'", "'eval'")


@given(ANY)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_E20_any_expression_has_a_value_or_is_refused(text):
    with suppress(*ORDINARY):
        evaluated(text)
