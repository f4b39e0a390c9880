"""Put a voice into a folder as other programs read it, its licence and consent beside it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from svcfx.atomic import ELSEWHERE
from svcfx.chain import checkpoint, families
from svcfx.chain.checkpoint import export as files
from svcfx.chain.checkpoint.export import Form, layout_of, title
from svcfx.chain.svc.parts import VoiceParts
from svcfx.errors import OutputError, OutputExistsError, VoiceError
from svcfx.voices import parts, shelf, staging
from svcfx.voices.card import Card, CardPart, PartName, sha256_of, verify, write
from svcfx.voices.export_text import readme
from svcfx.voices.source import OnNote

CARD = "voice.toml"
"""The card as it travels; a folder that has one was made by an export and may be replaced by another."""
_STEP = re.compile(r"(?i)^(?:G|model)_(\d+)")
_VOCODER = "pretrain/nsf_hifigan"


def export(
    name: str,
    form: Form,
    out: Path,
    *,
    replace: bool = False,
    on_note: OnNote = lambda _: None,
) -> Path:
    """Write the voice `name` to the folder `out`, whole or not at all; returns `out`.

    Args:
        on_note: Told what the program does otherwise, and what of the voice it has no place for.

    Raises:
        VoiceError: There is no such voice, it is damaged, or the form has no place for it.
        OutputExistsError: There is such a folder, and it is no earlier export or `replace` is off.
        MissingPartError: A package is missing that this form needs.
        OutputError: The disk is full, or the folder cannot be written.
    """
    card = shelf.find(name)
    if card.is_one_file:
        raise VoiceError(
            f"voice '{card.name}' is a {card.title}, which {title(form)} has no place for",
            hint="only voices that were added or trained as so-vits-svc or RVC voices can be exported",
        )
    _require_room(out, replace=replace)
    verify(card)
    made = _Export(card, parts.load(card), form)
    made.check()
    try:
        with staging.folder(out) as folder:
            made.write(folder)
    except OutputError as error:
        raise OutputError(error.message, hint=ELSEWHERE) from error
    for note in made.notes:
        on_note(note)
    return out


def _require_room(out: Path, *, replace: bool) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / CARD).is_file():
        raise OutputExistsError(
            f"'{out}' exists already and was not made by an export", hint="name another folder with `out`"
        )
    if not replace:
        raise OutputExistsError(
            f"'{out}' holds an export already", hint="name another folder with `out`, or give `replace`"
        )


def _parts(form: Form) -> frozenset[str]:
    """What a form has a place for beside the generator."""
    layout = layout_of(form)
    return frozenset() if layout is None else layout.parts


@dataclass
class _Export:
    """One voice on its way into one form."""

    card: Card
    opened: VoiceParts
    form: Form
    notes: list[str] = field(default_factory=list)
    parts: dict[PartName, Path] = field(default_factory=dict)

    def check(self) -> None:
        """Raise `VoiceError` when the form has no place for the voice."""
        if self.opened.content is not None and self.layout is not None:
            raise VoiceError(
                f"voice '{self.card.name}' reads the content of svcfx's own encoder,"
                f" which {title(self.form)} does not have",
                hint="train it on a dataset that was prepared with `content_encoder` vec768l12 or vec256l9",
            )
        if self.opened.generator is not None:
            files.require(self.opened.generator, self.form, self.card.name)
            self.notes += files.differences(self.opened.generator, self.form)
        elif not self._holds("refiner"):
            others = [form for form in families.exported() if "refiner" in _parts(form)]
            raise VoiceError(
                f"voice '{self.card.name}' is a diffusion model without a generator, which {title(self.form)}"
                " has no place for",
                hint=f"`form` {' or '.join(others)} holds it",
            )

    def write(self, folder: Path) -> None:
        """Fill the folder."""
        if self.opened.generator is not None:
            self._generator(folder)
        self._refiner(folder)
        self._vocoder(folder)
        self._bank(folder)
        card = self._card(folder)
        write(card, folder / CARD, named=True)
        text = readme(card, self.form, self.notes, "" if self.layout is None else self.layout.config)
        (folder / "README.md").write_text(text, encoding="utf-8")

    def _generator(self, folder: Path) -> None:
        assert self.opened.generator is not None
        if self.layout is None:
            self.parts["generator"] = folder / f"{self.card.name}.onnx"
            files.write_graph(self.parts["generator"], folder / "graph.json", self.opened.generator)
            return
        if self.layout.single:
            self.parts["generator"] = folder / f"{self.card.name}.pth"
            files.write_small_model(self.parts["generator"], self.opened.generator)
            return
        posterior = None
        if "posterior" in self.card.parts:
            posterior = checkpoint.load_posterior(self.card.path_of("posterior"))
        else:
            self.notes.append(
                "the file it came from had no posterior encoder (enc_q), so none is written: the voice sings"
                " there, but cannot be trained further"
            )
        model = folder / "logs/44k" / f"G_{self._step('generator', 1)}.pth"
        config = folder / self.layout.config
        config.parent.mkdir(parents=True, exist_ok=True)
        files.write_generator(model, config, self.opened.generator, posterior, self.form)
        self.parts["generator"] = model

    def _refiner(self, folder: Path) -> None:
        refiner = self.opened.refiner
        if refiner is None:
            return
        if not self._holds("refiner"):
            self._leave_out("diffusion model")
            return
        model = folder / "logs/44k/diffusion" / f"model_{self._step('refiner', 0)}.pt"
        files.write_refiner(model, model.parent / "config.yaml", refiner, f"{_VOCODER}/model")
        self.parts["refiner"] = model

    def _vocoder(self, folder: Path) -> None:
        if self.opened.vocoder is None:
            return
        if not self._holds("vocoder"):
            self._leave_out("vocoder")
            return
        files.write_vocoder(folder / _VOCODER, self.opened.vocoder)
        self.parts["vocoder"] = folder / _VOCODER / "model"

    def _bank(self, folder: Path) -> None:
        bank = self.opened.bank
        if bank is None:
            return
        homeless = bank.kind == "neighbours" and not self._holds("neighbours")
        if self.layout is None or homeless or (self.layout.single and bank.kind == "centres"):
            self._leave_out("index")
            return
        if self.layout.single:
            assert self.opened.generator is not None
            path = files.write_index(folder, bank, self.card.name, self.opened.generator)
        elif bank.kind == "centres":
            path = folder / "logs/44k" / self.layout.centres
            files.write_centres(path, bank)
        else:
            path = folder / "logs/44k/feature_and_index.pkl"
            files.write_neighbours(path, bank, self.opened.singers)
        self.parts["bank"] = path

    @property
    def layout(self) -> families.Layout | None:
        """How the program keeps it; None for a graph."""
        return layout_of(self.form)

    def _holds(self, part: str) -> bool:
        return part in _parts(self.form)

    def _leave_out(self, what: str) -> None:
        self.notes.append(f"the {what} was left out: {title(self.form)} has no place for it")

    def _step(self, part: PartName, unknown: int) -> int:
        found = _STEP.match(self.card.parts[part].source)
        return int(found[1]) if found else unknown

    def _card(self, folder: Path) -> Card:
        """The card with the files as they are called here."""
        written = {
            name: CardPart(
                file=path.relative_to(folder).as_posix(),
                sha256=sha256_of(path),
                source=self.card.parts[name].source,
                licence=self.card.parts[name].licence,
            )
            for name, path in self.parts.items()
        }
        return self.card.model_copy(update={"parts": written})
