"""What loses the words of song: `python benchmarks/ablation.py` (ten minutes).

Nine recordings of people, sung by WORLD about 330 Hz, through both singers: as they are; with an ear that
hears the same words as slowly at the pitch of speech; with the source's own envelope in the place of the
decoder's. What the second gains is lost by the ear, what the third gains beyond it by the singers, and what
is left beside WORLD by the synthesis. Needs what `listening.py` needs. Rewrites its section of
`benchmarks/RESULTS.md`.
"""

from collections.abc import Callable

import numpy as np
import torch
from judging import converter, people, readers, results, worlds
from numpy.typing import NDArray

from svcfx.chain.analysis import measure
from svcfx.chain.parametric import clarity, nets, voice
from svcfx.chain.parametric.listener import Listener
from svcfx.chain.parametric.stream import SliceEngine
from svcfx.chain.track import RowBuffer
from svcfx.training import world

Samples = NDArray[np.float32]
CENTRE_HZ = 330.0
CLIPS = (0, 2, 3, 9, 11, 14, 15, 16, 17)
"""Of the first set: those of 8 to 22 words and less than 8 s."""
SINGERS = ("vela", "corin")


def main() -> None:
    """Sing, ask the judges, and write the section."""
    torch.set_num_threads(1)
    clips = people.first()
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    for clip in (clips[i] for i in CLIPS):
        song, slow = worlds.sung(clip.audio, CENTRE_HZ), worlds.slower(clip.audio)
        found.setdefault("WORLD", []).append(_errors(clip.text, song))
        for title, under in (("as it is", _untouched), ("an ear at speech's pitch", _ear),
                             ("the source's envelope", _envelope)):  # fmt: skip
            for singer in SINGERS:
                undo = under(slow)
                made = converter.speech(song, singer, "auto")
                undo()
                found.setdefault(f"{singer}, {title}", []).append(_errors(clip.text, made))
        print(clip.name, flush=True)
    rows = [[title, *_rates(many)] for title, many in found.items()]
    body = (
        f"Of {converter.weights('vela')}, by `python benchmarks/ablation.py`: {len(CLIPS)} recordings sung"
        f" about {CENTRE_HZ:.0f} Hz, {sum(one[1] for one in found['WORLD'])} words.\n\n"
        + results.table(["what is heard", "words wrong (base)", "phones wrong (hama)"], rows)
    )
    print(body)
    results.write("What loses the words of song", body)


def _errors(text: str, audio: Samples) -> tuple[int, int, int, int]:
    words, phones = readers.plain(text), readers.phones_of(text)
    wrong = readers.edits(readers.base_words(audio), words), readers.edits(readers.hama_phones(audio), phones)
    return wrong[0], len(words), wrong[1], len(phones)


def _rates(many: list[tuple[int, int, int, int]]) -> list[str]:
    words, said, phones, spelled = np.sum(many, 0)
    return [f"{words / said:.3f}", f"{phones / spelled:.3f}"]


def _untouched(_slow: world.Analysis) -> Callable[[], None]:
    return lambda: None


def _ear(slow: world.Analysis) -> Callable[[], None]:
    """The listener hears, and the level is measured of, the same words at their own pitch."""
    other, hear = RowBuffer(), Listener.hear
    other.append(np.pad(world.resynthesise(slow), (0, 30 * world.RATE)))

    def heard(self: Listener, _audio: RowBuffer, stop: int) -> None:
        hear(self, other, stop)

    spoken = other.read(0, other.end - 30 * world.RATE)
    Listener.hear, voice.measure = heard, lambda *_: measure(iter([spoken]), world.RATE)  # type: ignore

    def back() -> None:
        Listener.hear, voice.measure = hear, measure  # type: ignore[method-assign]

    return back


def _envelope(slow: world.Analysis) -> Callable[[], None]:
    """The source's envelope at 10 ms is sung, and not sharpened."""
    own, made, amount = world.to_bands(slow).envelope[::2], SliceEngine._made, clarity.AMOUNT

    def replaced(self: SliceEngine, first: int, stop: int, *rest: object) -> nets.Envelope:
        decoded = made(self, first, stop, *rest)  # type: ignore[arg-type]
        rows = np.clip(np.arange(first, stop), 0, len(own) - 1)
        return decoded._replace(envelope=nets.at_loudness_zero(torch.from_numpy(own[rows])))

    SliceEngine._made, clarity.AMOUNT = replaced, 1.0  # type: ignore

    def back() -> None:
        SliceEngine._made, clarity.AMOUNT = made, amount  # type: ignore[method-assign]

    return back


if __name__ == "__main__":
    main()
