"""What voices hear content with: ContentVec, fetched once and kept here, or svcfx's own, which ships.

ContentVec is published under the MIT licence as lengyue233/content-vec-best. Voices of 256-wide content
read its ninth layer through a projection, those of 768-wide content its twelfth; each has a file of its own
here, with only the layers that it reads.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from svcfx.chain import checkpoint
from svcfx.chain.checkpoint import converted
from svcfx.chain.content.builtin import BuiltinEncoder, of
from svcfx.chain.content.contentvec import Encoder
from svcfx.chain.families import OTHER_ENCODERS, VEC768
from svcfx.errors import MissingPartError, OutputExistsError, VoiceError
from svcfx.voices import home, shelf, staging
from svcfx.voices.card import read, sha256_of, verify

NAME = "contentvec"
WIDTHS = {"vec256l9": 256, "vec768l12": 768}
"""Kinds of ContentVec's, and how many values a frame of each has."""
REPOSITORY = "lengyue233/content-vec-best"
REVISION = "c0b9ba13db21beaa4053faae94c102ebe326fd68"
WEIGHTS = "pytorch_model.bin"
SHA256 = "d8dd400e054ddf4e6be75dab5a2549db748cc99e756a097c496c099f65a4854e"
"""Of the published weights, 378,342,945 bytes."""
_FACTS = "encoder.json"


@dataclass(frozen=True)
class EncoderFacts:
    """Where the encoder on the shelf came from: the hash of the file it was made from, the kinds it gives."""

    source: str
    sha256: str
    kinds: tuple[str, ...]

    @property
    def is_published(self) -> bool:
        """Whether it was made from the file that the voices were trained behind."""
        return self.sha256 == SHA256


def place() -> Path:
    """Its folder, which may not exist yet."""
    return home.encoders() / NAME


def facts() -> EncoderFacts | None:
    """What is known of the encoder on the shelf; None when there is none."""
    try:
        document = json.loads((place() / _FACTS).read_text("utf-8"))
        return EncoderFacts(str(document["source"]), str(document["sha256"]), tuple(document["kinds"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VoiceError(
            f"'{place() / _FACTS}' cannot be read: {error}",
            hint="run `svcfx voices pull contentvec --replace`",
        ) from error


def is_there(kind: str) -> bool:
    """Whether voices of that kind ("vec256l9", "vec768l12", "spin-v2") can be sung with."""
    return file_of(kind).is_file()


def file_of(kind: str) -> Path:
    """Where an encoder lies; those that a person brings have a folder each."""
    if kind in OTHER_ENCODERS:
        return home.encoders() / kind / f"{VEC768}.safetensors"
    return place() / f"{kind}.safetensors"


def require_brought(kind: str, voice: str) -> None:
    """Raise `VoiceError` when a voice needs an encoder that a person must bring, and nobody did."""
    if kind in OTHER_ENCODERS and not is_there(kind):
        raise VoiceError(
            f"voice '{voice}' was trained behind the content encoder {kind}, which is not here",
            hint=f"behind another one it would babble; run `svcfx voices pull {kind} --from FOLDER`",
        )


def bring(kind: str, path: Path, *, replace: bool = False) -> str:
    """Keep one of the other encoders from a Hugging Face folder; returns the hash of its weights.

    Raises:
        VoiceError: It is damaged, or of another layout.
        OutputExistsError: It is here already and `replace` is off.
    """
    weights = weights_in(path)
    if is_there(kind) and not replace:
        raise OutputExistsError(
            f"the content encoder {kind} is here already", hint="`replace` takes this one"
        )
    made = checkpoint.open_encoder(path, VEC768)
    _require_width(made, path)
    with staging.folder(file_of(kind).parent) as folder:
        converted.save_encoder(made, folder / file_of(kind).name)
    return sha256_of(weights)


def builtin() -> BuiltinEncoder:
    """The encoder of the singers that ship; raises `VoiceError` when their file is damaged."""
    from svcfx.chain.parametric import network

    card = read(shelf.BUILTIN / "card.toml")
    verify(card)
    return of(network.load(card.path))


def load(kind: str, voice: str) -> Encoder:
    """Open the ContentVec that a voice reads.

    Raises:
        MissingPartError: It is not here; the sentence has the two ways to it.
        VoiceError: Its file is damaged.
    """
    path = file_of(kind)
    require_brought(kind, voice)
    if not path.is_file():
        known = facts()
        lack = "which is not here yet" if known is None else f"and the one from {known.source} cannot give it"
        raise MissingPartError(
            f"voice '{voice}' needs the content encoder ContentVec ({kind}), {lack}", hint=WAYS
        )
    return converted.load_encoder(path)


BY_HAND = (
    f"download huggingface.co/{REPOSITORY} elsewhere and run `svcfx voices pull contentvec --from FOLDER`"
)
WAYS = f"`svcfx voices pull contentvec` downloads it once (378 MB); without a connection, {BY_HAND}"


def put(path: Path, source: str, *, replace: bool = False) -> EncoderFacts:
    """Keep a ContentVec from a Hugging Face folder or a fairseq file, for every kind that it can give.

    Raises:
        VoiceError: It is damaged or is no ContentVec.
        OutputExistsError: Another one is here already and `replace` is off.
        OutputError: The disk is full; what was here stays.
    """
    weights = weights_in(path)
    made_from = sha256_of(weights)
    known = facts()
    if known is not None and known.sha256 == made_from and all(map(is_there, known.kinds)):
        return known
    if known is not None and not replace:
        raise OutputExistsError(
            f"there is a ContentVec already, from {known.source}",
            hint="every voice would sound through the other one; give `replace` if that is meant",
        )
    kept = _opened(path)
    found = EncoderFacts(source, made_from, tuple(kept))
    with staging.folder(place()) as made:
        for kind, encoder in kept.items():
            converted.save_encoder(encoder, made / f"{kind}.safetensors")
        (made / _FACTS).write_text(json.dumps(asdict(found), indent=1), encoding="utf-8")
    return found


def weights_in(path: Path) -> Path:
    """The file of weights that a folder or path means.

    Raises:
        VoiceError: There is none.
    """
    if path.is_file():
        return path
    for name in ("model.safetensors", WEIGHTS):
        if (path / name).is_file():
            return path / name
    raise VoiceError(
        f"'{path}' holds no ContentVec",
        hint=f"give the folder with config.json and {WEIGHTS}, or checkpoint_best_legacy_500.pt",
    )


def _opened(path: Path) -> dict[str, Encoder]:
    """The encoder of each kind that the file can give; raises `VoiceError` when it can give none."""
    opened: dict[str, Encoder] = {}
    refused: list[VoiceError] = []
    for kind in WIDTHS:
        try:
            made = checkpoint.open_encoder(path, kind)
            _require_width(made, path)
            opened[kind] = made
        except VoiceError as error:
            refused.append(error)
    if not opened:
        raise refused[-1]
    return opened


def _require_width(made: Encoder, path: Path) -> None:
    if made.width != WIDTHS[made.name]:
        raise VoiceError(
            f"content encoder '{path.name}' gives {made.width} values a frame,"
            f" {made.name} has {WIDTHS[made.name]}",
            hint=f"use ContentVec: huggingface.co/{REPOSITORY}",
        )
