"""What sings live, and what its recording says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from svcfx import preset as presets
from svcfx.audio import Encoding, Samples
from svcfx.board import Board
from svcfx.documents import is_path
from svcfx.events import Note
from svcfx.node import VoiceConversion
from svcfx.realtime.live import Figures
from svcfx.session import contents, recipe, singers
from svcfx.session.recipe import CONVERTED, MADE, Input, Recipe
from svcfx.session.settings import apply


@dataclass(frozen=True, slots=True)
class Act:
    """A board that is played live, its recipe but for what comes in, and what there is to say of it."""

    board: Board
    recipe: Recipe
    notes: tuple[Note, ...]


def of_voice(voice: str, settings: Mapping[str, str]) -> Act:
    """A voice by itself, changed by `settings`, which are values by address.

    Raises:
        VoiceError: There is no such voice.
        ParamError: An address leads nowhere, or a value is out of range.
    """
    board = Board([VoiceConversion(voice)])
    apply(board, settings)
    return _act(board, Recipe(kind="live", inputs=[], settings={"set": dict(settings)}))


def of_preset(preset: str, settings: Mapping[str, str], allow_plugins: Sequence[Path] = ()) -> Act:
    """The board of a preset, changed by `settings`.

    Raises:
        PresetError: It is missing or wrong.
        ParamError: An address leads nowhere, or a value is out of range.
    """
    file = Path(preset)
    files = [file] if is_path(preset) else []
    loaded, board = presets.opened(file if files else preset, allow_plugins=allow_plugins)
    apply(board, settings)
    inputs = [Input(file=one.name, sha256=recipe.file_sha256(one), kind="preset") for one in files]
    name = file.stem if files else preset
    facts = {name: contents.document_of(loaded)}
    return _act(board, Recipe(kind="live", inputs=inputs, presets=facts, settings={"set": dict(settings)}))


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


def _act(board: Board, facts: Recipe) -> Act:
    voices = singers.used(board)
    notes = tuple(singers.licence_notes(voices))
    sung = {
        "statement": CONVERTED if voices else MADE,
        "voices": voices,
        "notes": [note.text for note in notes],
    }
    return Act(board, facts.model_copy(update=sung), notes)
