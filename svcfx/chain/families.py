"""Every family of voices: how it is called, what it reads, how it is heard, kept, trained and exported.

A family's name is spelled here and in its own folder, nowhere else: others ask the registry for a family and
read what they need. This module loads no torch, so that listings and `--help` can read it.

Source: the published facts of so-vits-svc 4.0, its fork, and 4.1, and of RVC.
"""

from dataclasses import dataclass
from typing import Literal

from svcfx.errors import VoiceError, nearest

GapRule = Literal["early", "bridged", "open"]
"""How pitch is followed: the take levelled and gaps reached early, as it is and bridged, or left open; see
`f0.gaps`."""
Network = Literal["vits", "parametric", ""]
"""What kind of network it trains; "" when it is not trained as a voice of its own."""
UsualDecoder = Literal["nsf-hifigan", "ms-istft"]
VEC256, VEC768, BUILTIN = "vec256l9", "vec768l12", "builtin"
"""Content encoders by name: ContentVec's 9th layer, projected to 256; its 12th; svcfx's own."""
OTHER_ENCODERS = ("spin", "spin-v2", "chinese-hubert-base", "japanese-hubert-base", "korean-hubert-base")
"""HuBERTs of the same layout that voices of Applio name; a person may bring one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a program keeps such a voice: where its files lie, and what they can say.

    Attributes:
        config: Where the config lies below the program's folder; lists: where its file lists do.
        centres: What a file of k-means centres is called.
        units: How it spreads units over frames; None where its config says.
        options: Its config names encoder and decoder and has 4.1's options; such a program wraps pitch bins.
        typed: Its config has a decoder type, and says whether content is projected.
        widths: Widths of content that it reads; parts: what it has a place for beside the generator.
        single: One file holds weights and sizes, of RVC's network.
        command: What it is sung with on a command line.
    """

    config: str
    lists: str = "filelists"
    centres: str = "kmeans_10000.pt"
    units: str | None = None
    options: bool = False
    typed: bool = False
    widths: tuple[int, ...] = (256, 768)
    parts: frozenset[str] = frozenset()
    single: bool = False
    command: Literal["inference_main", "svc infer"] = "inference_main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One kind of network that a voice can be.

    Attributes:
        name: In cards, options and messages; title: in words. A voice's own title may say more behind it.
        card: The name that cards have for it; of a variant, that of the family it is one of.
        content: Encoders that a new voice of it may read, the usual one first.
        gaps: How its pitch is followed.
        decoder: Of a new voice of it.
        level: Whose loudness a whole stem has: the voice's "own", or its "source"'s.
        defaults: Knobs that stand elsewhere than in the table.
        around: What a phrase hears beside itself: half a second of silence, or a second of the stem.
        formants: Whether it can move them while it sings.
        rate: The only sample rate that it has in Hz, or None.
        made_here: Made by svcfx, its singers named without their voice.
        own: Module in its folder that reads and opens its voices, which are one file (see `chain.own`); ""
            where they are of parts that families share.
        layout: How it is kept by the program it comes from; None where no other program has it.
    """

    name: str
    title: str
    card: str
    content: tuple[str, ...] = (VEC768, VEC256, BUILTIN)
    gaps: GapRule = "bridged"
    decoder: UsualDecoder = "nsf-hifigan"
    level: Literal["own", "source"] = "own"
    defaults: tuple[tuple[str, float], ...] = (("loudness_follow", 0.0),)
    around: Literal["silence", "stem"] = "silence"
    formants: bool = False
    rate: int | None = None
    made_here: bool = False
    own: str = ""
    layout: Layout | None = None
    trains: Network = "vits"

    @property
    def has_options(self) -> bool:
        """Whether its config has 4.1's options: loudness as an input, a voice without a contour decoder."""
        return self.layout is not None and self.layout.options


_FORK = Layout(
    config="configs/44k/config.json", lists="filelists/44k", centres="kmeans.pt", units="repeat", typed=True,
    command="svc infer",
)  # fmt: skip
SOVITS40 = Family(
    name="sovits40", title="so-vits-svc 4.0", card="sovits40", content=(VEC256,), gaps="early",
    layout=Layout(config="configs/config.json", units="left", widths=(256,), parts=frozenset({"vocoder"})),
)  # fmt: skip
FORK = Family(name="fork", title="so-vits-svc-fork", card="fork", gaps="early", layout=_FORK)
QUICKVC = Family(
    name="quickvc",
    title="so-vits-svc-fork QuickVC",
    card="fork",
    gaps="early",
    decoder="ms-istft",
    layout=_FORK,
)
SOVITS41 = Family(
    name="sovits41", title="so-vits-svc 4.1", card="sovits41",
    layout=Layout(
        config="logs/44k/config.json", options=True,
        parts=frozenset({"refiner", "vocoder", "neighbours"}),
    ),
)  # fmt: skip
DIFFUSION = Family(name="diffusion", title="diffusion model without a generator", card="diffusion", trains="")
PARAMETRIC = Family(
    name="parametric", title="parametric voice", card="parametric", content=(BUILTIN,), level="source",
    defaults=(), rate=44_100, made_here=True, trains="parametric",
    own="svcfx.chain.parametric.own",
)  # fmt: skip
RVC = Family(
    name="rvc", title="RVC", card="rvc", content=(VEC768, VEC256), gaps="open", around="stem", formants=True,
    defaults=(("loudness_follow", 0.75), ("noise", 0.66666), ("index_rate", 0.75), ("protect", 0.67)),
    trains="", layout=Layout(config="", units="double", single=True, parts=frozenset({"neighbours"})),
)  # fmt: skip
FAMILIES: tuple[Family, ...] = (SOVITS41, SOVITS40, FORK, QUICKVC, RVC, PARAMETRIC, DIFFUSION)
USUAL = SOVITS41
"""What is trained where nobody says a family."""


def add(family: Family) -> None:
    """Have one more family, whose folder lies elsewhere; one of that name is replaced."""
    global FAMILIES
    FAMILIES = (*(known for known in FAMILIES if known.name != family.name), family)


def of(name: str) -> Family:
    """The family of that name; raises `VoiceError` when there is none such."""
    for family in FAMILIES:
        if family.name == name:
            return family
    known = [family.name for family in FAMILIES]
    raise VoiceError(f"family is '{name}'{nearest(name, known)}, allowed are {', '.join(known)}")


def titled(title: str) -> Family:
    """The family that cards have for a voice called so in words, such as "so-vits-svc-fork istft"."""
    fitting = [family for family in FAMILIES if title.startswith(family.title)]
    if not fitting:
        raise VoiceError(f"no family of voices is called '{title}'")
    return of(max(fitting, key=lambda family: len(family.title)).card)


def trained(network: Network) -> tuple[Family, ...]:
    """Families whose voices that training makes."""
    return tuple(family for family in FAMILIES if family.trains == network)


def in_cards() -> tuple[str, ...]:
    """Names that a card may have."""
    return tuple(dict.fromkeys(family.card for family in FAMILIES))


def exported() -> tuple[str, ...]:
    """Names of families that some program keeps in files."""
    return tuple(sorted(family.name for family in FAMILIES if family.layout and family.name == family.card))
