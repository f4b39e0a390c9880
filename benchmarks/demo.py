"""Whether the demo's words are heard: `python benchmarks/demo.py` (a minute), and what `listening.py` needs.

The verse and the chorus as they are written down from the lead's stem, from what the session makes of it, and
from the mix. A judge may fall into another sentence for a third of a second more of silence, so three cuts
are asked, and their middle counts. Rewrites its section of `benchmarks/RESULTS.md`.
"""

import tempfile
from pathlib import Path

import numpy as np
import soxr
from judging import readers, results
from judging.whisper import RATE

import svcfx
from svcfx import audio
from svcfx.session import bounce, document

SONG = Path(svcfx.__file__).parent / "demo" / "session.toml"
FOR_OLD = "for old lang syne"
PARTS = {
    "verse": (4.0, 25.2, "should old acquaintance be forgot and never brought to mind should old acquaintance"
                         " be forgot and days of old lang syne"),
    "chorus": (25.2, 47.6, f"{FOR_OLD} my dear {FOR_OLD} well take a cup of kindness yet {FOR_OLD}"),
}  # fmt: skip
"""From and to which second, and what is sung there."""
SOUNDS_SO = {"auld": "old", "sign": "syne", "sine": "syne", "zine": "syne", "langsign": "lang syne"}
"""Scots words that a stranger may write as English ones that sound the same."""
CUTS_S = (-0.3, 0.0, 0.3)
JUDGES = {"base": readers.base_words, "sphinx": readers.sphinx_words}


def main() -> None:
    """Render, ask both judges, and write the section."""
    with tempfile.TemporaryDirectory() as folder:
        made = bounce.bounce(document.load(SONG), Path(folder))
        lead = next(path for path in made.stems if path.stem == "lead")
        paths = {"the lead's stem": SONG.with_name("lead.ogg"), "converted": lead, "the mix": made.mix[0]}
        rows = [[what, *_wrong(audio.read(path))] for what, path in paths.items()]
    titles = [f"{part}, {judge}" for part in PARTS for judge in JUDGES]
    said = ", ".join(f"{len(words.split())} of the {part}" for part, (_, _, words) in PARTS.items())
    body = (
        "Words wrong (edits), by `python benchmarks/demo.py`: the middle of three cuts, and all three; sung"
        f" are {said}.\n\n" + results.table(["what is heard", *titles], rows)
    )
    print(body)
    results.write("What is heard of the demo", body)


def _wrong(sound: audio.Audio) -> list[str]:
    mono = sound.samples.mean(axis=0)
    found = []
    for first, last, words in PARTS.values():
        parts = [
            soxr.resample(
                mono[round((first + later) * sound.sample_rate) : round((last + later) * sound.sample_rate)],
                sound.sample_rate,
                RATE,
            ).astype(np.float32)
            for later in CUTS_S
        ]
        for ask in JUDGES.values():
            wrong = [readers.edits(_as_sung(ask(part)), words.split()) for part in parts]
            found.append(f"{np.median(wrong):.0f} ({', '.join(map(str, wrong))})")
    return found


def _as_sung(words: list[str]) -> list[str]:
    return " ".join(SOUNDS_SO.get(word, word) for word in words).split()


if __name__ == "__main__":
    main()
