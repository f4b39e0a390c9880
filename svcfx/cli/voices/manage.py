"""`svcfx voices remove` and `rename`."""

import click


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Take the added voice NAME off the shelf; its files here are deleted, those it came from are not.

    \b
    svcfx voices remove mei
    svcfx voices remove mei --yes
    """
    from svcfx.voices import managing

    place = managing.place_of(name)
    if not yes:
        click.confirm(
            f"Delete the voice '{name}' and its {managing.megabytes(place):.0f} MB?", abort=True, err=True
        )
    managing.remove(name)
    click.echo(f"removed {name}")


@click.command()
@click.argument("old")
@click.argument("new")
def rename(old: str, new: str) -> None:
    """Call the added voice OLD from now on NEW. Presets and sessions that name it are not changed.

    \b
    svcfx voices rename mei mei-2023
    """
    from svcfx.voices import managing

    managing.rename(old, new)
    click.echo(f"{old} is called {new} now")
