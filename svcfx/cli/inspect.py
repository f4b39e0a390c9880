"""`svcfx inspect`: how a rendered file was made."""

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the recipe as JSON.")
def inspect(file: Path, as_json: bool) -> None:
    """Print the recipe of FILE, an audio file that svcfx rendered.

    \b
    svcfx inspect renders/lead_vela_+5.wav
    """
    from svcfx.session import recipe  # here: --help stays light

    found = recipe.read(file)
    click.echo(found.model_dump_json() if as_json else recipe.as_text(found))
    if file.suffix != ".json" and not recipe.is_unchanged(file, found):
        click.echo(f"Warning: '{file}' was changed after its recipe was written", err=True)
