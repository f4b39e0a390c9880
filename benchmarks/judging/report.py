"""The figures of all pairs as tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from judging.clicks import Proof
from judging.depths import Redrawn
from judging.human import HumanVerdict
from judging.pairs import SEMITONES
from judging.results import table
from judging.speed import Speed
from judging.statistics import figure
from judging.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, how it is read off a verdict, its digits, which end is good, and its bars if it has any.

    The worst pair may miss the bar by the share `slack`.
    """

    name: str
    value: Callable[[Verdict], float]
    digits: int = 3
    more_is_better: bool = True
    spoken_bar: float | None = None
    sung_bar: float | None = None
    semitones: int | None = None
    slack: float = 0.0

    def bar(self, manner: str) -> float | None:
        """The bar for spoken or sung stems."""
        return self.spoken_bar if manner == "spoken" else self.sung_bar

    def meets(self, value: float, bar: float) -> bool:
        """Whether a value is on the good side of the bar."""
        return value >= bar if self.more_is_better else value <= bar


ROWS = (
    Row(
        "cosine to ground truth at its pitch",
        lambda v: v.cos_truth,
        spoken_bar=0.93,
        sung_bar=0.85,
        slack=0.1,
    ),
    Row("the same, text by text", lambda v: v.cos_truth_each),
    Row("cosine to the singer's own register", lambda v: v.cos_reference),
    Row("what ground truth scores there", lambda v: v.truth_reference),
    Row("what the source scores there", lambda v: v.source_reference, more_is_better=False),
    Row("cosine to the source", lambda v: v.cos_source, more_is_better=False),
    Row("what ground truth scores there", lambda v: v.source_truth, more_is_better=False),
    Row("phone accuracy over the source's", lambda v: v.phone / v.phone_source, 3, True, 0.90, 0.90),
    Row("ground truth's over the source's", lambda v: v.phone_truth / v.phone_source),
    Row("phone accuracy of the conversion", lambda v: v.phone),
    Row("phone accuracy of the source", lambda v: v.phone_source),
    Row("phone accuracy of ground truth", lambda v: v.phone_truth),
    Row("pitch, median error, cents", lambda v: v.cents, 1, False, 8.0, 8.0),
    *(Row(f"the same at {at:+d} semitones", lambda v: v.cents, 1, False, 8.0, 8.0, at) for at in SEMITONES),
    Row("what the judge finds in ground truth, cents", lambda v: v.truth_cents, 1, False),
    Row("pitch, correlation", lambda v: v.r, 4, True, 0.98, 0.98),
    *(Row(f"the same at {at:+d} semitones", lambda v: v.r, 4, True, 0.98, 0.98, at) for at in SEMITONES),
    Row("pitch, more than 50 cents off", lambda v: v.gross, 4, False),
    Row("voicing agreement", lambda v: v.voicing),
    Row("pitch by Praat, median error, cents", lambda v: v.praat_cents, 1, False),
    Row("pitch by Praat, correlation", lambda v: v.praat_r, 4),
    Row("log-spectral distance to ground truth, dB", lambda v: v.distance_db, 2, False),
    Row("global variance over ground truth's", lambda v: v.variance_ratio),
    Row("the same, away from 1", lambda v: abs(v.variance_ratio - 1.0), 3, False, 0.2, 0.2),
    Row("energy above 8 kHz beside ground truth, dB", lambda v: v.air_db, 2),
    Row("the same, either way", lambda v: abs(v.air_db), 2, False, 3.0, 3.0),
    Row("clicks a minute", lambda v: 60.0 * v.clicks / v.seconds, 2, False),
    Row("clicks at phrase borders", lambda v: float(v.border_clicks), 2, False, 0.0, 0.0),
    Row("clicks a minute of ground truth", lambda v: 60.0 * v.truth_clicks / v.seconds, 2, False),
    Row("samples not 0 in silence", lambda v: float(v.loud_samples_in_silence), 0, False, 0.0, 0.0),
)
HEAD = ("figure", "mean", "95 % interval", "worst", "worst pair", "bar", "mean met", "worst met")


def summary(verdicts: Sequence[Verdict], manner: str) -> str:
    """Mean, interval and worst pair of every figure over the spoken or the sung pairs."""
    rows = []
    for row in ROWS:
        kept = [v for v in verdicts if v.manner == manner and row.semitones in (None, v.semitones)]
        if kept:
            rows.append(_cells(row, kept, row.bar(manner)))
    return table(HEAD, rows)


def _cells(row: Row, kept: Sequence[Verdict], bar: float | None) -> tuple[str, ...]:
    found = figure({v.pair: row.value(v) for v in kept}, more_is_better=row.more_is_better)
    mean, low, high, worst = (f"{x:.{row.digits}f}" for x in (found.mean, found.low, found.high, found.worst))
    cells = (row.name, mean, f"{low} .. {high}", worst, found.worst_pair)
    if bar is None:
        return (*cells, "", "", "")
    lowest = bar * (1.0 - row.slack)
    met = ["yes" if good else "NO" for good in (row.meets(found.mean, bar), row.meets(found.worst, lowest))]
    return (*cells, f"{'>=' if row.more_is_better else '<='} {bar:g}", *met)


