"""What workers of the tests do: it lies in a module of its own, since it crosses over by name."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from svcfx.errors import InputError
from svcfx.events import Progress, go_on


@dataclass(frozen=True)
class Doubles:
    """Doubles a number, slowly; 13 is refused, 7 kills its worker as often as its file says."""

    folder: Path
    seconds: float = 0.0

    def __call__(self, task, events):
        (self.folder / f"pid-{os.getpid()}").touch()
        if task == 13:
            raise InputError("13 brings no luck")
        if task == 7 and self._deaths():
            os.kill(os.getpid(), signal.SIGKILL)
        end = time.monotonic() + self.seconds
        events.progress(Progress("", "", 0.5))
        while time.monotonic() < end:
            go_on(events)
            time.sleep(0.02)
        return 2 * task

    def _deaths(self) -> bool:
        left = self.folder / "deaths"
        count = int(left.read_text()) if left.exists() else 0
        left.write_text(str(max(count - 1, 0)))
        return count > 0


@dataclass(frozen=True)
class UntilHeard:
    """Doubles a number and tells that half is done, and again, until a file says that somebody heard it."""

    folder: Path

    def __call__(self, task, events):
        events.progress(Progress("", "", 0.5))
        while not (self.folder / f"heard-{task}").exists():
            go_on(events)
            time.sleep(0.02)
        return 2 * task


def named_for_its_process():
    """Something that is another in each process."""
    return {"voice 'vela'": str(os.getpid())}
