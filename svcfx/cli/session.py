"""`svcfx session`: begin one, and keep what was found in it."""

from pathlib import Path

import click

from svcfx.cli.progress import progress
from svcfx.session.outputs import ON_EXISTS, OnExists, plan_outputs


@click.group()
def session() -> None:
    """Begin a session from a folder of stems, and keep a strip's sound as a preset.

    \b
    svcfx session new song
    svcfx render song/session.toml
    svcfx session preset song/session.toml lead my-lead.toml
    """


@session.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
              help="The session's file, FOLDER/session.toml unless this is given.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print the session, write nothing.")
@click.option("--on-exists", type=click.Choice(ON_EXISTS), default="error", show_default=True,
              help="What to do when the file is there already.")  # fmt: skip
@click.option("--with-results", is_flag=True, help="Take files that svcfx made as stems too.")
@click.option("--allow-path", type=click.Path(path_type=Path), multiple=True,
              help="A folder outside its own that the session may read. May be given again.")  # fmt: skip
@click.option("--quiet", is_flag=True, help="No progress and no notes, errors only.")
def new(
    folder: Path,
    output: Path | None,
    dry_run: bool,
    on_exists: OnExists,
    with_results: bool,
    allow_path: tuple[Path, ...],
    quiet: bool,
) -> None:
    """Propose a session.toml for the stems in FOLDER, with the reason behind each line.

    Roles come from names (lead, vox, bv, harm, dr, gtr, bass, keys, ...); where a name says nothing, a file
    with a voice's pitch is the lead. Levels and lengths are measured, silent files and whole mixes beside
    their stems are muted, a MIDI file says tempo and key. What was left out is told. The session renders as
    it is, to the plain sum of the stems: give the lead a preset and it is sung by another voice.

    \b
    svcfx session new song --dry-run
    svcfx session new song -o song/first.toml
    """
    from svcfx.events import Kept
    from svcfx.session import document
    from svcfx.session import folder as folders  # here: --help loads no numpy

    target = output if output is not None else folder / "session.toml"
    planned = None if dry_run else plan_outputs([(folder, target)], on_exists)[0]
    if planned is not None and planned.skipped:
        click.echo(f"'{target}' exists already, skipped", err=True)
        return
    with progress("listening", quiet=quiet) as report:
        found = folders.propose(
            folder, planned.target if planned else target, with_results=with_results,
            allow_paths=allow_path, events=Kept(report),
        )  # fmt: skip
    for label, why in () if quiet else found.left_out:
        click.echo(f"Left out: {label}: {why}", err=True)
    click.echo(found.document.text if dry_run else document.save(found.document), nl=not dry_run)


@session.command(name="preset")
@click.argument("path", metavar="SESSION", type=click.Path(path_type=Path))
@click.argument("strip")
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--description", default="", help="What it is for. [default: as its preset says]")
@click.option("--on-exists", type=click.Choice(ON_EXISTS), default="error", show_default=True,
              help="What to do when FILE is there already.")  # fmt: skip
@click.option("--allow-path", type=click.Path(path_type=Path), multiple=True,
              help="A folder outside its own that the session may read. May be given again.")  # fmt: skip
@click.option("--allow-plugin", type=click.Path(path_type=Path), multiple=True,
              help="A plug-in file that a preset may load by path. May be given again.")  # fmt: skip
def preset_(
    path: Path,
    strip: str,
    target: Path,
    description: str,
    on_exists: OnExists,
    allow_path: tuple[Path, ...],
    allow_plugin: tuple[Path, ...],
) -> None:
    """Keep what STRIP of SESSION runs through as a preset in FILE.

    What the session sets of its preset (`set`, `transpose`) is worked in: FILE sounds as the strip does.
    Lanes stay in the session.
    """
    from svcfx import preset
    from svcfx.session import document, own_preset, plan

    file = target if target.suffix == ".toml" else target.with_name(f"{target.name}.toml")
    planned = plan_outputs([(path, file)], on_exists)[0]
    if planned.skipped:
        click.echo(f"'{file}' exists already, skipped", err=True)
        return
    read = plan.make(document.load(path, allow_paths=allow_path), allow_plugins=allow_plugin)
    preset.save(own_preset.of_strip(read, strip, planned.target.stem, description), planned.target)
    click.echo(planned.target)
