"""`svcfx session`: begin one."""

from pathlib import Path

import click

from svcfx.cli.progress import progress
from svcfx.session.outputs import ON_EXISTS, OnExists, plan_outputs


@click.group()
def session() -> None:
    """Begin a session: from a folder of stems.

    \b
    svcfx session new song
    svcfx render song/session.toml
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
