"""The command that hands out examples for running the product: units of systemd, a container, a compose file, a proxy, a watcher."""

import shutil
from pathlib import Path

import click

from timebank.errors import Refusal
from timebank.paths import find


@click.command("examples")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def examples_command(folder: Path) -> None:
    """Write examples of how the service is run and watched into FOLDER: systemd, container, compose, nginx, Prometheus, Grafana."""
    source = find("templates") / "operation"
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(each.name for each in source.iterdir())
    there = [name for name in names if (folder / name).exists()]
    if there:
        raise Refusal("%(folder)s 里已经有 %(there)s，没有动。请换一个文件夹。", folder=folder, there=there)
    for name in names:
        shutil.copyfile(source / name, folder / name)
        click.echo(str(folder / name))
