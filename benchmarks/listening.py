"""What people's words become in the voices that ship: `python benchmarks/listening.py` (half an hour).

Human recordings that Debian's packages install are converted by both singers through the public node, and
strangers to the voices write down what they hear: of the source, of its WORLD resynthesis (the ceiling of
this family of synthesis), of the conversion. `--last` opens the second set, once, when a voice is finished.
`--before FILE` puts an older run's figures beside the new ones; `--quick` is a look at eight clips.
"""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

import torch
from judging import converter, heard, people, results, statistics, worlds
from judging.heard import Finding

FOLDER = Path("build/benchmarks/listening")
SINGERS = ("vela", "corin")
SUNG, SUNG_HZ = "sung, all", (220.0, 330.0, 440.0)
SUNG_SECONDS = 8.0
"""Longer clips are not sung: four of 21, which would be half of the work."""
MOVED = ("auto", "0", "-5", "5")


def main() -> None:
    """Judge, print, keep the numbers, and write the section of RESULTS.md."""
    options = _options()
    torch.set_num_threads(1)
    heard.WORDS_ALONE, converter.STREAMED = options.words, options.streamed
    started = time.monotonic()
    clips = people.last() if options.last else people.first()
    if options.quick:
        clips = clips[:1] + clips[3:5] + clips[9:14]
    found = _spoken(clips, MOVED if options.moved else ("auto",))
    if not options.spoken:
        found += _sung([clip for clip in clips if len(clip.audio) < SUNG_SECONDS * people.RATE])
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = f"{options.name}{'-last' if options.last else ''}.json"
    (FOLDER / name).write_text(json.dumps([asdict(one) for one in found], indent=1), encoding="utf-8")
    before = _read(options.before) if options.before else []
    text = _tables(found, before)
    print(f"{text}\n\nJudged in {time.monotonic() - started:.0f} s.")
    if options.keep:
        results.write(options.title, text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--last", action="store_true", help="the second set")
    parser.add_argument("--quick", action="store_true", help="eight clips")
    parser.add_argument("--spoken", action="store_true", help="spoken material alone")
    parser.add_argument("--words", action="store_true", help="words, phones, pitch and likeness alone")
    parser.add_argument(
        "--streamed", choices=("full", "short"), default="", help="as streams of that lookahead"
    )
    parser.add_argument("--moved", action="store_true", help="at 0, -5 and +5 semitones too")
    parser.add_argument("--before", type=Path, help="an older run's JSON to stand beside")
    parser.add_argument("--name", default="now", help="name of this run's JSON")
    parser.add_argument("--keep", action="store_true", help="write the section of RESULTS.md")
    parser.add_argument("--title", default="Human words", help="of that section")
    return parser.parse_args()


def _spoken(clips: list[people.Clip], moves: tuple[str, ...]) -> list[Finding]:
    found = []
    for clip in clips:
        said = heard.Said(clip.name, clip.speaker, clip.text, "spoken")
        found += [
            heard.judge(said, "source", clip.audio),
            heard.judge(said, "WORLD", worlds.again(clip.audio)),
        ]
        for singer in SINGERS:
            for move in moves:
                made = converter.speech(clip.audio, singer, move)
                kind = singer if move == "auto" else f"{singer} {move}"
                found.append(heard.judge(said, kind, made, clip.audio))
        print(f"{clip.name}: " + "  ".join(f"{f.kind} {f.words:.2f}" for f in found if f.clip == clip.name))
    return found


def _sung(clips: list[people.Clip]) -> list[Finding]:
    found = []
    for clip in clips:
        for centre in SUNG_HZ:
            song = worlds.sung(clip.audio, centre)
            said = heard.Said(f"{clip.name} {centre:.0f} Hz", clip.speaker, clip.text, f"sung {centre:.0f}")
            found.append(heard.judge(said, "WORLD", song))
            found += [
                heard.judge(said, singer, converter.speech(song, singer, "auto"), song) for singer in SINGERS
            ]
    return found


def _read(path: Path) -> list[Finding]:
    return [Finding(**one) for one in json.loads(path.read_text(encoding="utf-8"))]


def _tables(found: list[Finding], before: list[Finding]) -> str:
    parts = []
    genres = list(dict.fromkeys(one.genre for one in found))
    for genre in [*genres, SUNG] if len(genres) > 2 else genres:
        rows = []
        for stage, batch in (("before", before), ("now", found)):
            kept = [one for one in batch if one.genre == genre or (genre == SUNG and one.genre != "spoken")]
            for kind in dict.fromkeys(one.kind for one in kept):
                if stage == "before" and kind in ("source", "WORLD"):
                    continue
                rows.append(_row(f"{kind}, before" if stage == "before" else kind, kind, kept))
        parts += [f"### {genre}", results.table(HEAD, rows)]
    parts += ["### By speaker, words wrong (Whisper base)", results.table(*_speakers(found))]
    return "\n\n".join(parts)


HEAD = (
    "what is heard", "words wrong (base)", "words wrong (sphinx)", "phones wrong (hama)",
    "cents, FCPE; Praat", "octaves, FCPE; Praat", "voicing", "P808", "distillmos", "nearer",
    "peak over 0 dBFS",
)  # fmt: skip


def _row(title: str, kind: str, batch: list[Finding]) -> list[str]:
    mine = [one for one in batch if one.kind == kind]
    low, high = statistics.interval([one.words for one in mine], [one.said for one in mine])
    return [
        title,
        f"{_rate(mine, 'words', 'said'):.3f} ({low:.2f} to {high:.2f})",
        f"{_rate(mine, 'sphinx', 'said'):.3f}",
        f"{_rate(mine, 'phones', 'said_phones'):.3f}",
        _pair(mine, "cents", ".1f"),
        _pair(mine, "octaves", ".3f"),
        _pair(mine, "voicing", ".3f"),
        _mean(mine, "p808"),
        _mean(mine, "distilled"),
        f"{sum(one.nearer for one in mine)} of {len(mine)}" if mine[0].cents else "",
        f"{sum(one.peak > 1.0 for one in mine)} of {len(mine)}",
    ]


def _rate(batch: list[Finding], wrong: str, of: str) -> float:
    return float(sum(getattr(one, wrong) for one in batch) / sum(getattr(one, of) for one in batch))


def _mean(batch: list[Finding], name: str) -> str:
    """Of what a predictor said; nothing where it was not asked."""
    total = sum(getattr(one, name) for one in batch)
    return f"{total / len(batch):.2f}" if total else ""


def _pair(batch: list[Finding], name: str, shown: str) -> str:
    values = [getattr(one, name) for one in batch if getattr(one, name)]
    if not values:
        return ""
    return "; ".join(f"{sum(pair[i] for pair in values) / len(values):{shown}}" for i in (0, 1))


def _speakers(found: list[Finding]) -> tuple[list[str], list[list[str]]]:
    spoken = [one for one in found if one.genre == "spoken"]
    kinds = list(dict.fromkeys(one.kind for one in spoken))
    rows = []
    for speaker in dict.fromkeys(one.speaker for one in spoken):
        mine = [[one for one in spoken if one.speaker == speaker and one.kind == kind] for kind in kinds]
        rows.append([speaker, *(f"{_rate(batch, 'words', 'said'):.3f}" for batch in mine)])
    return ["speaker", *kinds], rows


if __name__ == "__main__":
    main()
