"""`svcfx voices inspect`: what something is, without adding it."""

import json
from pathlib import Path

import click


@click.command()
@click.argument("what", metavar="NAME|FOLDER|FILE")
@click.option("--config", type=click.Path(path_type=Path), help="The config.json of a checkpoint elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def inspect(what: str, config: Path | None, as_json: bool) -> None:
    """Say what a voice, a folder or a checkpoint is: family and why, parts, sizes, what would be refused.

    Nothing is added and nothing in the file runs.

    \b
    svcfx voices inspect mei
    svcfx voices inspect ~/so-vits-svc/logs/44k
    svcfx voices inspect G_106000.pth
    """
    from svcfx.voices import inspecting

    found = inspecting.inspect(what, config)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    width = max(map(len, found)) + 2
    for key, value in found.items():
        for line in value if isinstance(value, list) else [value]:
            click.echo(f"{key + ':':<{width}}{line}")
