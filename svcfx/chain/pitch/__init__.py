"""Pitch trackers behind one interface."""

from svcfx.chain.pitch.choose import identity as identity
from svcfx.chain.pitch.choose import tracker as tracker
from svcfx.chain.pitch.protocol import Pitch as Pitch
from svcfx.chain.pitch.protocol import PitchReport as PitchReport
from svcfx.chain.pitch.protocol import PitchTracker as PitchTracker
from svcfx.chain.pitch.protocol import joined as joined
