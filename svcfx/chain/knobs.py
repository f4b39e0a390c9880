"""The table of what can be set about a voice: one row each, and nothing about a row stands anywhere else.

Node, command line, presets, lanes, documentation and render keys read it. This module loads no torch, so that
`--help` can read it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from svcfx.chain.knob_kinds import (
    DIFFUSION_METHODS,
    LEVELS,
    LOOKAHEADS,
    PITCH_NAMES,
    PRECISIONS,
    SEARCHES,
    STEREO,
    UNVOICED,
)
from svcfx.chain.knob_kinds import Choice as Choice
from svcfx.chain.knob_kinds import Knob as Knob
from svcfx.chain.knob_kinds import Part as Part
from svcfx.chain.knob_kinds import Row as Row
from svcfx.chain.knob_kinds import Stage as Stage
from svcfx.chain.knob_kinds import Switch as Switch
from svcfx.chain.knob_kinds import Value as Value
from svcfx.chain.scales import scale
from svcfx.errors import ParamError

MELODY, SOUND = "The melody", "The sound"
SVC, DIFFUSION = "Of so-vits-svc and RVC voices", "Their diffusion"
SECTIONS = (MELODY, SOUND, SVC, DIFFUSION)
"""Titles, in the order that help pages have."""


SLOW = (
    "pitch crepe takes about 4 s of a CPU core for each second of audio;"
    " crepe-tiny takes about 0.2 s and swift 0.02 s"
)
_PITCH: Part = "pitch of its own, it sings the input's"


def _of_notes(name: str) -> dict[str, str]:
    """What a knob that asks for the notes of a melody cannot stand beside."""
    return {
        "level": f"{name} looks half a second ahead; with level = card a voice sings as a stream, and cannot",
        "predict_f0": f"predict_f0 sings a melody of its own, and {name} moves the input's",
    }


_ALONE = "the diffusion sings through the vocoder already, so enhancer_key enhances nothing"
PITCH = Choice(name="pitch", default="swift", choices=PITCH_NAMES, help="Pitch tracker.", stage="hear",
               section=MELODY, flags=("--pitch", "-fm", "--f0-method"),
               aliases={"pm": "praat", "parselmouth": "praat"})  # fmt: skip
TABLE: tuple[Row, ...] = (
    Knob(name="transpose_semitones", default=0.0, low=-36.0, high=36.0, unit="st", stage="score",
         help="Moves the sung line.", section=MELODY, flags=("-t", "--transpose"), needs=(_PITCH,)),
    Knob(name="formant_semitones", default=0.0, low=-12.0, high=12.0, unit="st", stage="score",
         help="Moves the formants and leaves the pitch.", section=SOUND, flags=("--formant",),
         needs=(_PITCH, "formant control (a Formant node behind it has)")),
    Knob(name="retune", default=0.0, low=0.0, high=1.0, unit="ratio", stage="score",
         help="Draws the line to notes of any octave: the target_note, else the scale's.",
         section=MELODY, flags=("--retune",), needs=(_PITCH,), excludes=_of_notes("retune")),
    Knob(name="retune_ms", default=20.0, low=0.0, high=1000.0, unit="ms", stage="score",
         help="Time constant with which the line comes to its note; 0 is at once.", section=MELODY,
         flags=("--retune-ms",), needs=(_PITCH,)),
    Knob(name="humanize", default=0.0, low=0.0, high=1.0, unit="ratio", stage="score",
         help="Lets held notes drift: up to a second slower, from 0.15 s of a note on.", section=MELODY,
         flags=("--humanize",), needs=(_PITCH,)),
    Knob(name="keep_vibrato", default=1.0, low=0.0, high=1.0, unit="ratio", stage="score",
         help="What retune leaves of swings above 4 Hz.", section=MELODY, flags=("--keep-vibrato",),
         needs=(_PITCH,)),
    Knob(name="bias_cents", default=0.0, low=-50.0, high=50.0, unit="cents", stage="score",
         help="How far above the notes retune draws.", section=MELODY, flags=("--bias-cents",),
         needs=(_PITCH,)),
    Knob(name="target_note", default=0.0, low=0.0, high=127.0, unit="MIDI", whole=True, stage="score",
         help="The note, of any octave, that retune draws to; 0: the scale's.", section=MELODY,
         flags=("--target-note",), needs=(_PITCH,)),
    Knob(name="scale_steps", default=0.0, low=-14.0, high=14.0, unit="steps", whole=True, stage="score",
         help="Moves each note by steps of the scale: 2 is a third up, -5 a sixth down.", section=MELODY,
         flags=("--scale-steps",), needs=(_PITCH,), excludes=_of_notes("scale_steps")),
    Knob(name="part_note", default=0.0, low=0.0, high=127.0, unit="MIDI", whole=True, stage="score",
         help="The note that is sung in place of what is meant, as another part has it; 0: none.",
         section=MELODY, flags=("--part-note",), needs=(_PITCH,), excludes=_of_notes("part_note")),
    Knob(name="vibrato_depth", default=0.0, low=0.0, high=200.0, unit="cents", stage="score",
         help="A vibrato on top of what is sung, to both sides.", section=MELODY, flags=("--vibrato-depth",),
         needs=(_PITCH,)),
    Knob(name="vibrato_rate", default=5.5, low=1.0, high=12.0, unit="Hz", stage="score",
         help="How fast that vibrato is.", section=MELODY, flags=("--vibrato-rate",), needs=(_PITCH,)),
    Knob(name="diffusion_depth", default=0.0, low=0.0, high=1.0, unit="ratio", stage="sing",
         help="How deep the diffusion redraws the sound.", section=DIFFUSION, flags=("--diffusion-depth",),
         needs=("diffusion refiner",)),
    Knob(name="mix", default=1.0, low=0.0, high=1.0, unit="ratio", stage="mix",
         help="Converted voice against the input; at 0 the node is inert.", section=SOUND, flags=("--mix",)),
    Knob(name="output_gain_db", default=0.0, low=-60.0, high=24.0, unit="dB", stage="mix",
         help="Gain of the converted voice.", section=SOUND, flags=("--gain",)),
    Knob(name="loudness_follow", default=0.7, low=0.0, high=1.0, unit="ratio", stage="score",
         help="The source's dynamics against the singer's own.", section=SOUND,
         flags=("--loudness-follow",), of_voice=True),
    Knob(name="noise", default=0.4, low=0.0, high=1.0, unit="ratio", stage="sing",
         help="Randomness of the sung sound.", section=SVC, flags=("-n", "--noise", "--noise-scale"),
         needs=("prior noise",), of_voice=True),
    Knob(name="index_rate", default=0.0, low=0.0, high=1.0, unit="ratio", stage="score",
         help="How far words are bent towards the voice's index.", section=SVC,
         flags=("-r", "--index-rate", "--cluster-infer-ratio"), needs=("index",), of_voice=True),
    Knob(name="protect", default=0.0, low=0.0, high=1.0, unit="ratio", stage="score",
         help="Share of the index kept away from unvoiced sounds.", section=SVC, flags=("--protect",),
         needs=("index",), of_voice=True),
    Knob(name="blend", default=0.0, low=0.0, high=1.0, unit="ratio", stage="sing",
         help="From the voice's singer towards those of the blend.", section=SVC, flags=("--blend",),
         needs=("second singer",), asks="blend_with"),
    Knob(name="diffusion_steps", default=10.0, low=1.0, high=1000.0, unit="steps", stage="sing", whole=True,
         help="Steps of the diffusion: more take longer.", section=DIFFUSION, flags=("--diffusion-steps",),
         automatable=False, needs=("diffusion refiner",)),
    Knob(name="tension", default=0.0, low=-6.0, high=6.0, unit="dB/oct", stage="mix",
         help="Tilts the spectrum: pressed above 0, soft below.", section=SOUND, flags=("--tension",)),
    Knob(name="dynamics", default=0.0, low=-24.0, high=12.0, unit="dB", stage="mix",
         help="Sung louder or softer: level, and 0.2 dB per octave of tilt with each dB.", section=SOUND,
         flags=("--dynamics",)),
    Knob(name="breath", default=0.0, low=0.0, high=1.0, unit="ratio", stage="mix",
         help="Share of noise, from above; at 1 it is whispered.", section=SOUND, flags=("--breath",)),
    Knob(name="growl", default=0.0, low=0.0, high=1.0, unit="ratio", stage="mix",
         help="Weakens every second period of what is sung.", section=SOUND, flags=("--growl",)),
    Knob(name="timing_ms", default=0.0, low=0.0, high=30.0, unit="ms", stage="mix",
         help="How early or late each phrase may come, as the seed has it.", section=SOUND,
         flags=("--timing-ms",), automatable=False),
    Choice(name="stereo", default="mid", choices=STEREO, help="What of a stereo stem is sung.", stage="hear",
           section=SOUND, flags=("--stereo",)),
    PITCH,
    Choice(name="level", default="measured", choices=LEVELS, stage="hear", section=SOUND, flags=("--level",),
           help="Take the stem's level from the whole stem, or from the voice's card as streams do."),
    Choice(name="lookahead", default="full", choices=LOOKAHEADS, stage="hear", section=SOUND,
           help="How far ahead it hears: full lags 0.9 s, short 0.16 s and mends no octave.",
           flags=("--lookahead",), needs=("short lookahead",),
           excludes={
               "pitch": "a short lookahead follows pitch in its own way",
               "diffusion_depth": "the diffusion learned behind the full lookahead",
           }),
    Choice(name="precision", default="fp32", choices=PRECISIONS, stage="hear", section=SVC,
           help="bf16 is quicker where the machine has it, and not the same to the bit.",
           flags=("--precision",), needs=("other precision",)),
    Choice(name="unvoiced_f0", default="zero", choices=UNVOICED, stage="hear", section=SVC,
           help="What RVC voices sing where no pitch is heard: breath, or the line between its neighbours.",
           flags=("--unvoiced-f0",), needs=("pitch that may be left open",)),
    Choice(name="index_search", default="stored", choices=SEARCHES, stage="score", section=SVC,
           help="Look where an index itself would, at one of its lists if it has any, or at all of its rows.",
           flags=("--index-search",)),
    Choice(name="diffusion_method", default="unipc", choices=DIFFUSION_METHODS, stage="sing",
           help="Sampler of the diffusion.", section=DIFFUSION, flags=("--diffusion-method",),
           needs=("diffusion refiner",)),
    Switch(name="octave_repair", default=True, kind="flag", stage="hear", section=MELODY,
           help="Mend short octave errors of the pitch tracker, and notes above 1 kHz that it cannot reach.",
           flags=("--octave-repair/--no-octave-repair",)),
    Switch(name="scale", default="", kind="text", unit="scale", stage="score", section=MELODY, reads=scale,
           help="What retune draws to, as in 'A minor' or 'Bb major'; left out, all twelve notes.",
           flags=("--scale",), needs=(_PITCH,)),
    Switch(name="seed", default=0, kind="whole", low=0, high=2**32 - 1, stage="sing", section=SOUND,
           help="Seed of all that is random in the voice.", flags=("--seed",)),
    Switch(name="blend_with", default="", kind="text", unit="singers", stage="sing", section=SVC,
           help="Singers to blend with, as in 'alto' or 'alto:2, tenor:1'.", flags=("--blend-with",),
           needs=("second singer",)),
    Switch(name="predict_f0", default=False, kind="flag", stage="sing", section=MELODY,
           help="The singer's own melody in place of the input's; for speech.",
           flags=("-a/-na", "--auto-predict-f0/--no-auto-predict-f0"), needs=("f0 decoder",)),
    Switch(name="second_encoding", default=False, kind="flag", stage="sing", section=DIFFUSION,
           help="The diffusion takes the words from the generator's output.", flags=("--second-encoding",),
           needs=("diffusion refiner", "second encoding")),
    Switch(name="diffusion_only", default=False, kind="flag", stage="sing", section=DIFFUSION,
           help="The diffusion sings alone, without the generator.", flags=("--diffusion-only",),
           needs=("diffusion refiner", "refiner that was trained from pure noise"),
           excludes={
               "diffusion_depth": "diffusion_only leaves no generator to refine",
               "second_encoding": "second_encoding hears what the generator sings, and diffusion_only leaves"
               " it out",
           }),
    Switch(name="enhancer_key", default=None, kind="number", low=0.0, high=12.0, unit="st", stage="sing",
           help="Sing once more through the vocoder; 0 to 12 semitones let it reach higher.", section=SVC,
           flags=("--enhance",), needs=("vocoder behind a generator",),
           excludes={"diffusion_depth": _ALONE, "diffusion_only": _ALONE}),
)  # fmt: skip
KNOBS = tuple(row for row in TABLE if not isinstance(row, Switch))
SWITCHES = tuple(row for row in TABLE if isinstance(row, Switch))
BY_NAME: Mapping[str, Row] = MappingProxyType({row.name: row for row in TABLE})
RESTS: Mapping[str, Any] = MappingProxyType(
    {row.name: int(row.default) if isinstance(row, Knob) and row.whole else row.default for row in TABLE}
)
"""Where each row rests."""
MOVABLE = tuple(row.name for row in TABLE if isinstance(row, Knob) and row.automatable)
"""What a lane may move."""


def lacks(have: frozenset[Part], name: str, value: Value) -> str:
    """Why a voice with these parts cannot set a row so: "has no ..., so ... must be ..."; "" when it can."""
    row = BY_NAME.get(name)
    if row is None or value == row.default:
        return ""
    missing = next((part for part in row.needs if part not in have), None)
    return "" if missing is None else f"has no {missing}, so {name} must be {shown(row)}"


def shown(row: Row) -> str:
    """Where a row rests, in words."""
    if isinstance(row.default, bool):
        return "on" if row.default else "off"
    if row.default is None or row.default == "":
        return "left out"
    return row.default if isinstance(row.default, str) else f"{row.default:g}"


def check_together(values: Mapping[str, Value]) -> None:
    """Refuse rows that exclude each other, or ask for one that is not set; a knob's value is its highest.

    Raises:
        ParamError: Both are named, and which to leave out.
    """
    moved = [row for row in TABLE if values[row.name] != row.default]
    for row in moved:
        if row.asks and values[row.asks] == BY_NAME[row.asks].default:
            said = f"{row.name} reaches {values[row.name]}, and {row.asks} names no singer"
            raise ParamError(said, hint="name one, such as 'alto'")
        for other, why in row.excludes.items():
            if values[other] != BY_NAME[other].default:
                raise ParamError(why, hint=f"leave out {row.name}, or {other}")
