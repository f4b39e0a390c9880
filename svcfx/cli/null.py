"""`svcfx null`: what is left of one recording when another is taken away."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from svcfx.report.null import Null


@click.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def null(first: Path, second: Path, as_json: bool) -> None:
    """Take B away from A and print what is left, by octave.

    B is moved by whole samples (up to 10 s) to where both agree best, and brought to A's level and polarity.
    Two equal renders leave nothing; -120 dBFS is the last bit of 20; what differs in sound stays audible.

    \b
    svcfx null renders/before.wav renders/after.wav
    """
    from svcfx.report import null as nulls  # here: --help loads no numpy

    found = nulls.of_files(first, second)
    click.echo(json.dumps(_plain(found)) if as_json else _text(found, first, second))


def _text(found: "Null", first: Path, second: Path) -> str:
    from svcfx.cli.table import table

    rows = [
        (f"{band.middle_hz:g} Hz", _shown(band.level_dbfs), _shown(band.residual_dbfs))
        for band in found.bands
    ]
    return "\n".join([*_said(found, first, second), "", table(("OCTAVE", "A, DBFS", "LEFT, DBFS"), rows)])


def _said(found: "Null", first: Path, second: Path) -> list[str]:
    """What was found, in sentences."""
    where = "begin together"
    if found.offset_samples:
        later = f"{abs(found.offset_samples)} samples {'later' if found.offset_samples > 0 else 'earlier'}"
        where = f"lie apart: B comes {later}"
    turned = " and turned over" if found.inverted else ""
    length = abs(found.longer_samples)
    more = [f"A is {length} samples {'longer' if found.longer_samples > 0 else 'shorter'} than B."]
    left = _shown(found.residual_dbfs)
    deep = (
        "nothing is left"
        if math.isinf(found.depth_db)
        else f"{left} dBFS is left, {found.depth_db:.1f} dB down"
    )
    return [
        f"A is '{first}', B is '{second}'. They {where}.",
        f"B is brought to A by {found.gain_db:+.2f} dB{turned}.",
        *(more if length else []),
        f"Over {found.seconds:.2f} s {deep}.",
    ]


def _shown(dbfs: float) -> str:
    return "nothing" if math.isinf(dbfs) else f"{dbfs:.1f}"


def _plain(found: "Null") -> dict[str, Any]:
    """As JSON, which knows no infinity: None is digital silence."""
    whole: dict[str, Any] = asdict(found)
    for part in (whole, *whole["bands"]):
        part.update({name: None for name, value in part.items() if value in (math.inf, -math.inf)})
    return whole
