import pytest
from bundle.toy import make_bundle
from security.cases import command, refused


@pytest.fixture
def bundle(tmp_path):
    folder = make_bundle(tmp_path / "toy", sum="run: [{_target_: own_sum, a: 20, b: 22}]\n")
    (folder / "components").mkdir()
    (folder / "components" / "own.py").write_text("# component: toy, add\ndef own_sum(a, b):\n    return a + b\n")
    return folder


def test_a_trusted_bundle_runs_its_code_until_a_byte_changes(bundle, tmp_path):
    run = ("run", "toy", "sum", "--no-report")
    refused(command(*run, folder=tmp_path), 4, "'own_sum' is the bundle's own code, which isn't run")
    done = command("trust", "toy", folder=tmp_path)
    assert "code that may run: components/own.py" in done.stdout
    for _ in range(2):  # running it changes nothing in it
        done = command(*run, "--json", folder=tmp_path)
        assert (done.returncode, '"result": 42' in done.stdout) == (0, True), done.stderr
    assert "trusted: code of the bundle may run (since " in done.stderr
    with (bundle / "components" / "own.py").open("a") as file:
        file.write("\n")
    refused(command(*run, folder=tmp_path), 4, "components/own.py changed", "expected: ", "try: look at it, then")
    command("trust", "toy", folder=tmp_path)
    assert command(*run, folder=tmp_path).returncode == 0


def test_trust_once_is_not_remembered(bundle, tmp_path):
    run = ("run", "toy", "sum", "--no-report")
    assert command(*run, "--trust", folder=tmp_path).returncode == 0
    assert command(*run, folder=tmp_path).returncode == 4


def test_what_is_trusted_is_listed_and_can_be_taken_back(bundle, tmp_path):
    assert command("trust", "--list", folder=tmp_path).stdout == ""
    command("trust", "toy", folder=tmp_path)
    assert command("trust", "--list", folder=tmp_path).stdout.startswith(str(bundle))
    assert command("trust", "--forget", "toy", folder=tmp_path).stdout == "toy: sealed from now on\n"
    assert command("trust", "--list", folder=tmp_path).stdout == ""
    refused(command("trust", "--forget", "toy", folder=tmp_path), 4, "'toy' isn't trusted")


def test_a_bundle_must_be_named_and_be_one(tmp_path):
    assert "Name a bundle, or give --list." in command("trust", folder=tmp_path).stderr
    refused(command("trust", "nothing", folder=tmp_path), 2, "there is no bundle 'nothing'")


def test_of_a_bundle_without_code_it_is_said(tmp_path):
    make_bundle(tmp_path / "plain")
    assert "it holds no code" in command("trust", "plain", folder=tmp_path).stdout


def test_a_policy_may_forbid_it(bundle, tmp_path):
    (tmp_path / "policy.yaml").write_text("trust: never\n")
    for words in (("trust", "toy"), ("run", "toy", "sum", "--trust")):
        done = command(*words, folder=tmp_path, BUNDLERT_POLICY="policy.yaml")
        refused(done, 4, "the policy lets no code of bundles run", "policy.yaml:1:1")
