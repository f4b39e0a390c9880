"""Write the README's tables of figures from RESULTS.md, so that no figure is copied by hand.

python benchmarks/readme.py            # after benchmarks/listening.py --keep or benchmarks/voice.py
python benchmarks/readme.py --check    # exit code 1 when the README says something else
"""

import argparse
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
README, RESULTS = HERE.parent / "README.md", HERE / "RESULTS.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->"
WORDS_BEGIN, WORDS_END = "<!-- words: begin -->\n", "<!-- words: end -->"
WORDS = ("words wrong (base)", "words wrong (sphinx)", "phones wrong (hama)", "P808")
GENRES = ("spoken", "sung 220", "sung 330", "sung 440", "sung, all")
ROWS = (
    (
        "cosine to ground truth at its pitch",
        "likeness to the singer: cosine to its ground truth at the same pitch",
    ),
    ("phone accuracy over the source's", "words: phone accuracy over the source's own"),
    ("pitch, median error, cents", "pitch after -7, 0 and +5 semitones: median error, cents"),
    ("pitch, correlation", "pitch: correlation"),
    ("log-spectral distance to ground truth, dB", "log-spectral distance to ground truth, dB"),
    ("global variance over ground truth's", "global variance over ground truth's"),
    ("clicks at phrase borders", "clicks at phrase borders"),
    ("samples not 0 in silence", "samples not 0 where the source is silent"),
)
SPEED = "real-time factor, median of 5"
WORK = "CPU seconds a second of audio, of all threads"


def cells(line: str) -> list[str]:
    """The cells of one row of a Markdown table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def section(text: str, title: str) -> list[list[str]]:
    """The rows of the first table under the heading `title`."""
    match = re.search(rf"^### {re.escape(title)}.*?\n\n((?:\|.*\n)+)", text, re.MULTILINE)
    if match is None:
        raise SystemExit(f"RESULTS.md has no table under '{title}'")
    return [cells(line) for line in match[1].splitlines()[2:]]


def figures(row: list[str]) -> str:
    """Mean, its interval where there is one, and the worst pair."""
    low, _, high = row[2].partition(" .. ")
    between = f" ({low} to {high})" if float(low) != float(high) else ""
    return f"{row[1]}{between}, {row[3]}"


def bar(*rows: list[str]) -> str:
    """What was wanted of spoken and sung, once when it is the same."""
    wanted = dict.fromkeys(re.sub(r" (in the mean|every pair)$", "", row[5]) for row in rows if row[5])
    return ", ".join(wanted).replace("<= 0", "0").replace("<=", "≤").replace(">=", "≥")


def table(results: str) -> str:
    """The README's table."""
    spoken = {row[0]: row for row in section(results, "Spoken")}
    sung = {row[0]: row for row in section(results, "Sung")}
    lines = ["| figure | wanted | spoken: mean (95 %), worst | sung: mean (95 %), worst |"]
    lines.append("| --- | --- | --- | --- |")
    for key, shown in ROWS:
        both = spoken[key], sung[key]
        lines.append(f"| {shown} | {bar(*both)} | {figures(both[0])} | {figures(both[1])} |")
    speed = {row[0]: row for row in section(results, "Speed and memory")}
    load = speed["load average meanwhile"][1]
    factor = f"{float(speed[SPEED][1]):.2f} at a load of {load}; {speed[WORK][1]} s of processor time"
    lines.append(f"| real-time factor, 2 cores, everything included | {speed[SPEED][2]} | {factor} | |")
    human = section(results, "Human speech")
    likeness = sum(float(row[1]) for row in human) / len(human)
    lines.append(f"| likeness from eight short prompts of human speech | | {likeness:.3f} | |")
    return "\n".join(lines) + "\n"


def words(results: str) -> str:
    """The README's table of people's words: what is heard of the source, its resynthesis and the singers."""
    part = re.search(r"^## People's words\n.*?(?=^## |\Z)", results, re.DOTALL | re.MULTILINE)
    if part is None:
        return "Not measured.\n"
    lines = ["| | what is heard | " + " | ".join(WORDS) + " |", "| --- " * (len(WORDS) + 2) + "|"]
    for genre in GENRES:
        found = re.search(rf"^### {genre}\n\n((?:\|.*\n)+)", part[0], re.MULTILINE)
        if found is None:
            continue
        head, _, *rows = [cells(line) for line in found[1].splitlines()]
        places = [head.index(name) for name in WORDS]
        lines += [f"| {genre} | {row[0]} | " + " | ".join(row[i] for i in places) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def between(text: str, begin: str, end: str, shown: str) -> str:
    """Text with what stands between two marks replaced."""
    before, _, rest = text.partition(begin)
    return before + begin + shown + end + rest.partition(end)[2]


def main() -> None:
    """Fill or check the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    text = README.read_text()
    results = RESULTS.read_text() if RESULTS.exists() else ""
    # A figure without the results it came from is not shown.
    shown = table(results) if results else "The default voice is being measured.\n"
    filled = between(text, WORDS_BEGIN, WORDS_END, words(results))
    filled = between(filled, BEGIN, END, shown)
    if check:
        sys.exit(0 if filled == text else "README.md and RESULTS.md differ: run python benchmarks/readme.py")
    README.write_text(filled)


if __name__ == "__main__":
    main()
