"""A recording that a voice is cloned from: read, mixed, and refused where nobody can be heard in it."""

from dataclasses import dataclass
from pathlib import Path

from svcfx import audio
from svcfx.audio import Samples
from svcfx.chain.analysis import analyse
from svcfx.chain.pitch import Pitch
from svcfx.dsp.polyphony import polyphonic_share
from svcfx.errors import VoiceError
from svcfx.training.cloning.shelving import widened
from svcfx.training.prepare import judging
from svcfx.training.prepare.survey import Survey, mixed, survey

LEAST_SECONDS, LEAST_VOICED_SECONDS = 5.0, 2.0
MOST_SECONDS = 60.0
"""More than that is not read: what a few numbers can hold has been heard by then."""
MOST_POLYPHONIC = 0.65
"""Speech reaches 0.4, two speakers at once 0.5, a chord 1."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A mono recording (n,) and its pitch at 10 ms frames; `notes` are said to whoever gave it."""

    mono: Samples
    sample_rate: int
    pitch: Pitch
    notes: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Length of what was read."""
        return len(self.mono) / self.sample_rate

    @property
    def range_hz(self) -> tuple[float, float]:
        """Lowest and highest note that the singer may be asked for."""
        heard = self.pitch.report()
        return widened(heard.low_hz, heard.high_hz)


def read(path: Path) -> Reference:
    """Read a recording of one voice.

    Raises:
        AudioFileError: It is missing, damaged, or no audio.
        VoiceError: It is too short, silent, clipped, hardly pitched, or holds several voices.
    """
    found = survey(path)
    _require_sound(path, found)
    part = audio.read_part(path, 0, int(MOST_SECONDS * found.sample_rate))
    share = polyphonic_share(part.samples, part.sample_rate)
    if share > MOST_POLYPHONIC:
        raise VoiceError(
            f"'{path}' holds several voices or notes at once ({100 * share:.0f} % of it)",
            hint="give a recording of one voice; `svcfx separate` takes a song apart",
        )
    mono = mixed(part.samples)
    pitch = analyse(mono, part.sample_rate)
    voiced = 0.01 * int(pitch.voiced.sum())
    if voiced < LEAST_VOICED_SECONDS:
        raise VoiceError(
            f"'{path}' has {voiced:.1f} s with a pitch, {LEAST_VOICED_SECONDS:g} s are the least",
            hint="record a few sentences or a verse, near to the microphone",
        )
    return Reference(mono, part.sample_rate, pitch, _notes(found))


def _require_sound(path: Path, found: Survey) -> None:
    if found.seconds < LEAST_SECONDS:
        raise VoiceError(
            f"'{path}' lasts {found.seconds:.1f} s, {LEAST_SECONDS:g} s are the least",
            hint="ten seconds of speech or song are better",
        )
    if fault := judging.recording_fault(found):
        raise VoiceError(f"'{path}' cannot be cloned from: {fault[1]}")
    clipped = float(found.clipped.sum()) / (found.seconds * found.sample_rate)
    if clipped > judging.MOST_CLIPPED_SHARE:
        raise VoiceError(
            f"{100 * clipped:.2g} % of the samples of '{path}' are clipped,"
            f" {100 * judging.MOST_CLIPPED_SHARE:g} % at most",
            hint="record again with less gain",
        )


def _notes(found: Survey) -> tuple[str, ...]:
    notes = []
    if found.channels > 1:
        notes.append(f"its {found.channels} channels were mixed to one")
    if found.seconds > MOST_SECONDS:
        notes.append(f"the first {MOST_SECONDS:g} s of {found.seconds:.0f} were heard")
    return tuple(notes)
