"""Programs that are killed right before a result of theirs gets its name, in whichever process that is."""

import os
import sys
from pathlib import Path

_HOOK = """
import os, signal, sys

PLACE, MARKS, WHICH = {place!r}, {marks!r}, {which}

def number():
    count = 1
    while True:
        try:
            os.mkdir(os.path.join(MARKS, str(count)))
            return count
        except FileExistsError:
            count += 1

def before(event, arguments):
    if event != "os.rename":
        return
    folder, name = os.path.split(os.fspath(arguments[1]))
    if name.endswith(".wav") and os.path.basename(folder) == PLACE and number() == WHICH:
        for process in {processes}:
            os.kill(process, signal.SIGKILL)

sys.addaudithook(before)
"""


def killing(folder: Path, place: str, which: int, processes: str) -> dict[str, str]:
    """The environment of a program whose `processes`, an expression of the one that is at work, are killed
    before the result of that number, counted over all of its processes, comes into the folder `place`.

    Python looks for a `sitecustomize` wherever it begins, in processes that others begin too; what it and
    Ray find of it, and how many results there were, lies in `folder`. It stands there as `BEGUN_IN`.
    """
    hook, marks = folder / "hook", folder / "marks"
    hook.mkdir()
    marks.mkdir()
    text = _HOOK.format(place=place, marks=str(marks), which=which, processes=processes)
    (hook / "sitecustomize.py").write_text(text)
    paths = [str(hook), *(path for path in sys.path if path)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "BEGUN_IN": str(folder)}
