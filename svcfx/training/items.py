"""One take of a prepared dataset: its cached features, in one .npz. Only programs read it."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from svcfx.atomic import atomic
from svcfx.errors import DatasetError

Floats = NDArray[np.float32]
AGAIN = "Run `svcfx train prepare` again."
_ARRAYS = ("content", "f0_hz", "voiced", "volume", "spectrogram", "audio")


@dataclass(frozen=True, eq=False)
class Item:
    """One take of one singer. C content channels, S units at 50 a second, T frames, N = hop T samples.

    Attributes:
        singer: Name, one of the index's.
        content: (C, S) as the encoder gives it, not yet spread over frames: families differ in how.
        f0_hz: (T,), gaps filled as for singing; 0 only where nothing at all was voiced.
        voiced: (T,), 1 where a pitch was heard before filling, else 0.
        volume: (T,) root mean square of the frame.
        spectrogram: (fft / 2 + 1, T) magnitudes, as `training.vits.spectra.magnitudes` makes them.
        audio: (N,), -1 to 1.
    """

    singer: str
    content: Floats
    f0_hz: Floats
    voiced: Floats
    volume: Floats
    spectrogram: Floats
    audio: Floats

    @property
    def frames(self) -> int:
        """T."""
        return len(self.f0_hz)


def write(item: Item, path: Path) -> None:
    """Write an item, whole or not at all; the same item gives the same bytes.

    Raises:
        OutputError: The disk is full, or the folder cannot be written.
    """
    _check(item, path.name)
    arrays = {name: np.asarray(getattr(item, name), np.float32) for name in _ARRAYS}
    with atomic(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, singer=np.array(item.singer), **arrays)


def read(path: Path) -> Item:
    """Read what `write` wrote; raises `DatasetError` when it is missing, damaged or does not fit itself."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: np.asarray(stored[name], np.float32) for name in _ARRAYS}
            item = Item(singer=str(stored["singer"]), **arrays)
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise DatasetError(f"item '{path.name}' cannot be read: {error}", hint=AGAIN) from error
    _check(item, path.name)
    return item


def _check(item: Item, name: str) -> None:
    """Raise `DatasetError` when an item's arrays are of different lengths, or hold NaN."""
    lengths = {key: getattr(item, key).shape[-1] for key in ("f0_hz", "voiced", "volume", "spectrogram")}
    if len(set(lengths.values())) != 1 or item.content.ndim != 2 or item.audio.ndim != 1:
        shapes = ", ".join(f"{key} {getattr(item, key).shape}" for key in _ARRAYS)
        raise DatasetError(f"item '{name}': its arrays do not fit each other ({shapes})", hint=AGAIN)
    broken = [key for key in _ARRAYS if not np.isfinite(getattr(item, key)).all()]
    if broken:
        raise DatasetError(f"item '{name}' holds NaN or infinite numbers in {', '.join(broken)}", hint=AGAIN)