def overall(verdicts: Sequence[Verdict]) -> str:
    """How many pairs left their source behind, and phones over spoken and sung together."""
    lines = []
    for manner in ("spoken", "sung"):
        kept = [v for v in verdicts if v.manner == manner]
        truth = sum(v.cos_truth > v.cos_source for v in kept)
        own = sum(v.cos_reference > v.cos_source for v in kept)
        lines.append(
            f"{manner.capitalize()}: {truth} of {len(kept)} pairs are nearer to the singer's ground truth at "
            f"their pitch than to their source, {own} nearer to the singer at its own register."
        )
    share = sum(v.phone / v.phone_source for v in verdicts) / len(verdicts)
    ideal = sum(v.phone_truth / v.phone_source for v in verdicts) / len(verdicts)
    lines.append(
        f"Over all {len(verdicts)} pairs phone accuracy is {share:.3f} of the source's; "
        f"ground truth's is {ideal:.3f}."
    )
    return "\n".join(lines)


def pairs(verdicts: Sequence[Verdict]) -> str:
    """The chief figures of each pair."""
    rows = [
        (
            v.pair,
            f"{v.cos_truth:.3f}",
            f"{v.cos_reference:.3f}",
            f"{v.truth_reference:.3f}",
            f"{v.cos_source:.3f}",
            f"{v.phone:.3f}",
            f"{v.phone_source:.3f}",
            f"{v.phone_truth:.3f}",
            f"{v.cents:.1f}",
            f"{v.r:.4f}",
            f"{v.voicing:.3f}",
            f"{v.distance_db:.1f}",
            f"{v.variance_ratio:.2f}",
        )
        for v in verdicts
    ]
    head = "pair|cos truth|cos own|truth/own|cos source|phone|of source|of truth|cents|r|V/UV|LSD dB|GV"
    return table(head.split("|"), rows)


def depths(found: Sequence[Redrawn], verdicts: Sequence[Verdict]) -> str:
    """The refiner at each depth, in the mean over its pairs and beside depth 0."""
    names = {one.pair for one in found}
    kept = {"0": [_effect(v) for v in verdicts if v.pair in names]}
    for one in found:
        kept.setdefault(f"{one.depth:g}", []).append(_effect(one))
    rows = [(depth, *(f"{mean:.3f}" for mean in np.mean(effects, axis=0))) for depth, effects in kept.items()]
    return table(("depth", "global variance", "away from 1", "phones of source", "cos truth", "LSD dB"), rows)


def _effect(one: Redrawn | Verdict) -> tuple[float, ...]:
    ratio = one.variance_ratio
    return ratio, abs(ratio - 1.0), one.phone / one.phone_source, one.cos_truth, one.distance_db


def human(verdicts: Sequence[HumanVerdict]) -> str:
    """Human speech, each conversion in a row."""
    rows = [
        (
            v.pair,
            f"{v.cos_truth:.3f}",
            f"{v.cos_reference:.3f}",
            f"{v.source_reference:.3f}",
            f"{v.cos_source:.3f}",
            f"{v.cents:.1f}",
            f"{v.r:.4f}",
            f"{v.voicing:.3f}",
            f"{v.phone:.3f}",
            f"{v.phone_source:.3f}",
            f"{v.errors:.2f}",
            f"{v.errors_source:.2f}",
        )
        for v in verdicts
    ]
    head = "pair|cos truth|cos own|source/own|cos source|cents|r|V/UV|phone|of source|phone errors|of source"
    return table(head.split("|"), rows)


def speed(found: Speed) -> str:
    """Speed and memory in a table with their bars."""
    rows = [
        ("real-time factor, median of 5", f"{found.rtf:.4f}", "< 0.1", "yes" if found.rtf < 0.1 else "NO"),
        ("CPU seconds a second of audio, of all threads", f"{found.cpu:.4f}", "", ""),
        ("slowest of 5", f"{found.worst_rtf:.4f}", "", ""),
        ("first call, imports and weights included", f"{found.first_rtf:.4f}", "", ""),
        ("seconds of audio", f"{found.audio_s:.1f}", "", ""),
        ("load average meanwhile", f"{found.load:.1f}", "", ""),
        ("memory before, MB", f"{found.idle_mb:.0f}", "", ""),
        ("memory at most, MB", f"{found.peak_mb:.0f}", "", ""),
    ]
    return table(("speed on 2 cores", "figure", "bar", "met"), rows)


def detector(found: Proof, places: int) -> str:
    """What the click detector finds of what was broken on purpose."""
    return (
        f"Click detector, {places} clicks of each kind put into vowels: it finds {found.moved_sample:.0%} of "
        f"moved samples, {found.lost_piece:.0%} of 3 ms gaps and {found.cut_phrase:.0%} of cut phrases."
    )
