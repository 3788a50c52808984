"""Whether the program knows a command as somebody writes it down."""

import click

from timebank.cli import main


def must_be_a_command(words: list[str]) -> None:
    """Fail unless the program knows such a command with such options; nothing is run."""
    command: click.Command = main
    rest = words[1:]
    context = click.Context(command)
    while isinstance(command, click.Group):
        found = command.get_command(context, rest[0])
        assert found is not None, words
        command, rest = found, rest[1:]
    command.make_parser(click.Context(command)).parse_args(rest)
