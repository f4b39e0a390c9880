"""What a person should hear of recordings that can be trained on all the same."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from svcfx.dsp.polyphony import POLYPHONIC_FROM
from svcfx.training.prepare.records import DatasetPiece, SourceRecord

FEW_MINUTES = 5.0
FULL_BAND_HZ = 32_000
LOW_SNR_DB = 20.0


def cautions(sources: Sequence[SourceRecord], pieces: Sequence[DatasetPiece]) -> tuple[str, ...]:
    """A sentence for each, none when all is well."""
    sung = [piece for piece in pieces if piece.altered is None]
    return (*_of_files(sources), *(line for who in _singers(sung) for line in _of_singer(who, sung)))


def _of_files(sources: Sequence[SourceRecord]) -> list[str]:
    said = []
    rates = Counter(source.sample_rate for source in sources)
    if len(rates) > 1:
        listed = ", ".join(f"{count} at {rate} Hz" for rate, count in sorted(rates.items()))
        said.append(f"recordings have different rates ({listed}); all were brought to 44100 Hz")
    dull = [source for source in sources if source.sample_rate < FULL_BAND_HZ]
    if dull:
        said.append(
            f"{_count(dull)} below {FULL_BAND_HZ} Hz ('{dull[0].label}' at {dull[0].sample_rate} Hz):"
            " the voice will sound as dull as they do"
        )
    wide = [source for source in sources if source.channels > 1]
    if wide:
        said.append(f"{_count(wide)} not mono ('{wide[0].label}' first); their channels were mixed")
    quiet = [source for source in sources if source.gain_db > 0]
    if quiet:
        said.append(
            f"{_count(quiet)} quiet ('{quiet[0].label}' by {quiet[0].gain_db:.0f} dB) and made louder"
        )
    return said


def _of_singer(singer: str, sung: Sequence[DatasetPiece]) -> list[str]:
    own = [piece for piece in sung if piece.singer == singer]
    minutes = sum(piece.seconds for piece in own) / 60.0
    said = []
    if minutes < FEW_MINUTES:
        said.append(f"'{singer}' has {minutes:.1f} minutes; ten make a better voice")
    if len(own) == 1:
        said.append(f"'{singer}' has one piece only: nothing is left to validate with")
    noise = median(piece.snr_db for piece in own)
    if noise < LOW_SNR_DB:
        said.append(
            f"'{singer}' is {noise:.0f} dB above the noise: the voice will hiss; {LOW_SNR_DB:g} dB do"
        )
    if median(piece.several_share for piece in own) > POLYPHONIC_FROM:
        said.append(
            f"'{singer}' sounds like several notes at once: is there music or a choir behind the voice?"
        )
    return said


def _singers(pieces: Sequence[DatasetPiece]) -> list[str]:
    return sorted({piece.singer for piece in pieces})


def _count(sources: Sequence[SourceRecord]) -> str:
    return f"{len(sources)} recordings are" if len(sources) > 1 else "one recording is"
