from pathlib import Path

import click

from bundlert.cli.command_page import command_page
from bundlert.cli.main import cli

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_of_commands_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == command_page(), "python -m bundlert.cli.command_page > docs/commands.md"


def test_every_command_is_on_the_page():
    text = command_page()
    for name in cli.list_commands(click.Context(cli)):
        assert f"\n## bundlert {name}\n" in text
