"""`svcfx plugins`: which VST3s this machine has, what they take, and what their parameters are called."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from svcfx.cli.table import one_line, table
from svcfx.errors import PresetError, nearest
from svcfx.node import plugin_scan
from svcfx.node.plugin_scan import PATIENCE_SECONDS, Scanned

if TYPE_CHECKING:
    from svcfx.node.plugin_facts import ParameterFacts, PluginFacts

_KEPT = "plugins.json"
_PATH = click.option(
    "--path", "folders", type=click.Path(path_type=Path), multiple=True, metavar="FOLDER",
    help="Look here too, beside the system's own folders.",
)  # fmt: skip
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object a plugin.")
_SHOWN = 6


@click.group()
def plugins() -> None:
    """List the VST3s of this machine, and what their parameters are called.

    Each file is opened once, by a process of its own: a plugin that crashes or hangs takes nothing down and
    is named. What it said is kept until its file changes.

    \b
    svcfx plugins list
    svcfx plugins show ZamCompX2
    svcfx plugins scan --path ~/vst3 --again
    """


@plugins.command(name="list")
@_PATH
@_JSON
def list_(folders: Sequence[Path], as_json: bool) -> None:
    """List the VST3s that can be used, and those that cannot with the reason."""
    found = _opened(_files(folders))
    pairs = [(scanned.path, each) for scanned in found for each in scanned.plugins]
    if as_json:
        for path, each in pairs:
            _tell_as_json(path, each)
    elif pairs:
        rows = [
            (each.name, each.maker, _kind(each), _channels(each), f"{each.latency_samples}", str(path))
            for path, each in pairs
        ]
        click.echo(table(("NAME", "MAKER", "KIND", "TAKES", "LATENCY", "FILE"), rows))
    else:
        click.echo("no VST3 was found", err=True)
    _tell_failures(found)


@plugins.command()
@_PATH
@click.option("--again", is_flag=True, help="Open also what is known.")
@click.option("--patience", "patience_seconds", type=click.FloatRange(min=1.0),
              default=PATIENCE_SECONDS, show_default=True, metavar="S",
              help="When a file that says nothing is given up.")  # fmt: skip
def scan(folders: Sequence[Path], again: bool, patience_seconds: float) -> None:
    """Open the VST3s that are new or have changed, and say which cannot be opened."""
    found = _opened(_files(folders), again=again, patience_seconds=patience_seconds)
    count = sum(len(each.plugins) for each in found)
    failed = [each for each in found if each.failure]
    click.echo(f"{count} plugins in {len(found) - len(failed)} files; {len(failed)} files cannot be used")
    _tell_failures(found)


@plugins.command()
@click.argument("name", metavar="NAME|FILE")
@_PATH
@_JSON
def show(name: str, folders: Sequence[Path], as_json: bool) -> None:
    """Print all that is known of the VST3 called NAME, or of those in FILE: parameters, units, ranges."""
    file = Path(name)
    is_file = file.suffix.lower() == ".vst3" and file.exists()
    found = _opened([file] if is_file else [path for path in _files(folders) if path.stem == name])
    wanted = _wanted(name, found, is_file)
    if not wanted and not is_file:
        found = _opened(_files(folders))
        wanted = _wanted(name, found, is_file)
    if not wanted:
        raise PresetError(_absent(name, found, is_file), hint="`svcfx plugins list` shows what is there")
    for path, each in wanted:
        (_tell_as_json if as_json else _tell)(path, each)


def _wanted(name: str, found: list[Scanned], is_file: bool) -> "list[tuple[Path, PluginFacts]]":
    return [
        (scanned.path, each)
        for scanned in found
        for each in scanned.plugins
        if is_file or name in (each.name, each.identifier)
    ]


def _absent(name: str, found: list[Scanned], is_file: bool) -> str:
    for scanned in found:
        if scanned.failure and (is_file or scanned.path.stem == name):
            return f"the VST3 '{scanned.path}' cannot be used: {scanned.failure}"
    known = [each.name for scanned in found for each in scanned.plugins]
    return f"no VST3 '{one_line(name)}' was found{nearest(name, known)}"


def _files(folders: Sequence[Path]) -> list[Path]:
    """Those of the system, and those of these folders."""
    from svcfx.node import plugins

    return list(dict.fromkeys([*plugins.installed(), *plugin_scan.files(folders)]))


def _opened(
    paths: Sequence[Path], *, again: bool = False, patience_seconds: float = PATIENCE_SECONDS
) -> list[Scanned]:
    """What is in each file, known or asked now, with progress told."""
    from svcfx.voices import home

    kept = home.cache() / _KEPT
    return plugin_scan.scan(
        paths, kept, again=again, patience_seconds=patience_seconds, on_done=_tell_done, on_wait=_tell_wait
    )


def _tell_done(scanned: Scanned) -> None:
    click.echo(f"opened {scanned.path.name}", err=True)


def _tell_wait(path: Path, seconds: float) -> None:
    click.echo(f"{path.name} is being opened, {seconds:.0f} s so far (Ctrl-C stops)", err=True)


def _tell_failures(found: list[Scanned]) -> None:
    for scanned in found:
        if scanned.failure:
            click.echo(f"Warning: '{scanned.path}' cannot be used: {scanned.failure}", err=True)


def _kind(facts: "PluginFacts") -> str:
    return "instrument" if facts.instrument else "effect"


def _channels(facts: "PluginFacts") -> str:
    words = {(): "-", (1,): "mono", (2,): "stereo", (1, 2): "mono, stereo"}
    return words[facts.channels]


def _tell_as_json(path: Path, facts: "PluginFacts") -> None:
    click.echo(json.dumps({"file": str(path), **facts.plain()}, ensure_ascii=False))


def _tell(path: Path, facts: "PluginFacts") -> None:
    """A plugin, its parameters, and the lines of a preset, or of a session, that use it."""
    click.echo(f"{one_line(facts.name)} {one_line(facts.version)} by {one_line(facts.maker)}")
    for label, value in (
        ("kind", f"{_kind(facts)}, {facts.category}" if facts.category else _kind(facts)),
        ("takes", _channels(facts)),
        ("latency", f"{facts.latency_samples} samples at 44.1 kHz"),
        ("identifier", facts.identifier),
        ("file", str(path)),
    ):
        click.echo(f"  {label:10} {one_line(value)}")
    rows = [(each.name, _range(each), each.unit, _value(each.value)) for each in facts.parameters]
    click.echo(f"\n{table(('PARAMETER', 'RANGE', 'UNIT', 'STANDS AT'), rows)}")
    name = json.dumps(facts.name, ensure_ascii=False)
    if facts.instrument:
        click.echo('\nIn a session with a MIDI file:\n\n[[stems]]\ntrack = "Keys"\nrole = "accompaniment"')
        click.echo(f"instrument = {{ vst3 = {name} }}")
        return
    click.echo(f"\nIn a preset:\n\n[[nodes]]\nnode = {name}")
    movable = next(
        (each for each in facts.parameters if each.low is not None and each.unit != "frames"), None
    )
    if movable is not None:
        click.echo(f"{movable.name} = {_value(movable.value)}")


def _range(parameter: "ParameterFacts") -> str:
    if parameter.low is not None and parameter.high is not None:
        return f"{parameter.low:g} to {parameter.high:g}"
    if isinstance(parameter.value, bool):
        return "true, false"
    shown = ", ".join(parameter.choices[:_SHOWN])
    more = len(parameter.choices) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown or "many words"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
