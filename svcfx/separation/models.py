"""The networks that take songs apart: which there are, where they lie, and how each reads a spectrum.

They are MDX-Nets as Ultimate Vocal Remover publishes them. A file of another kind (.pth, .ckpt, .th) is a
pickle, which runs whatever its maker put into it, and is never opened.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from svcfx.errors import HubError, SeparationError, VoiceError, nearest
from svcfx.voices import home, hub
from svcfx.voices.card import sha256_of
from svcfx.voices.repository import Repository

DEFAULT = "voc-ft"
REPOSITORY = "Blane187/all_public_uvr_models"
"""A mirror on the hub; what comes from it must hash to what is written here."""
PUBLISHED = "github.com/TRvlvr/model_repo, release all_public_uvr_models"
_STEMS = {"Vocals": True, "Instrumental": False}


@dataclass(frozen=True)
class Reading:
    """How a network reads and writes sound.

    Attributes:
        fft: Samples of a transform.
        hop: Samples between transforms.
        compensate: What its output is multiplied with.
        sings: Whether the output is the vocals; else it is the accompaniment.
    """

    fft: int
    hop: int = 1024
    compensate: float = 1.0
    sings: bool = True

    @property
    def about(self) -> str:
        """Which of the two parts it gives; the other is what that leaves of the song."""
        return f"gives the {'vocals' if self.sings else 'accompaniment'}"


@dataclass(frozen=True)
class Published:
    """A network that is fetched by name."""

    file: str
    sha256: str
    reading: Reading


KNOWN: dict[str, Published] = {
    "voc-ft": Published(
        "UVR-MDX-NET-Voc_FT.onnx",
        "534b2070fcc7df514b13ef660dc8cbb328679c2374d04354a5c42bb14ecce111",
        Reading(7680, compensate=1.021),
    ),
    "inst-hq-3": Published(
        "UVR-MDX-NET-Inst_HQ_3.onnx",
        "317554b07fe1ea5279a77f2b1520a41ea4b93432560c4ffd08792c30fddf9adc",
        Reading(6144, compensate=1.022, sings=False),
    ),
}


def find(model: str, on_note: Callable[[str], None]) -> tuple[Path, Reading]:
    """The file of a network and how it reads: one of `KNOWN`, fetched once, or an .onnx file of one's own.

    Raises:
        SeparationError: Nothing is called so, or the file is of another kind or not the published one.
        HubError: It is not here, and the hub does not answer; the sentence says what to put where.
    """
    if model in KNOWN:
        return _published(KNOWN[model], on_note), KNOWN[model].reading
    path = Path(model)
    if path.suffix.lower() != ".onnx":
        if path.suffix:
            raise SeparationError(
                f"'{path.name}' is no ONNX file: other kinds are pickled classes, which can run any code",
                hint=f"use an MDX-Net as .onnx, or one of {', '.join(KNOWN)}",
            )
        raise SeparationError(
            f"no separation model is called '{model}'{nearest(model, KNOWN)}",
            hint=f"there are {', '.join(KNOWN)}; or give an .onnx file",
        )
    if not path.is_file():
        raise SeparationError(f"'{path}' does not exist")
    return path, _reading_of(path)


def place() -> Path:
    """Where fetched networks lie."""
    return home.home() / "separators"


def _published(known: Published, on_note: Callable[[str], None]) -> Path:
    """The file of a known network, checked against its hash each time."""
    path = place() / known.file
    if not path.is_file():
        on_note(f"fetching {known.file} (67 MB, once), from {REPOSITORY}")
        _fetch(known, path)
    found = sha256_of(path)
    if found != known.sha256:
        raise SeparationError(
            f"'{path}' hashes to {found[:12]}, the published file has {known.sha256[:12]}",
            hint="delete it; it is fetched again",
        )
    return path


def _fetch(known: Published, path: Path) -> None:
    coming = place() / "coming"
    try:
        listed = hub.listing(Repository(REPOSITORY))
        if known.file not in listed.files:
            raise HubError(f"'{REPOSITORY}' does not hold it any more")
        hub.fetch(listed, [known.file], coming)
    except (HubError, VoiceError) as error:
        raise HubError(
            f"the separation model {known.file} is not here yet, and {error.message}",
            hint=f"download {known.file} elsewhere ({PUBLISHED}) and put it at {path}",
        ) from error
    hub.require_hash(coming / known.file, known.sha256, known.file)
    (coming / known.file).replace(path)
    shutil.rmtree(coming, ignore_errors=True)


def _reading_of(path: Path) -> Reading:
    """Of a published file wherever it lies, else what a JSON beside it says, by the names UVR uses."""
    digest = sha256_of(path)
    for known in KNOWN.values():
        if known.sha256 == digest:
            return known.reading
    beside = path.with_suffix(".json")
    try:
        document = json.loads(beside.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SeparationError(
            f"nothing is known of '{path.name}': how long its transforms are, and what it gives",
            hint=f'write {beside.name} beside it: {{"mdx_n_fft_scale_set": 6144, "primary_stem": "Vocals",'
            ' "compensate": 1.0}, as its maker says',
        ) from error
    except (OSError, ValueError) as error:
        raise SeparationError(f"'{beside.name}' cannot be read: {error}") from error
    return _parsed(beside.name, document)


def _parsed(name: str, document: Any) -> Reading:
    values: Mapping[str, Any] = document if isinstance(document, dict) else {}
    fft, hop = values.get("mdx_n_fft_scale_set"), values.get("hop_length", 1024)
    compensate, stem = values.get("compensate", 1.0), values.get("primary_stem")
    if type(fft) is not int or not 16 <= fft <= 65_536 or fft % 2:
        raise SeparationError(f"{name}: mdx_n_fft_scale_set is {fft!r}, allowed are even numbers to 65536")
    if type(hop) is not int or not 1 <= hop <= fft // 2:
        raise SeparationError(f"{name}: hop_length is {hop!r}, allowed are 1 to half of {fft}")
    if isinstance(compensate, bool) or not isinstance(compensate, int | float) or not 0.1 <= compensate <= 10:
        raise SeparationError(f"{name}: compensate is {compensate!r}, allowed are 0.1 to 10")
    if stem not in _STEMS:
        raise SeparationError(f"{name}: primary_stem is {stem!r}, allowed are {', '.join(_STEMS)}")
    return Reading(fft, hop, float(compensate), _STEMS[stem])
