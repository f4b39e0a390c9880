"""Find, read, check and save presets."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from svcfx import atomic
from svcfx.documents import is_path
from svcfx.errors import ParamError, PresetError, VoiceError, nearest
from svcfx.events import AsWarnings, Events, Note
from svcfx.preset import document, reach
from svcfx.preset.document import DEEPEST, NodeEntry, Preset

if TYPE_CHECKING:
    from svcfx.board import Board
    from svcfx.board.spec import Slot

WARNINGS = AsWarnings()
VOICES = ("VoiceConversion", "voice", "voice_conversion")
"""How a file names the node that sings."""
DEFAULT_VOICE = "vela"
_HERE = Path(__file__).resolve().parent


def shipped_folder() -> Path:
    """Where the presets that ship are: in the package, or beside it in a checkout."""
    packed = _HERE / "shipped"
    return packed if packed.is_dir() else _HERE.parents[1] / "presets"


def names() -> list[str]:
    """Names of the presets that ship."""
    return sorted(path.stem for path in shipped_folder().glob("*.toml"))


def outline(name_or_path: str | Path) -> Preset:
    """A preset as its file says, `extends` not followed and parameters not checked: quick, loads nothing."""
    path = locate(name_or_path)
    return document.parse(document.read_text(path), path)


def load(
    name_or_path: str | Path, *, allow_plugins: Sequence[Path] = (), events: Events = WARNINGS
) -> Preset:
    """A preset with `extends` worked in and every node and parameter checked.

    Args:
        name_or_path: A shipped preset's name, or a file (with a suffix or a folder in it).
        allow_plugins: Plugin files that the preset may open by path.
        events: Is told when a voice is another build than the preset was made with.

    Raises:
        PresetError: It is missing or wrong; file, key path, value, what is allowed and the nearest name.
    """
    return opened(name_or_path, allow_plugins=allow_plugins, events=events)[0]


def opened(
    name_or_path: str | Path,
    *,
    allow_plugins: Sequence[Path] = (),
    device: str = "",
    events: Events = WARNINGS,
) -> "tuple[Preset, Board]":
    """A preset as `load` gives it, its voices on `device`, and the board that was made in checking it."""
    preset = foreseen(name_or_path)
    preset._allowed, preset._device = tuple(Path(path) for path in allow_plugins), device
    board: Board = preset.build()
    for mistake in map_mistakes(preset, board.slots):
        raise mistake
    preset._remarks = channel_remarks(board)
    for text in _other_voices(preset.name, preset.nodes):
        events.note(Note("voice-changed", text))
    for text in _other_plugins(preset.name, preset.nodes, board.slots):
        events.note(Note("plugin-changed", text))
    return preset, board


def foreseen(name_or_path: str | Path) -> Preset:
    """A preset with `extends` worked in, refused for what the cards of its voices alone say: unknown
    singers, and knobs for which a voice has no part. Loads neither plugins nor weights."""
    preset = resolved(outline(name_or_path))
    _refuse_voices(preset, preset.nodes, "nodes")
    return preset


def holds_plugins(preset: Preset) -> bool:
    """Whether a node of it is a VST3; none is opened to know it."""
    return any(_holds_plugins(entry) for entry in preset.nodes)


def _holds_plugins(entry: NodeEntry) -> bool:
    from svcfx.node import catalog
    from svcfx.preset import make

    if entry.node in (*make.CHAINS, *make.MIXES, *make.DRY):
        return any(_holds_plugins(inner) for inner in entry.nodes or ())
    return not catalog.class_named(entry.node)


def _refuse_voices(preset: Preset, entries: Sequence[NodeEntry], key: str) -> None:
    from svcfx.voices import lacking

    for number, entry in enumerate(entries, 1):
        at = f"{key}[{number}]"
        _refuse_voices(preset, entry.nodes or (), f"{at}.nodes")
        if entry.node not in VOICES:
            continue
        parameters = entry.parameters
        try:
            lacking.refuse(str(parameters.pop("voice", DEFAULT_VOICE)), parameters)
        except VoiceError as error:
            raise PresetError(f"preset '{preset.path}': {at}: {error.message}", hint=error.hint) from error


def _other_voices(name: str, entries: Sequence[NodeEntry]) -> Iterator[str]:
    """A sentence for each voice that is another build than the preset was made with."""
    from svcfx.voices import shelf

    for entry in entries:
        yield from _other_voices(name, entry.nodes or ())
        voice = str(entry.parameters.get("voice", DEFAULT_VOICE))
        if not entry.voice_sha256 or entry.bypassed or shelf.find(voice).sha256 == entry.voice_sha256:
            continue
        yield (
            f"preset '{name}' was made with another build of the voice '{voice}' ({entry.voice_sha256[:8]}, "
            f"here is {shelf.find(voice).sha256[:8]}): it may sound different"
        )


def _other_plugins(name: str, entries: Sequence[NodeEntry], slots: "Sequence[Slot]") -> Iterator[str]:
    """A sentence for each VST3 of another version than the one whose state the preset holds."""
    from svcfx.board.spec import slots_of
    from svcfx.node import native

    for entry, slot in zip(entries, slots, strict=True):
        node = slot.node
        if entry.nodes:
            yield from _other_plugins(name, entry.nodes, slots_of(node))
        if not native.is_external(node) or entry.plugin_version in (None, str(node.version)):
            continue
        yield (
            f"preset '{name}' holds the state of {node.name} {entry.plugin_version}, and here is "
            f"{node.version or 'one without a version'}: it may sound different"
        )


def check(path: str | Path, *, allow_plugins: Sequence[Path] = ()) -> Preset:
    """The same as `load`: a preset that loads is right."""
    return load(path, allow_plugins=allow_plugins)


def channel_remarks(board: Any) -> tuple[str, ...]:
    """What is done with the channels of each VST3 on a board that does not take both mono and stereo: one
    sentence each, for whoever checks a preset."""
    from svcfx.board import spec
    from svcfx.node import channels, native

    found = [(node.name, channels.told(node)) for node in spec.tree(board) if native.is_external(node)]
    return tuple(f"plug-in '{name}' {said}" for name, said in found if said)


def save(preset: Preset, path: Path | str) -> None:
    """Write a preset, whole or not at all: as it was read, comments and numbers untouched, or made anew.

    Raises:
        PresetError: It extends a file beside it that is not beside `path`.
        OutputError: The file cannot be written.
    """
    path, extends = Path(path), preset.extends
    if preset.text and extends and is_path(extends) and not (path.parent / extends).is_file():
        raise PresetError(
            f"'{preset.name}' extends '{extends}', which is not beside '{path}'", hint="copy that one first"
        )
    text = preset.text or _made(preset)
    with atomic.atomic(path) as temporary:
        temporary.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", newline="")


def locate(name_or_path: str | Path) -> Path:
    """The file of a preset: a path, or the name of one that ships."""
    if isinstance(name_or_path, Path) or is_path(name_or_path):
        return Path(name_or_path)
    known = names()
    if name_or_path not in known:
        raise PresetError(
            f"no preset is called '{name_or_path}'{nearest(name_or_path, known)}",
            hint=f"there are {', '.join(known)}; a file is written with its .toml",
        )
    return shipped_folder() / f"{name_or_path}.toml"


def resolved(preset: Preset) -> Preset:
    """`preset` with `extends` worked in; `PresetError` when that leads nowhere or round in a circle."""
    return _resolved(preset, ())


def _resolved(preset: Preset, seen: tuple[Path, ...]) -> Preset:
    if preset.extends is None:
        return preset
    where = (preset.path or Path()).resolve()
    if where in seen or len(seen) >= DEEPEST:
        raise PresetError(f"preset '{preset.path}' extends itself, or more than {DEEPEST} others")
    base = _resolved(_base_of(preset), (*seen, where))
    merged = preset.model_copy(
        update={"nodes": _merged(base.nodes, preset.nodes), "midi": preset.midi or base.midi}
    )
    merged._text, merged._path = preset.text, preset.path
    return merged


def _base_of(preset: Preset) -> Preset:
    assert preset.extends is not None
    try:
        if is_path(preset.extends):
            return outline(reach.inside(preset, preset.extends, "extends"))
        return outline(preset.extends)
    except PresetError as error:
        if error.message.startswith("preset '"):
            raise
        raise PresetError(f"preset '{preset.path}': {error.message}", hint=error.hint) from error


def _merged(base: Sequence[NodeEntry], own: Sequence[NodeEntry]) -> tuple[NodeEntry, ...]:
    """Nodes of `base` with those of `own` worked in: one with the same name (or, without a name, the same
    `node`) changes that one's parameters, any other is added at the end."""
    made = list(base)
    taken: set[int] = set()
    for entry in own:
        at = next((i for i, old in enumerate(base) if i not in taken and _same(old, entry)), None)
        if at is None:
            made.append(entry)
            continue
        taken.add(at)
        given = entry.model_dump(exclude_unset=True)
        kept = {} if entry.nodes is None else {"nodes": entry.nodes}
        made[at] = NodeEntry(**{**base[at].model_dump(exclude_unset=True), **given, **kept})
    return tuple(made)


def _same(old: NodeEntry, new: NodeEntry) -> bool:
    return old.name == new.name if new.name or old.name else old.node == new.node


def _made(preset: Preset) -> str:
    from svcfx.preset.writing import to_toml  # here: it loads pedalboard

    return to_toml(preset)


def map_mistakes(preset: Preset, slots: Sequence[Any]) -> Iterator[PresetError]:
    """A mistake for each controller of a preset's [midi] map that leads to no parameter that can move, or
    out of its range."""
    if preset.midi is None:
        return
    from svcfx.board import address
    from svcfx.node import knob_ranges

    for number, control in preset.midi.cc.items():
        at = f"preset '{preset.path}': midi.cc.{number}"
        try:
            node, parameter = address.find(slots, control.to)
            allowed = knob_ranges.range_of(node, parameter, control.to.rpartition(".")[0])
        except ParamError as error:
            yield PresetError(f"{at}.to: {error.message}", hint=error.hint)
            continue
        for key in ("low", "high", "centre"):
            value = getattr(control, key)
            if value is not None and not allowed.low <= value <= allowed.high:
                yield PresetError(f"{at}.{key} is {value:g}, outside {allowed.span}")
