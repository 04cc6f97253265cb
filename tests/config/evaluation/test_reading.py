import pytest
from config.toy import built, written

from bundlert.config.evaluation import reading
from bundlert.errors import ConfigError, PolicyError
from bundlert.files import Bounds, confined

IMPORTS = "i: [$import glob, $import json, $from pathlib import Path]\n"


def value(text):
    return built(f"{IMPORTS}x: {text}\n", "x")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    written(tmp_path, a_txt="one", d__b_txt="two", d__c_json='{"k": [1]}', e_txt="")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$glob.glob('*.txt')", ["a.txt", "e.txt"]),
        ("$glob.glob('d/*')", ["d/b.txt", "d/c.json"]),
        ("$glob.glob('*.txt', root_dir='d')", ["b.txt"]),
        ("$glob.glob('**/*.txt', recursive=True)", ["a.txt", "d/b.txt", "e.txt"]),
        ("$glob.glob('nothing')", []),
        ("$[str(p) for p in Path('d').glob('*.txt')]", ["d/b.txt"]),
        ("$[str(p) for p in Path('.').rglob('b.*')]", ["d/b.txt"]),
        ("$os.listdir('d')", ["b.txt", "c.json"]),
        ("$Path('a.txt').read_text()", "one"),
        ("$open('a.txt').read()", "one"),
        ("$open('a.txt').readlines()", ["one"]),
        ("$json.load(open('d/c.json'))", {"k": [1]}),
        ("$json.load('d/c.json')", {"k": [1]}),
        ("$[os.path.isfile('d'), os.path.isdir('d'), Path('e.txt').exists()]", [False, True, True]),
        ("$[Path('d').is_dir(), Path('d').is_file()]", [True, False]),
        ("$(Path('d') / 'b.txt').with_suffix('.png').name", "b.png"),
    ],
)
def test_files_are_found_and_read(text, expected, folder):
    assert value(f'"{text}"') == expected


OUTSIDE = [
    "glob.glob('{}/*')",
    "glob.glob('../*')",
    "glob.glob('d/../../*')",
    "glob.glob('*', root_dir='{}')",
    "glob.glob('link/*')",
    "os.listdir('{}')",
    "os.path.exists('{}')",
    "os.path.isdir('{}')",
    "open('{}/a.txt')",
    "Path('{}').read_text()",
    "Path('link/a.txt').is_file()",
    "list(Path('{}').glob('*'))",
    "list(Path('d').glob('../../*'))",
    "open('/dev/zero').read()",
    "json.load('{}/a.json')",
]


@pytest.mark.parametrize("text", OUTSIDE)
def test_files_outside_of_what_was_named_are_not_touched(text, folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    written(elsewhere, a_txt="", a_json="{}")
    (folder / "link").symlink_to(elsewhere)
    with (
        confined(Bounds(inside=(folder,))),
        pytest.raises(PolicyError, match=r"may not be read[^\0]*\n  at: c.yaml:2:4"),
    ):
        value(f'"${text.format(elsewhere)}"')


def test_a_folder_is_made_only_where_one_may_write(folder):
    with confined(Bounds(inside=(folder,), outputs=(folder / "out",))):
        value("\"$Path('out/a').mkdir(parents=True)\"")
        with pytest.raises(PolicyError, match="may not be written"):
            value("\"$Path('d/a').mkdir()\"")
    assert (folder / "out/a").is_dir()
    assert not (folder / "d/a").exists()


def test_a_text_that_is_too_long_is_not_read(folder, monkeypatch):
    monkeypatch.setattr(reading, "MAX_TEXT_BYTES", 2)
    with pytest.raises(ConfigError, match=r"'a.txt' has more than 2 bytes"):
        value("\"$Path('a.txt').read_text()\"")


def test_a_pattern_does_not_climb_behind_a_wildcard():
    with pytest.raises(ConfigError, match="leads up again behind a wildcard"):
        value("\"$glob.glob('*/../../*')\"")


def test_a_long_json_text_is_not_read(monkeypatch):
    monkeypatch.setattr(reading, "MAX_TEXT_BYTES", 3)
    with pytest.raises(ConfigError, match="a JSON text of more than 3 characters"):
        value("\"$json.loads('[1, 2]')\"")
