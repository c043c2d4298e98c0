"""`govdesk … --help` tells what a command does and shows an example."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from govdesk.cli import govdesk


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
            if command.invoke_without_command:
                yield (*path, name)
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", sorted(commands(govdesk)), ids=" ".join)
def test_help_has_an_example(path: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(govdesk, [*path, "--help"])
    assert answer.exit_code == 0
    assert f"Example: govdesk {' '.join(path)}" in " ".join(answer.output.split())


def test_a_wrong_option_is_wrong_usage() -> None:
    assert CliRunner().invoke(govdesk, ["db", "--nonsense"]).exit_code == 2
