"""The sung line of one phrase as a generator of the so-vits-svc families wants it."""

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.config import PitchName
from svcfx.chain.families import GapRule
from svcfx.chain.pitch import octaves
from svcfx.chain.pitch.families import family_track
from svcfx.chain.pitch.gaps import Filled, bridged, reached_early

SLIPPING: tuple[PitchName, ...] = ("swift", "fcpe")
"""Networks that hear each frame for itself; the others look for a path through a take and hardly slip."""


def phrase_f0(
    audio: NDArray[np.float32],
    rate_hz: int,
    hop: int,
    name: PitchName,
    *,
    gaps: GapRule,
    octave_repair: bool,
) -> Filled:
    """Pitch of a mono phrase (n,), frame k being that of samples k * hop to (k + 1) * hop.

    Args:
        gaps: How pitch is followed and its gaps are filled, as the voice's family says.
        octave_repair: Mend short octave errors of swift and fcpe, and hold the octave above 1 kHz where
            others do not reach; without, a tracker has the word as upstream has it.

    Returns:
        f0 in Hz (n // hop,), without gaps but for "open", and voicing (n // hop,), 1 or 0; zeros for silence.

    Raises:
        MissingPartError: The package of the tracker is not installed.
    """
    f0_hz = family_track(audio, rate_hz, hop, name, gaps, octave_repair=octave_repair)
    if octave_repair and name in SLIPPING:
        f0_hz = octaves.repair(np.pad(f0_hz, (octaves.LOOKBACK, octaves.LOOKAHEAD)))
    if gaps == "open":
        return Filled(f0_hz, (f0_hz > 0).astype(np.float64))
    return reached_early(f0_hz) if gaps == "early" else bridged(f0_hz)
