"""Pick a tracker by name; its library loads only then."""

from typing import cast

from svcfx import digest
from svcfx.chain import places
from svcfx.chain.config import PITCH, PitchName
from svcfx.chain.pitch.protocol import PitchTracker


def identity(name: str) -> str:
    """What a tracker's pitch depends on beside the audio: its name, and weights that its library lacks."""
    weights = places.rmvpe_weights() if name == "rmvpe" else None
    return name if weights is None else f"{name} {digest.of_file(weights)}"


def tracker(name: str, *, octave_repair: bool = True) -> PitchTracker:
    """The tracker called `name` for windows of a stem; `octave_repair` as in `phrase_f0`.

    Raises:
        ParamError: There is none; the nearest is named.
        MissingPartError: Its package is not installed.
    """
    chosen = cast(PitchName, PITCH.check(name))
    if chosen == "swift":
        from svcfx.chain.pitch import swift

        return swift.load()
    if chosen == "crepe" or chosen == "crepe-tiny":
        from svcfx.chain.pitch import crepe

        return crepe.load(crepe.capacity_of(chosen))
    from svcfx.chain.pitch.above import Windowed

    if chosen == "fcpe":
        from svcfx.chain.pitch import fcpe

        return Windowed(fcpe.load().whole, octave_repair)
    if chosen == "rmvpe":
        from svcfx.chain.pitch import rmvpe

        return Windowed(rmvpe.load().whole, octave_repair)
    if chosen == "praat":
        from svcfx.chain.pitch.praat import praat_whole

        return Windowed(praat_whole, octave_repair)
    from svcfx.chain.pitch.world import world_whole

    return Windowed(world_whole(chosen), octave_repair)
