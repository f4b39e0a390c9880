"""What the programs that voices are exported for can hold, and what they would sing differently."""

from typing import Literal, get_args

from svcfx.chain.checkpoint.generator import OpenedGenerator
from svcfx.chain.vits.config import VitsConfig
from svcfx.errors import VoiceError

Form = Literal["sovits40", "fork", "sovits41", "onnx"]
FORMS: tuple[Form, ...] = get_args(Form)
NAMES: dict[Form, str] = {
    "sovits40": "so-vits-svc 4.0",
    "fork": "so-vits-svc-fork",
    "sovits41": "so-vits-svc 4.1",
    "onnx": "ONNX",
}
_SPECTRAL = ("istft", "ms-istft", "mb-istft")
_HIGHEST_BIN_HZ = 1103


def require(opened: OpenedGenerator, form: Form, name: str) -> None:
    """Raise `VoiceError` when a form has no place for what a generator is made of."""
    problems = lacking(opened.network.config, form)
    if problems:
        others = [other for other in FORMS if not lacking(opened.network.config, other)]
        raise VoiceError(
            f"voice '{name}' ({opened.family}) does not fit into {NAMES[form]}, which has no"
            f" {', no '.join(problems)}",
            hint=f"--format {' or '.join(others)} holds it" if others else "No format holds it.",
        )


def lacking(config: VitsConfig, form: Form) -> list[str]:
    """What a generator has and a form cannot say; empty when it fits."""
    if form == "onnx":
        return []
    if form == "sovits41":
        return [f"{config.decoder} decoder"] if config.decoder in _SPECTRAL else []
    newer = {
        "volume embedding": config.volume,
        "voice without an f0 decoder": not config.f0_decoder,
        "depthwise flow": config.flow_depthwise,
        "shared flow": config.flow_shared,
        "transformer flow": config.flow_transformer_layers > 0,
        f"flow of {config.flow_layers} couplings": config.flow_layers != 4,
        "snake decoder": config.decoder == "nsf-snake-hifigan",
    }
    found = [what for what, there in newer.items() if there]
    if form == "sovits40":
        found += [f"content {config.content} wide, only 256"] if config.content != 256 else []
        found += [f"{config.decoder} decoder"] if config.decoder in _SPECTRAL else []
    return found


def unit_mode(mode: str, form: Form) -> str:
    """How a program spreads units over frames, for a voice that was trained on `mode`."""
    if form == "onnx":
        return mode
    if form == "sovits41":
        # The fork's way is 4.1's "nearest" wherever there are more frames than units, as at every real hop.
        return "nearest" if mode == "repeat" else mode
    return "left" if form == "sovits40" else "repeat"


def differences(opened: OpenedGenerator, form: Form) -> list[str]:
    """What the program does otherwise than the one that the voice was trained in, a sentence each."""
    if form == "onnx":
        return []
    found = []
    there = unit_mode(opened.unit_mode, form)
    if {opened.unit_mode, there} not in ({there}, {"repeat", "nearest"}):
        found.append(
            f"{NAMES[form]} spreads content over frames by '{there}', the voice was trained by"
            f" '{opened.unit_mode}': words may come up to a frame earlier or later"
        )
    wraps = form == "sovits41"
    if wraps != (opened.network.config.pitch_bins == "wrapped"):
        found.append(f"{NAMES[form]} reads pitch above {_HIGHEST_BIN_HZ} Hz otherwise than here")
    return found
