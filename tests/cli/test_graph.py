from bundle.toy import make_bundle
from cli.process import bundlert

TEXT = "a: 1\nloss: {_target_: DiceLoss, smooth_nr: '@a'}\nrun: ['@loss']\n"


def graphed(*words, cwd):
    make_bundle(cwd / "toy", train=TEXT)
    return bundlert("graph", "toy", "train", *words, cwd=cwd)


def test_mermaid_is_what_is_printed(tmp_path):
    done = graphed(cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:6] == [
        "flowchart LR",
        '  n0["<b>a</b><br/>1"]:::kind_value',
        '  n1["<b>loss</b><br/>DiceLoss"]:::kind_loss',
        '  n2["<b>run</b><br/>@loss"]:::kind_run',
        "  n0 --> n1",
        "  n1 --> n2",
    ]


def test_a_picture_is_written_where_the_name_says_so(tmp_path):
    done = graphed("-o", "train.svg", "--id", "loss", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "wrote train.svg\n")
    assert (tmp_path / "train.svg").read_text().startswith("<svg xmlns=")


def test_a_picture_can_be_printed(tmp_path):
    assert "<title>toy train</title>" in graphed("--format", "svg", cwd=tmp_path).stdout


def test_an_unknown_id_is_told_with_the_nearest(tmp_path):
    done = graphed("--id", "los", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "ConfigError: the config has no 'los'\n  try: did you mean 'loss'?\n")
