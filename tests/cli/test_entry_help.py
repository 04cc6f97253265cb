import pytest
from bundle.toy import make_bundle
from cli.process import bundlert

TRAIN = "# Learn.\n\nepochs: 2  # how often\nloss: {_target_: DiceLoss, _desc_: what is minimised}\nrun: ['@epochs']\n"


@pytest.fixture
def helped(tmp_path):
    make_bundle(tmp_path / "toy", train=TRAIN, infer="run: ['$1']\n", bad="run: [\n")

    def ask(*words):
        done = bundlert("run", *words, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return ask


def test_the_help_of_an_entry_tells_what_can_be_set(helped):
    text = helped("toy", "train", "--help")
    assert "\nValues of train, set by name=value:\n  epochs  2  how often\n" in text
    assert "set by part::argument=value:\n  loss  DiceLoss  what is minimised\n" in text
    assert "--resume" in text


def test_help_may_stand_before_and_between(helped):
    assert helped("-h", "toy", "train") == helped("toy", "--quiet", "-h", "train") == helped("toy", "train", "--help")


def test_without_a_bundle_it_is_the_help_of_the_command(helped):
    assert "Values of" not in helped("--help")
    assert "Entries of" not in helped("--help")


def test_a_mistake_does_not_hide_the_help(helped):
    assert "\nMistake:\n  the bundle 'toy' has no entry 'trian'\n" in helped("toy", "trian", "--help")
    assert "\nMistake:\n  not valid YAML" in helped("toy", "--help")


def test_the_help_of_a_bundle_lists_its_entries(tmp_path):
    make_bundle(tmp_path / "toy", train=TRAIN, infer="run: ['$1']\n")
    text = bundlert("run", "toy", "--help", cwd=tmp_path).stdout
    assert "\nEntries of toy:\n  infer\n  train  Learn.\n" in text
