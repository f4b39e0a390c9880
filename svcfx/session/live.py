"""What sings live, and what its recording says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from svcfx import preset as presets
from svcfx.audio import Encoding, Samples
from svcfx.board import Board
from svcfx.chain.knob_kinds import LookaheadName
from svcfx.chain.knobs import PITCH
from svcfx.documents import is_path
from svcfx.events import Note
from svcfx.node import VoiceConversion
from svcfx.realtime.live import Figures
from svcfx.session import contents, recipe, singers
from svcfx.session.recipe import CONVERTED, MADE, Input, Recipe
from svcfx.session.settings import apply
from svcfx.session.strip_model import Controlled


@dataclass(frozen=True, slots=True)
class Act:
    """A board that is played live, its recipe but for what comes in, and what there is to say of it."""

    board: Board
    recipe: Recipe
    notes: tuple[Note, ...]
    cc: Mapping[int, Controlled] = field(default_factory=dict)
    """Where its preset sends controllers."""


def of_voice(voice: str, settings: Mapping[str, str], lookahead: LookaheadName | None = None) -> Act:
    """A voice by itself, changed by `settings`, which are values by address.

    It looks as far ahead as `lookahead` says; None is a short way where it can.

    Raises:
        VoiceError: There is no such voice.
        ParamError: An address leads nowhere, or a value is out of range.
    """
    board = Board([VoiceConversion(voice)])
    apply(board, settings)
    _look(board, lookahead, settings)
    return _act(board, Recipe(kind="live", inputs=[], settings=_settings(board, settings)))


def of_preset(
    preset: str,
    settings: Mapping[str, str],
    allow_plugins: Sequence[Path] = (),
    lookahead: LookaheadName | None = None,
) -> Act:
    """The board of a preset, changed by `settings`, its voices as `of_voice` has them.

    Raises:
        PresetError: It is missing or wrong.
        ParamError: An address leads nowhere, or a value is out of range.
    """
    file = Path(preset)
    files = [file] if is_path(preset) else []
    loaded, board = presets.opened(file if files else preset, allow_plugins=allow_plugins)
    apply(board, settings)
    _look(board, lookahead, settings)
    inputs = [Input(file=one.name, sha256=recipe.file_sha256(one), kind="preset") for one in files]
    name = file.stem if files else preset
    facts = {name: contents.document_of(loaded)}
    act = _act(board, Recipe(kind="live", inputs=inputs, presets=facts, settings=_settings(board, settings)))
    return replace(act, cc=contents.cc_of(loaded))


def save(act: Act, figures: Figures, source: Path | None, target: Path, played: Samples) -> None:
    """Write what was played, shape (channels, frames), and its recipe; `source` is None for a microphone.

    WAVs hold floats, other files 24 bits.

    Raises:
        OutputError, AudioFileError: As `audio.write`.
    """
    heard = [] if source is None else [Input(file=source.name, sha256=recipe.file_sha256(source))]
    known = ("block_frames", "latency_samples", "dropped_frames")
    how = {name: value for name, value in asdict(figures).items() if name in known}
    made = act.recipe.model_copy(
        update={
            "title": target.stem,
            "inputs": [*heard, *act.recipe.inputs],
            "settings": {**act.recipe.settings, **how},
            "versions": recipe.versions(),
        }
    )
    recipe.write_with(target, played, figures.sample_rate, encoding_of(target), made)


def encoding_of(target: Path) -> Encoding:
    """How samples are held, that peaks above full scale are kept where they can be."""
    return "float" if target.suffix.lower() == ".wav" else "pcm24"


def _settings(board: Board, settings: Mapping[str, str]) -> dict[str, object]:
    """What was set, and how far ahead each voice looks, as recipes have it."""
    voices = contents.voices(board)
    looks = {f"{name}.lookahead": contents.voice(board, name).lookahead for name in voices}
    return {"set": dict(settings), "chosen": looks}


def _look(board: Board, lookahead: LookaheadName | None, settings: Mapping[str, str]) -> None:
    """Have every voice of a board look that far ahead; None is a short way where nothing is in the way."""
    for address in contents.voices(board):
        node = contents.voice(board, address)
        free = not node.cannot_move("lookahead") and node.pitch == PITCH.default and not node.diffusion_depth
        if lookahead is not None or (free and f"{address}.lookahead" not in settings):
            node.lookahead = lookahead or "short"


def _act(board: Board, facts: Recipe) -> Act:
    voices = [singers.placed(voice) for voice in singers.used(board)]
    notes = tuple(singers.licence_notes(voices))
    sung = {
        "statement": CONVERTED if voices else MADE,
        "voices": voices,
        "notes": [note.text for note in notes],
    }
    return Act(board, facts.model_copy(update=sung), notes)
