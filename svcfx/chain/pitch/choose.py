"""Pick a tracker by name; its library loads only then."""

from svcfx.chain.config import PITCH_NAMES, PitchName
from svcfx.chain.pitch.protocol import PitchTracker
from svcfx.errors import ParamError, nearest


def tracker(name: PitchName) -> PitchTracker:
    """The tracker called `name`; raises `ParamError` naming the nearest."""
    if name == "swift":
        from svcfx.chain.pitch import swift

        return swift.load()
    if name in ("crepe", "crepe-tiny"):
        from svcfx.chain.pitch import crepe

        return crepe.load("full" if name == "crepe" else "tiny")
    allowed = ", ".join(PITCH_NAMES)
    raise ParamError(f"pitch is '{name}', allowed are {allowed}{nearest(str(name), PITCH_NAMES)}")
