"""What a voice is trained on, worked out for one piece: content, pitch, loudness, spectrogram."""

import contextlib
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch

from svcfx.audio import Samples
from svcfx.chain.config import PitchName
from svcfx.chain.content import builtin, contentvec
from svcfx.chain.content.builtin import BuiltinEncoder
from svcfx.chain.content.contentvec import Encoder
from svcfx.chain.loudness import frame_volume
from svcfx.chain.pitch.phrase import phrase_f0
from svcfx.errors import DatasetError
from svcfx.training import items
from svcfx.training.items import Item
from svcfx.training.prepare.alteration import Alteration, alter
from svcfx.training.prepare.listening import FFT, HOP, RATE, CutPiece, samples_of
from svcfx.training.vits.spectra import Spectra
from svcfx.voices import encoder

FORM = 1
"""Raised when an item made before would be made otherwise now."""


@dataclass(frozen=True, slots=True)
class Features:
    """How features are made: kind of content, the hash of its encoder, the tracker."""

    content_encoder: str
    encoder_sha256: str
    pitch: PitchName

    def key(self, sha256: str, gain_db: float, singer: str, alteration: Alteration | None) -> str:
        """Twelve digits that stand for an item: what it is made of, and how."""
        said = [FORM, RATE, HOP, FFT, self.content_encoder, self.encoder_sha256, self.pitch, sha256, gain_db]
        altered = alteration.facts() if alteration else None
        return hashlib.sha256(json.dumps([*said, singer, altered]).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class FeatureTask:
    """One item to be made at `path`."""

    cut: CutPiece
    singer: str
    features: Features
    alteration: Alteration | None
    path: Path


def make(task: FeatureTask) -> int:
    """Make an item, unless it is there already; returns its frames.

    Raises:
        AudioFileError: Its recording changed since it was heard.
        OutputError: The disk is full.
    """
    if task.path.exists():
        with contextlib.suppress(DatasetError):  # a damaged one is made again
            return items.read(task.path).frames
    sound = samples_of(task.cut)
    if task.alteration is not None:
        sound = alter(sound, RATE, task.alteration)
        sound = sound[: len(sound) // HOP * HOP]
    heard_by = _encoder(str(encoder.place()), task.features.content_encoder)
    made = item(sound, task.singer, heard_by, task.features)
    items.write(made, task.path)
    return made.frames


@torch.inference_mode()
def item(sound: Samples, singer: str, heard_by: Encoder | BuiltinEncoder, features: Features) -> Item:
    """The features of (N,) samples at 44.1 kHz, N whole hops."""
    wave = torch.from_numpy(np.ascontiguousarray(sound, np.float32))
    pitch = phrase_f0(sound, RATE, HOP, features.pitch, gaps="bridged", octave_repair=True)
    return Item(
        singer=singer,
        content=heard_by(contentvec.to_encoder_rate(wave, RATE)).float().numpy(),
        f0_hz=np.asarray(pitch.f0_hz, np.float32),
        voiced=np.asarray(pitch.voiced, np.float32),
        volume=frame_volume(wave[None], HOP)[0].numpy(),
        spectrogram=Spectra(RATE, FFT, HOP).magnitudes(wave[None])[0].numpy(),
        audio=sound,
    )


@cache
def _encoder(_place: str, kind: str) -> Encoder | BuiltinEncoder:
    """One encoder of a kind for the whole process."""
    return encoder.builtin() if kind == builtin.KIND else encoder.load(kind, "in training")
