"""What voice lies at a place of this machine, of whatever family: known by what its checkpoint holds."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from svcfx.chain import own
from svcfx.chain.families import Family
from svcfx.errors import VoiceError
from svcfx.voices import folder, rvc_files
from svcfx.voices.folder import ChosenFiles, VoiceFiles


def look(place: Path, choice: ChosenFiles | None = None) -> VoiceFiles:
    """The files of the voice in a folder, or of a single checkpoint.

    Raises:
        VoiceError: There is no such place, it holds no voice, or more than one answer is possible.
    """
    if place.is_file() and place.suffix == ".onnx":
        raise VoiceError(
            f"'{place.name}' is an exported graph, which svcfx does not play",
            hint="give the .pth it was made from",
        )
    voices = rvc_voices(place, choice or ChosenFiles())
    return rvc_files.only(place, voices) if voices else folder.look(place, choice)


def rvc_voices(place: Path, choice: ChosenFiles) -> list[VoiceFiles]:
    """Every RVC voice there; [] where there is none, and where files of another family were named."""
    if choice.diffusion or choice.vocoder or (choice.config and choice.generator is None and place.is_dir()):
        return []
    if place.is_file() and place.suffix == ".pth":
        choice = choice if choice.generator else replace(choice, generator=place)
        return rvc_files.find(place, _files_in(place.absolute().parent), choice)
    return rvc_files.find(place, folder.files_below(place), choice) if place.is_dir() else []


def _files_in(where: Path) -> Sequence[Path]:
    try:
        return sorted(path for path in where.iterdir() if path.is_file())
    except OSError as error:
        raise VoiceError(f"'{where}' cannot be read: {error.strerror}") from error


def one_file(place: Path) -> tuple[Path, Family] | None:
    """The checkpoint at a place, alone in its folder, that a family with a folder of its own reads."""
    files = _files_in(place) if place.is_dir() else [place]
    if len(files) != 1 or not files[0].is_file():
        return None
    family = own.reading(files[0])
    return None if family is None else (files[0], family)
