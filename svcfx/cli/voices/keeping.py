"""`svcfx voices export`, `remove` and `rename`: what becomes of an added voice."""

from pathlib import Path

import click

from svcfx.chain.families import exported
from svcfx.cli.flags import note

FORMS = (*exported(), "onnx")


@click.command()
@click.argument("name")
@click.option("--format", "form", type=click.Choice(FORMS), required=True, help="Who is to read it.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder to make. [default: NAME-FORMAT]")
@click.option("--replace", is_flag=True, help="Put it in the place of an earlier export.")
def export(name: str, form: str, out: Path | None, replace: bool) -> None:
    """Write the added voice NAME as the files of so-vits-svc 4.0, 4.1, its fork or RVC, or as ONNX.

    Files lie in the folders where the program looks for them; diffusion model, vocoder and index go along
    where it has a place for them. Licence and consent stand in README.md and voice.toml beside them. A voice
    that a format cannot hold is refused, and what will sound otherwise there is said.

    \b
    svcfx voices export mei --format sovits41
    svcfx voices export mei --format fork -o for-the-fork
    svcfx voices export mei --format rvc
    svcfx voices export mei --format onnx
    """
    from svcfx.voices import exporting

    place = out or Path(f"{name.replace('/', '-')}-{form}")
    click.echo(exporting.export(name, form, place, replace=replace, on_note=note))


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Take the added voice NAME off the shelf; its files here are deleted, those it came from are not.

    \b
    svcfx voices remove mei
    svcfx voices remove mei --yes
    """
    from svcfx.voices import upkeep

    place = upkeep.place_of(name)
    if not yes:
        click.confirm(
            f"Delete the voice '{name}' and its {upkeep.megabytes(place):.0f} MB?", abort=True, err=True
        )
    upkeep.remove(name)
    click.echo(f"removed {name}")


@click.command()
@click.argument("old")
@click.argument("new")
def rename(old: str, new: str) -> None:
    """Call the added voice OLD from now on NEW. Presets and sessions that name it are not changed.

    \b
    svcfx voices rename mei mei-2023
    """
    from svcfx.voices import upkeep

    upkeep.rename(old, new)
    click.echo(f"{old} is called {new} now")
