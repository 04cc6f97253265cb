"""Every page for people: its links lead somewhere, its commands are commands."""

import re
import shlex
from fnmatch import fnmatch

import click
import pytest
from architecture.source import ROOT

from bundlert.bundle.assemble import assemble
from bundlert.bundle.layout import open_bundle
from bundlert.cli.main import cli

COMMAND_PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("bundles/*/README.md"))]
PAGES = [*COMMAND_PAGES, *sorted(ROOT.glob("bundlert/**/README.md"))]

# Where this was written is nobody's business. In two parts, so that this file isn't found itself.
FORBIDDEN = ["/" + "work/", ".." + "/shared"]
MAY_NAME_ITS_MACHINE = {".ci/run"}


def short(file):
    return file.relative_to(ROOT).as_posix()


def blocks(text, language):
    """The fenced blocks of a language."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "word"), [("run", "bundlert run "), ("test", "pytest")])
def test_the_readme_tells_once_how_to_run_and_once_how_to_test(name, word):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(rf"<!-- command: {name} -->\n```sh\n(.*?)\n```", text)
    assert text.count(f"<!-- command: {name} -->") == 1
    assert "\n" not in command
    assert word in command


def targets(text):
    """What the links and pictures of a page lead to, within the repository."""
    without_code = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    found = re.findall(r"\]\(<?([^)>\s]+)>?[^)]*\)", without_code) + re.findall(r'(?:src|href)="([^"]+)"', without_code)
    return [target for target in found if not re.match(r"[a-z]+:|#", target)]


def test_links_are_found_wherever_they_hide():
    text = '[a](x.md#part) ![b](y.png "words") [c](https://z.org) <img src="w.svg"> `[d](v.md)` [e](#here)\n'
    assert targets(text) == ["x.md#part", "y.png", "w.svg"]


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_link_leads_to_a_file(page):
    links = targets(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link.partition("#")[0]).exists()] == []


def headings(file):
    """The anchors that a page has for its headings."""
    text = re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    lines = re.findall(r"^#+ +(.*)", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).strip().replace(" ", "-") for line in lines}


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_link_to_a_part_of_a_page_leads_to_a_heading(page):
    links = [link.partition("#") for link in targets(page.read_text(encoding="utf-8")) if ".md#" in link]
    assert [place + "#" + part for place, _, part in links if part not in headings(page.parent / place)] == []


def words_of(block):
    """The words of each `bundlert` command in a block, the name itself left out."""
    for line in block.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split, lexer.commenters = True, "#"
        words = list(lexer)
        while words:
            end = next((index for index, word in enumerate(words) if set(word) <= set("&|;()<>")), len(words))
            command, words = words[:end], words[end + 1 :]
            while command and ("=" in command[0] or command[0] == "$"):  # variables, a prompt
                command = command[1:]
            if command[:1] == ["bundlert"]:
                yield command[1:]


def test_commands_are_found_wherever_they_stand():
    block = "# bundlert no\npip install . && bundlert run a 'b=[1, 2]' \\\n  --quiet\n"
    block += "X=1 bundlert show | head > log\necho bundlert\n"
    assert list(words_of(block)) == [["run", "a", "b=[1, 2]", "--quiet"], ["show"]]


COMMANDS = [
    pytest.param(words, id=f"{short(page)}: {' '.join(words)[:60]}")
    for page in COMMAND_PAGES
    for block in blocks(page.read_text(encoding="utf-8"), "sh")
    for words in words_of(block)
]


def understood(words):
    """What the command line makes of words, by parameter, without doing it."""
    words = [word for word in words if word != "--debug"]  # wherever it stands
    context = cli.make_context("bundlert", list(words))
    name, command, rest = cli.resolve_command(context, words)
    return command.make_context(name, rest, parent=context).params


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_of_the_documentation_can_be_given(words):
    try:
        given = understood(words)
    except click.exceptions.Exit:  # `--help` and `--version` are done by now
        given = {}
    if given.get("bundle"):
        bundle = open_bundle(ROOT / given["bundle"])
        for entry in [given["entry"]] if "entry" in given else given.get("entries", ()):
            assemble(bundle, entry, overrides=given.get("overrides", ()))


@pytest.mark.parametrize(
    "words", [["ruin"], ["run", "--speed"], ["run"], ["list", "nothing"], ["--sped", "list"]], ids=" ".join
)
def test_a_command_that_doesnt_exist_would_be_seen(words):
    with pytest.raises(click.UsageError):
        understood(words)


def texts():
    """All text files of the repository that git doesn't ignore."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()] + [".git"]
    for file in ROOT.rglob("*"):
        parts = file.relative_to(ROOT).parts
        if file.is_file() and not any(fnmatch(part, pattern) for part in parts for pattern in ignored):
            content = file.read_bytes()
            if b"\0" not in content:
                yield short(file), content.decode("utf-8", errors="replace")


def test_no_file_tells_where_it_was_written():
    found = {name: [word for word in FORBIDDEN if word in text] for name, text in texts()}
    assert {name: words for name, words in found.items() if words and name not in MAY_NAME_ITS_MACHINE} == {}
