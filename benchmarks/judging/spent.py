"""What a render spends its time on, run by an interpreter of its own: SESSION OUT CACHE; prints JSON.

Seconds of a part are those that a thread is in it and in no part within it, so that they add up. Threads that
work beside each other count both, and what a part waits for counts as its own.
"""

import functools
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VOICES = "voices"
AROUND = ("reading", "boards", "mix", "hashing", "store", "writing")
"""What a render does around its voices, whatever they are."""
_threads, _spent, _counting = threading.local(), Counter[str](), threading.Lock()


@contextmanager
def part(name: str) -> Iterator[None]:
    """Count the seconds of the block as those of a part."""
    around = _threads.__dict__.setdefault("around", [])
    began, within = time.monotonic(), [0.0]
    around.append(within)
    try:
        yield
    finally:
        took = time.monotonic() - began
        around.pop()
        with _counting:
            _spent[name] += took - within[0]
        if around:
            around[-1][0] += took


def _watch(owner: Any, called: str, name: str) -> None:
    """Count what a function or a method takes."""
    was: Callable[..., Any] = getattr(owner, called)

    @functools.wraps(was)
    def watched(*given: Any, **named: Any) -> Any:
        with part(name):
            return was(*given, **named)

    setattr(owner, called, watched)


def _watch_all() -> None:
    from svcfx import audio, digest
    from svcfx.dsp import stretch
    from svcfx.node.native_run import NativeRun
    from svcfx.render.files import Files
    from svcfx.render.steps import Steps
    from svcfx.session import advice, makeup, mastering, recipe, summing, tails
    from svcfx.session.strip_render import StripRender
    from svcfx.session.sums import StripSum

    _watch(audio, "read", "reading")
    _watch(NativeRun, "one_shot", "boards")
    for owner, called in (
        (StripSum, "add"),
        (mastering, "mastered"),
        (summing.Summing, "_peak"),
        (tails, "notes"),
    ):
        _watch(owner, called, "mix")
    _watch(digest, "read", "hashing")
    for called in ("get", "holds", "put", "settle", "_keep"):
        _watch(Files, called, "store")
    _watch(recipe, "write_with", "writing")
    _watch(stretch, "follow_key", "stretching")
    _watch(StripRender, "open", "opening of voices")
    _watch(advice, "about_voices", "what is said of stems")
    _watch(makeup, "matched", "loudness of stems")
    _watch(Steps, "_timed", VOICES)


def main(session: str, out: str, cache: str) -> None:
    """Render, and print what was spent; `around` is a voice's song, so torch is loaded in any case."""
    began = time.monotonic()
    with part("import of torch"):
        import torch  # noqa: F401

    with part("imports"):
        from svcfx.render.files import Files
        from svcfx.session.bounce import bounce

        _watch_all()
    with part("all else"):
        done = bounce(Path(session), Path(out), store=Files(Path(cache)))
    whole = time.monotonic() - began
    print(json.dumps({"whole": whole, "spent": _spent, "voices": done.steps.seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
