"""`svcfx train prepare`: recordings into a dataset."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcfx.cli import train_families as families
from svcfx.cli.progress import progress
from svcfx.cli.table import table
from svcfx.events import Progress
from svcfx.training.kinds import CONTENT

if TYPE_CHECKING:
    from svcfx.training.prepare.records import Records

MOST_ROWS = 20
STAGES = {"listen": "listening", "judge": "judging pieces", "features": "working out features"}


@click.command()
@click.argument("recordings", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("dataset"), show_default=True,
              help="Folder of the dataset.")  # fmt: skip
@click.option("--singer", metavar="NAME", help="All recordings are of this one. [default: folders say whose]")
@click.option("--consent", default="", help="Who sang and agreed; stands on the card of every voice of it.")
@click.option("--family", type=click.Choice(tuple(CONTENT)), help="What the voice will be, as for train run:"
              " it says which content it reads. [default: sovits41]")  # fmt: skip
@click.option("--encoder", "content_encoder", metavar="KIND",
              help="That content by name: vec768l12 (4.1, fork), vec256l9 (4.0), or builtin (no download;"
              " svcfx alone sings such a voice). [default: as the family reads]")  # fmt: skip
@click.option("--pitch", default="swift", show_default=True, metavar="NAME", help="Pitch tracker.")
@click.option("--min-snr", "least_snr_db", type=float, default=10.0, show_default=True, metavar="DB",
              help="Pieces that stand out less from the noise are set aside.")  # fmt: skip
@click.option("--alter", metavar="KINDS", help="Add copies altered in speed, pitch, eq, noise (by commas).")
@click.option("--copies", type=int, default=1, show_default=True, help="Altered copies of each piece.")
@click.option("--noise-snr", "noise_snr_db", type=float, default=30.0, show_default=True, metavar="DB",
              help="How far voices stay above the noise of --alter noise.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the alterations.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes. [default: one a core, at most 4]")
@click.option("--update", is_flag=True, help="Bring a finished dataset up to date; what is the same stays.")
@click.option("--dry-run", is_flag=True, help="Listen and judge, print what would be kept, write nothing.")
@click.option("--quiet", is_flag=True, help="No progress and no notes, errors and results only.")
def prepare(recordings: Path, out: Path, singer: str | None, jobs: int | None, update: bool, dry_run: bool,
            quiet: bool, **chosen: Any) -> None:  # fmt: skip
    """Make a dataset of RECORDINGS, a folder with a folder for each singer, or with one singer's files.

    Recordings are cut at pauses into pieces of 5 to 15 s; what is silent, clipped, noisy, without pitch or
    there twice is set aside, with the reason, in the table, in dataset.toml and in report.html. The
    dataset/44k of so-vits-svc can be given as it is. A run that was stopped goes on when it is run again.

    \b
    svcfx train prepare recordings/ --singer me -o dataset/
    svcfx train prepare recordings/ --singer me --family parametric -o dataset/
    svcfx train prepare recordings/ --dry-run
    svcfx train prepare recordings/ -o dataset/ --update
    svcfx train prepare recordings/ -o dataset/ --alter speed,noise --copies 2
    """
    from svcfx.report import dataset as report
    from svcfx.training.prepare.dataset import prepare as make
    from svcfx.training.prepare.workers import usual

    settings = _settings(**chosen)
    with progress("preparing", quiet=quiet) as tell:
        told = make(
            recordings, out, settings, singer=singer, jobs=jobs or usual(), update=update, dry_run=dry_run,
            on_step=lambda stage, share: tell(_so_far(stage, share)),
        )  # fmt: skip
    click.echo(_singers(told))
    if told.set_aside:
        click.echo(f"\n{_set_aside(told)}")
    if not quiet:
        for line in (*_passed_over(told), *told.cautions):
            click.echo(f"Note: {line}", err=True)
    if not dry_run:
        page = report.write(told, out)
        click.echo(f"\n{out / 'dataset.toml'}\n{page}")
    _check(told)


def _settings(alter: str | None, copies: int, noise_snr_db: float, seed: int, family: str | None,
              content_encoder: str | None, **plain: Any) -> Any:  # fmt: skip
    from svcfx.training.prepare.alteration import Choices
    from svcfx.training.prepare.settings import Settings

    kinds: Any = tuple(kind.strip() for kind in alter.split(",")) if alter else ()
    altered = Choices(kinds, copies, noise_snr_db, seed) if kinds else None
    content = families.content(family, content_encoder)
    return Settings(altered=altered, content_encoder=content, **plain)


def _so_far(stage: str, share: float) -> Progress:
    from svcfx.training.prepare.hearing import share_of_all

    return Progress(STAGES[stage], "", share_of_all(stage, share))


def _singers(told: "Records") -> str:
    rows = []
    for singer in told.singers:
        own = told.of(singer)
        altered = sum(piece.singer == singer for piece in told.pieces) - len(own)
        minutes, noise = sum(piece.seconds for piece in own) / 60.0, sorted(piece.snr_db for piece in own)
        low, high = told.range_of(singer)
        rows.append((singer, str(len(own)) + (f" + {altered} altered" if altered else ""), f"{minutes:.1f}",
                     f"{low:.0f} to {high:.0f} Hz", f"{noise[len(noise) // 2]:.0f} dB"))  # fmt: skip
    return table(("SINGER", "PIECES", "MINUTES", "RANGE", "SNR"), rows)


def _set_aside(told: "Records") -> str:
    rows = [
        (row.label, f"{row.start_seconds:.1f} s", f"{row.seconds:.1f} s", row.reason, row.sentence)
        for row in told.set_aside
    ]
    more = f"\nand {len(rows) - MOST_ROWS} more, see report.html" if len(rows) > MOST_ROWS else ""
    return table(("SET ASIDE", "FROM", "LENGTH", "REASON", ""), rows[:MOST_ROWS]) + more


def _passed_over(told: "Records") -> list[str]:
    if not told.passed_over:
        return []
    listed = ", ".join(f"{count} {suffix}" for suffix, count in told.passed_over.items())
    return [f"files that are no recordings were not read ({listed})"]


def _check(told: "Records") -> None:
    """A recording that cannot be read is a failure, though the others are prepared."""
    from svcfx.errors import PartialFailure

    broken = [row for row in told.set_aside if row.reason == "unreadable"]
    if broken:
        count = f"{len(broken)} recordings" if len(broken) > 1 else "one recording"
        raise PartialFailure(f"{count} could not be read, the others are there; {broken[0].line}")
