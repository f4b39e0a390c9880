"""`svcfx presets`: list, show, save and check presets."""

from pathlib import Path

import click

from svcfx.errors import PresetError
from svcfx.session.outputs import ON_EXISTS, OnExists, plan_outputs

_PLUGIN = click.option(
    "--allow-plugin",
    "allow_plugins",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Plugin file that the preset may open by path. A plugin is a program: allow those you trust.",
)


@click.group()
def presets() -> None:
    """List, show, save and check presets: effect chains saved as files.

    A preset is a TOML file with one [[nodes]] table an effect. Make your own from one that ships:

    \b
    svcfx presets list
    svcfx presets save lead-vela my-lead.toml
    svcfx presets check my-lead.toml
    svcfx batch vocals/ --preset my-lead.toml
    """


@presets.command(name="list")
def list_() -> None:
    """List the presets that ship, with what each is for."""
    from svcfx import preset

    known = preset.names()
    width = max(map(len, known), default=0)
    for name in known:
        click.echo(f"{name:{width}}  {preset.outline(name).description}")


@presets.command()
@click.argument("preset_name", metavar="PRESET")
def show(preset_name: str) -> None:
    """Print PRESET (a name, or a .toml file) as it is written."""
    from svcfx import preset

    found = preset.outline(preset_name)
    click.echo(found.text, nl=not found.text.endswith("\n"))


@presets.command()
@click.argument("preset_name", metavar="PRESET")
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--on-exists",
    type=click.Choice(ON_EXISTS),
    default="error",
    show_default=True,
    help="What to do when FILE is there already.",
)
def save(preset_name: str, target: Path, on_exists: OnExists) -> None:
    """Copy PRESET (a name, or a .toml file) to FILE, comments and all, ready to be edited."""
    from svcfx import preset

    found = preset.outline(preset_name)
    path = target if target.suffix == ".toml" else target.with_name(f"{target.name}.toml")
    planned = plan_outputs([(preset.locate(preset_name), path)], on_exists)[0]
    if planned.skipped:
        click.echo(f"'{path}' exists already, skipped", err=True)
        return
    preset.save(found, planned.target)
    click.echo(planned.target)


@presets.command()
@click.argument("files", metavar="PRESET...", nargs=-1, required=True)
@_PLUGIN
def check(files: tuple[str, ...], allow_plugins: tuple[Path, ...]) -> None:
    """Check every key, node, parameter and range of one or more presets, and open their plugins."""
    wrong: list[PresetError] = []
    for name in files:
        wrong += _checked(name, allow_plugins)
    if len(wrong) == 1:
        raise wrong[0]
    for mistake in wrong:
        click.echo(f"Wrong: {mistake}", err=True)
    if wrong:
        raise PresetError(f"there are {len(wrong)} mistakes")


def _checked(name: str, allow_plugins: tuple[Path, ...]) -> list[PresetError]:
    """Tell of a preset that is right; else its mistakes."""
    from svcfx import preset

    mistakes = preset.mistakes(name, allow_plugins=allow_plugins)
    if mistakes:
        return mistakes
    found = preset.check(name, allow_plugins=allow_plugins)
    click.echo(f"{name}: {len(found.nodes)} node{'s' * (len(found.nodes) != 1)}, all right")
    for remark in found.remarks:
        click.echo(f"  {remark}")
    return []
