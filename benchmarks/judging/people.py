"""People: recordings with their texts that Debian's packages install; tests and measuring only.

asterisk-core-sounds-en (-g722), pocketsphinx-testdata and alsa-utils. `FIRST` is what voices are judged by
while they are made; `LAST` is the second set, looked at once, when a voice is finished.
"""

import gzip
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy import signal

Samples = NDArray[np.float32]
RATE = 16000
SPHINX = Path("/usr/share/pocketsphinx/test/data")
ALSA = Path("/usr/share/sounds/alsa")
ANNOUNCER = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
TEXTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
PROMPTS = [
    "Front_Center",
    "Front_Left",
    "Front_Right",
    "Rear_Center",
    "Rear_Left",
    "Rear_Right",
    "Side_Left",
    "Side_Right",
]
FIRST = [
    "agent-newlocation",
    "cannot-complete-as-dialed",
    "check-number-dial-again",
    "conf-onlyone",
    "conf-placeintoconf",
    "conf-roll-callcomplete",
    "conf-waitforleader",
    "confbridge-mute-extended",
    "demo-abouttotry",
    "demo-nogo",
]
LAST = [
    "agent-alreadyon",
    "auth-incorrect",
    "confbridge-lock-no-join",
    "confbridge-invalid",
    "confbridge-only-participant",
    "confbridge-pin",
    "demo-nomatch",
    "demo-thanks",
    "dir-nomore",
    "enter-num-blacklist",
    "pbx-invalidpark",
    "confbridge-removed",
    "demo-enterkeywords",
    "conf-invalid",
]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A recording at 16 kHz (frames,), who speaks, and what is said."""

    name: str
    speaker: str
    text: str
    audio: Samples


def first() -> list[Clip]:
    """The set that voices are judged by: a reader, a card player, prompts, ten announcements."""
    return [*_sphinx("librivox", "transcription"), *_sphinx("cards", "cards.transcription"),
            _prompts(PROMPTS), *_announced(FIRST)]  # fmt: skip


def last() -> list[Clip]:
    """The second set: announcements that the first does not hold, and spoken digits and commands."""
    return [*_announced(LAST), _raw("goforward.raw", "go forward ten meters")]


def _sphinx(folder: str, transcripts: str) -> list[Clip]:
    lines = (SPHINX / folder / transcripts).read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"<s>(.*)</s>\s*\((.*)\)", line.strip()) for line in lines]
    return [
        Clip(match[2], folder, match[1].strip(), _read(SPHINX / folder / f"{match[2]}.wav"))
        for match in found
        if match
    ]


def _prompts(names: list[str]) -> Clip:
    gap = np.zeros(RATE // 3, np.float32)
    parts = [part for name in names for part in (_read(ALSA / f"{name}.wav"), gap)]
    return Clip("prompts", "alsa", ", ".join(name.replace("_", " ").lower() for name in names),
                np.concatenate(parts))  # fmt: skip


def _announced(names: list[str]) -> list[Clip]:
    texts = dict(
        line.split(":", 1)
        for line in gzip.decompress(TEXTS.read_bytes()).decode("utf-8").splitlines()
        if ":" in line and not line.startswith(";")
    )
    return [Clip(name, "announcer", texts[name].strip(), _g722(ANNOUNCER / f"{name}.g722")) for name in names]


def _g722(path: Path) -> Samples:
    made = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "g722", "-i", str(path), "-f", "s16le", "-ar", str(RATE), "-"],
        capture_output=True,
        check=True,
    )
    return np.frombuffer(made.stdout, "<i2").astype(np.float32) / 32768.0


def _raw(name: str, text: str) -> Clip:
    audio = np.frombuffer((SPHINX / name).read_bytes(), "<i2").astype(np.float32) / 32768.0
    return Clip(name, "sphinx", text, audio)


def _read(path: Path) -> Samples:
    audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono = audio.mean(1)
    common = int(np.gcd(rate, RATE))
    return np.asarray(signal.resample_poly(mono, RATE // common, rate // common), np.float32)
