"""Shallow diffusion of the so-vits-svc 4.1 family: a mel half drowned in noise is drawn again, better."""

from svcfx.chain.diffusion.refiner import Refiner
from svcfx.chain.diffusion.schedule import NoiseSchedule
from svcfx.chain.diffusion.shallow import METHODS, Method, Pace, pace_for_depth, refine, sample
from svcfx.chain.diffusion.unit2mel import Sizes, Unit2Mel, build

__all__ = [
    "METHODS",
    "Method",
    "NoiseSchedule",
    "Pace",
    "Refiner",
    "Sizes",
    "Unit2Mel",
    "build",
    "pace_for_depth",
    "refine",
    "sample",
]
