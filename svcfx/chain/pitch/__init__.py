"""Pitch trackers behind one interface."""

from svcfx.chain.pitch.protocol import Pitch as Pitch
from svcfx.chain.pitch.protocol import PitchReport as PitchReport
from svcfx.chain.pitch.protocol import PitchTracker as PitchTracker
from svcfx.chain.pitch.protocol import joined as joined
from svcfx.chain.pitch.trackers import identity as identity
from svcfx.chain.pitch.trackers import tracker as tracker
