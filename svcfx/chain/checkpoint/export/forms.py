"""What the programs that voices are exported for can hold, and what they would sing differently."""

from svcfx.chain import families
from svcfx.chain.families import Layout
from svcfx.chain.vits.config import VitsConfig
from svcfx.chain.vits.opened import OpenedGenerator
from svcfx.errors import VoiceError

Form = str
"""A family that some program keeps in files, by its name, or `GRAPH`."""
GRAPH: Form = "onnx"
FORMS: tuple[Form, ...] = (*families.exported(), GRAPH)
_SPECTRAL = ("istft", "ms-istft", "mb-istft")
_HIGHEST_BIN_HZ = 1103


def layout_of(form: Form) -> Layout | None:
    """How a program keeps such a voice; None for a graph, which any program may read."""
    return None if form == GRAPH else families.of(form).layout


def title(form: Form) -> str:
    """The form in words."""
    return "ONNX" if form == GRAPH else families.of(form).title


def require(opened: OpenedGenerator, form: Form, name: str) -> None:
    """Raise `VoiceError` when a form has no place for what a generator is made of."""
    problems = lacking(opened.network.config, form)
    if problems:
        others = [other for other in FORMS if not lacking(opened.network.config, other)]
        raise VoiceError(
            f"voice '{name}' ({opened.family}) does not fit into {title(form)}, which has no"
            f" {', no '.join(problems)}",
            hint=f"`form` {' or '.join(others)} holds it" if others else "No format holds it.",
        )


def lacking(config: VitsConfig, form: Form) -> list[str]:
    """What a generator has and a form cannot say; empty when it fits."""
    layout = layout_of(form)
    if layout is None:
        return []
    if layout.single != (config.entry == "mapped"):
        return [f"network of {'so-vits-svc' if layout.single else families.RVC.title}'s"]
    if layout.single:
        return []
    if layout.options:
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
    if not layout.typed:
        odd = config.content not in layout.widths
        found += [f"content {config.content} wide, only {', '.join(map(str, layout.widths))}"] if odd else []
        found += [f"{config.decoder} decoder"] if config.decoder in _SPECTRAL else []
    return found


def unit_mode(mode: str, form: Form) -> str:
    """How a program spreads units over frames, for a voice that was trained on `mode`."""
    layout = layout_of(form)
    if layout is None:
        return mode
    if layout.units is None:
        # The fork's way is 4.1's "nearest" wherever there are more frames than units, as at every real hop.
        return "nearest" if mode == "repeat" else mode
    return layout.units


def differences(opened: OpenedGenerator, form: Form) -> list[str]:
    """What the program does otherwise than the one that the voice was trained in, a sentence each."""
    layout = layout_of(form)
    if layout is None:
        return []
    found = []
    there = unit_mode(opened.unit_mode, form)
    if {opened.unit_mode, there} not in ({there}, {"repeat", "nearest"}):
        found.append(
            f"{title(form)} spreads content over frames by '{there}', the voice was trained by"
            f" '{opened.unit_mode}': words may come up to a frame earlier or later"
        )
    if not layout.single and layout.options != (opened.network.config.pitch_bins == "wrapped"):
        found.append(f"{title(form)} reads pitch above {_HIGHEST_BIN_HZ} Hz otherwise than here")
    return found
