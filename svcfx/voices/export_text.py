"""The README beside an exported voice: whose it is, what is allowed, and how it is sung with there."""

from collections.abc import Sequence

from svcfx.chain.checkpoint.export import Form, layout_of, title
from svcfx.chain.families import BUILTIN, VEC256, VEC768
from svcfx.voices.card import Card

_CONTENT = {
    VEC256: "ContentVec, layer 9, projected to 256",
    VEC768: "ContentVec, layer 12, 768 wide",
    BUILTIN: "the one of the singers that ship with svcfx, 48 wide",
}


def readme(card: Card, form: Form, notes: Sequence[str], config: str) -> str:
    """Markdown for a person.

    Args:
        card: Of the export: its parts are called as they lie here.
        config: Where config.json lies; "" for a form that has none.
    """
    facts = {
        "Licence": card.licence,
        **{f"Licence of the {name}": part.licence for name, part in card.parts.items() if part.licence},
        "Consent": card.consent,
        "Singers": ", ".join(card.singers),
        "Came from": card.source or "; ".join(card.sources),
        "Sample rate": f"{card.rate} Hz",
        "Content encoder": _CONTENT.get(card.content_encoder, card.content_encoder),
    }
    lines = [f"# {card.name}", "", f"A singing voice for {title(form)}, exported by svcfx.", ""]
    lines += [f"- {key}: {value}" for key, value in facts.items() if value]
    lines += ["", "Licence and consent bind whoever uses these files; pass them on with the files.", ""]
    if notes:
        lines += ["## To know", "", *(f"- {note[0].upper()}{note[1:]}." for note in notes), ""]
    lines += ["## Use", "", *_usage(card, form, config), ""]
    return "\n".join(lines)


def _usage(card: Card, form: Form, config: str) -> list[str]:
    singer = next(iter(card.singers))
    model = card.parts["generator"].file if "generator" in card.parts else ""
    layout = layout_of(form)
    if layout is None:
        return ["The inputs of the graph, their shapes and what fills them stand in `graph.json`."]
    if layout.single:
        index = f"the index, where there is one, into `logs/{card.name}`"
        return [f"Lay `{model}` into `assets/weights` of RVC, and {index}."]
    if layout.command == "svc infer":
        return ["    " + f'svc infer vocal.wav -m {model} -c {config} -s "{singer}"']
    lines = [f"Lay these folders over those of {title(form)}, then:", ""]
    diffusion = " -shd -dm {} -dc logs/44k/diffusion/config.yaml"
    refined = diffusion.format(card.parts["refiner"].file) if "refiner" in card.parts else ""
    alone = "" if model else " -od"
    given = f"-m {model} -c {config} " if model else ""
    return [*lines, f'    python inference_main.py {given}-n vocal.wav -s "{singer}"{refined}{alone}']
