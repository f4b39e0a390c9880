"""Open an NSF-HiFiGAN in openvpi's layout: weights under "generator", config.json and licence beside them."""

from pathlib import Path

from svcfx.chain.checkpoint.documents import read_json
from svcfx.chain.checkpoint.tensors import under
from svcfx.chain.vocoder import VocoderConfig, build
from svcfx.chain.vocoder.agreement import LogBase
from svcfx.chain.vocoder.vocoder import Vocoder
from svcfx.errors import VoiceError

UNKNOWN_LICENCE = (
    "not known: no licence lies beside it; openvpi's releases of NSF-HiFiGAN are CC BY-NC-SA 4.0,"
    " which forbids commercial use"
)
_NAMES = ("model", "model.ckpt", "model.pt", "model.pth")
_SUFFIXES = (".ckpt", ".pth", ".pt")
_TERMS = ("license", "licence", "notice")
_LONGEST_TERMS = 16_384
_BASES: dict[str, LogBase] = {"e": "natural", "10": "log10"}


def open_vocoder(path: Path, log_base: LogBase = "natural") -> Vocoder:
    """Read, compare, build.

    Args:
        path: The folder, or the weights in it; config.json lies beside them.
        log_base: Of its mel, where config.json does not say: what the diffusion model's yaml says.

    Raises:
        VoiceError: One sentence and a hint, for whatever does not fit.
    """
    weights = _weights_in(path) if path.is_dir() else path
    name = path.name if path.is_dir() else weights.name
    document = read_json(weights.parent / "config.json")
    stored = under(weights, "generator", "an NSF-HiFiGAN")
    config = VocoderConfig.read(document, log_base=_log_base(document.get("mel_base"), log_base))
    return Vocoder(build(config, stored, f"vocoder '{name}'"), name, _licence(weights.parent))


def _weights_in(folder: Path) -> Path:
    for name in _NAMES:
        if (folder / name).is_file():
            return folder / name
    found = sorted(file for file in folder.iterdir() if file.suffix in _SUFFIXES and file.is_file())
    if len(found) == 1:
        return found[0]
    listed = ", ".join(file.name for file in found[:4]) or "none"
    raise VoiceError(
        f"vocoder folder '{folder}' holds {len(found)} files of weights ({listed}), 1 is needed",
        hint="Name the file of weights itself; its config.json lies beside it.",
    )


def _log_base(said: object, otherwise: LogBase) -> LogBase:
    if said is None:
        return otherwise
    if str(said) not in _BASES:
        raise VoiceError(f"vocoder config: mel_base is {said!r}, allowed are 'e' and '10'")
    return _BASES[str(said)]


def _licence(folder: Path) -> str:
    """The text of a licence or notice beside the weights; the licence proper wins."""
    files = {file.name.lower(): file for file in sorted(folder.iterdir()) if file.is_file()}
    for term in _TERMS:
        for name, file in files.items():
            if name.split(".")[0] == term:
                with file.open(encoding="utf-8", errors="replace") as text:
                    return text.read(_LONGEST_TERMS).strip() or UNKNOWN_LICENCE
    return UNKNOWN_LICENCE
