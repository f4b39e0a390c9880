"""Singers that nobody is: morphs of three engine voices through tract, formant and tone changes.

Each engine voice is first brought to one neutral vocal-tract length, so that its formants meet the
others' before the log envelopes are averaged; then the identity's own tract factor, formant
displacement, sharpening, equaliser and tilt apply. All of it is one matrix per engine voice and one bias.
"""

import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from svcfx.chain.parametric import bands

Array = NDArray[np.float64]
_NEPER = np.log(10.0) / 20.0

BASE_VOICES = ("slt", "rms", "kal16")
NEUTRAL_TRACT = (0.88, 1.08, 1.11)
"""What brings each base voice to one tract length (matched on vowel means from 250 Hz to 5 kHz)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One synthetic singer. `weights` are of `BASE_VOICES`; knots lie evenly on the mel axis."""

    name: str
    weights: tuple[float, float, float]
    tract: float
    formant_knots: tuple[float, ...] = (0.0,) * 5
    eq_db_knots: tuple[float, ...] = (0.0,) * 7
    tilt_db_per_octave: float = 0.0
    sharpness: float = 1.0
    breath_exponent: float = 1.0


VELA = Identity(
    name="vela",
    weights=(0.55, 0.20, 0.25),
    tract=1.10,
    formant_knots=(0.03, -0.02, 0.035, 0.0, -0.02),
    eq_db_knots=(0.0, 1.0, 0.0, -1.0, 1.5, 2.0, 0.0),
    tilt_db_per_octave=-0.3,
    sharpness=1.25,
    breath_exponent=0.9,
)
CORIN = Identity(
    name="corin",
    weights=(0.15, 0.40, 0.45),
    tract=0.88,
    formant_knots=(-0.02, 0.03, -0.03, 0.02, 0.0),
    eq_db_knots=(1.0, 0.5, -1.0, 0.0, 1.5, 0.5, 0.0),
    tilt_db_per_octave=0.3,
    sharpness=1.25,
    breath_exponent=1.1,
)
SHIPPED: tuple[Identity, ...] = (VELA, CORIN)


@dataclass(frozen=True, slots=True)
class Morph:
    """An identity as numbers: matrices (3, 80, 80), bias (80,), weights (3,), aperiodicity exponent."""

    matrices: Array
    bias: Array
    weights: Array
    breath_exponent: float

    def envelope(self, base: Array) -> Array:
        """Target envelope (T, 80) of the base voices' aligned envelopes (3, T, 80)."""
        return np.asarray(np.einsum("vtb,vcb->tc", base, self.matrices) + self.bias)

    def aperiodicity(self, base: Array) -> Array:
        """Target aperiodicity (T, 6) of the base voices' (3, T, 6)."""
        mean = np.einsum("vta,v->ta", base, self.weights)
        return np.asarray(np.clip(mean, 1e-3, 1.0) ** self.breath_exponent)


@cache
def morph(identity: Identity) -> Morph:
    """The linear maps of an identity."""
    shape = bands.sharpening(identity.sharpness)
    local = np.exp(_curve(identity.formant_knots)) * identity.tract
    matrices = [
        weight * shape @ bands.warp(local * neutral)
        for weight, neutral in zip(identity.weights, NEUTRAL_TRACT, strict=True)
    ]
    bias = _NEPER * _curve(identity.eq_db_knots) + bands.tilt(identity.tilt_db_per_octave)
    return Morph(np.array(matrices), bias, np.array(identity.weights), identity.breath_exponent)


def random_identity(seed: int) -> Identity:
    """Another singer, a function of its seed; many of them teach the encoder to forget who sings."""
    random = np.random.default_rng(zlib.crc32(f"identity {seed}".encode()))
    weights = random.dirichlet((0.8, 0.8, 0.8))
    return Identity(
        name=f"other-{seed}",
        weights=(float(weights[0]), float(weights[1]), float(weights[2])),
        tract=float(np.exp(random.uniform(np.log(0.82), np.log(1.22)))),
        formant_knots=tuple(random.normal(0.0, 0.035, 5).tolist()),
        eq_db_knots=tuple(random.normal(0.0, 2.0, 7).tolist()),
        tilt_db_per_octave=float(random.normal(0.0, 1.0)),
        sharpness=float(random.uniform(1.0, 1.35)),
        breath_exponent=float(random.uniform(0.6, 1.5)),
    )


def _curve(knots: tuple[float, ...]) -> Array:
    """Knots drawn out evenly over the 80 bands, shape (80,)."""
    return np.asarray(np.interp(np.linspace(0.0, 1.0, bands.BANDS), np.linspace(0.0, 1.0, len(knots)), knots))
