"""`svcfx compare`: two recordings beside each other, drawn and in figures."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from svcfx.session.outputs import ON_EXISTS, OnExists, plan_outputs

if TYPE_CHECKING:
    from svcfx.report.compare import Comparison


@click.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FILE",
              help="Where the picture goes, a .png. [<A>-<B>.png]")  # fmt: skip
@click.option("--on-exists", type=click.Choice(ON_EXISTS), default="error", show_default=True,
              help="What to do where the picture is there already.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def compare(first: Path, second: Path, out: Path | None, on_exists: OnExists, as_json: bool) -> None:
    """Draw A and B over each other, and print how B stands to A: loudness, spectrum, pitch.

    B is moved to where both agree best, as `svcfx null` does; two takes that do not agree at all, such as a
    stem and what another voice made of it, are compared from their beginnings. Levels stay as they are.

    \b
    svcfx compare vocal.wav sung.wav -o sung.png
    """
    from svcfx.report import compare as comparing  # here: --help loads no numpy

    target = out or Path(f"{first.stem}-{second.stem}.png")
    (planned,) = plan_outputs([(first, target)], on_exists, inputs=[second])
    found = comparing.of_files(first, second)
    if not planned.skipped:
        from svcfx.report import compare_picture

        compare_picture.draw(found, (first.name, second.name), planned.target)
    if as_json:
        click.echo(json.dumps({**_figures(found), "picture": str(planned.target)}))
        return
    click.echo(_text(found, first, second))
    click.echo(planned.target)


def _figures(found: "Comparison") -> dict[str, Any]:
    """As JSON, which knows no infinity: None is silence."""
    left = found.null.residual_dbfs if found.null else None
    figures: dict[str, Any] = _finite({
        "agreement": found.agreement,
        "offset_samples": found.offset_samples,
        "seconds": found.seconds,
        "first": asdict(found.first.levels),
        "second": asdict(found.second.levels),
        "octaves": [
            {"middle_hz": middle, "first_dbfs": one, "second_dbfs": found.second.octaves_dbfs[middle]}
            for middle, one in found.first.octaves_dbfs.items()
        ],
        "pitch": asdict(found.pitch),
        "residual_dbfs": left,
    })  # fmt: skip
    return figures


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _text(found: "Comparison", first: Path, second: Path) -> str:
    from svcfx.cli.table import table

    one, other = found.first.levels, found.second.levels
    levels = [
        ("loudness, LUFS", one.lufs, other.lufs),
        ("range, LU", one.range_lu, other.range_lu),
        ("true peak, dBTP", one.dbtp, other.dbtp),
        *(
            (f"at {middle:g} Hz, dBFS", level, found.second.octaves_dbfs[middle])
            for middle, level in found.first.octaves_dbfs.items()
        ),
    ]
    rows = [(name, _shown(a), _shown(b), _difference(a, b)) for name, a, b in levels]
    return "\n".join([*_said(found, first, second), "", table(("", "A", "B", "B - A"), rows)])


def _said(found: "Comparison", first: Path, second: Path) -> list[str]:
    """What was found, in sentences."""
    where = "They do not agree, and are compared from their beginnings"
    if found.null is not None:
        later = f"{abs(found.offset_samples)} samples {'later' if found.offset_samples >= 0 else 'earlier'}"
        where = f"They agree by {100 * found.agreement:.1f} %, B comes {later}"
    lines = [f"A is '{first}', B is '{second}'. {where}, over {found.seconds:.2f} s."]
    pitch = found.pitch
    if pitch.moved_cents is None:
        return [*lines, "No pitch sounds in both."]
    jumps = f"{pitch.octave_jumps} octave jump{'' if pitch.octave_jumps == 1 else 's'}"
    return [
        *lines,
        f"B's pitch lies {pitch.moved_cents:+.1f} cents from A's in the median; beside that it is "
        f"{pitch.error_cents:.1f} cents away.",
        f"GPE {100 * pitch.gpe:.1f} %, VDE {100 * pitch.vde:.1f} %, FFE {100 * pitch.ffe:.1f} %, {jumps}.",
    ]


def _shown(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "silent"


def _difference(one: float, other: float) -> str:
    return f"{other - one:+.1f}" if math.isfinite(other - one) else ""
