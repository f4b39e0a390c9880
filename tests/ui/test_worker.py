"""Work that waits for its turn: what came of it is there when its state says that it is over."""

import pytest

from svcfx.errors import InputError
from svcfx.ui.worker import Work

seen = []


class Watched(Work):
    """Keeps what it says of itself whenever its state changes."""

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "state" and value != "queued":
            seen.append((value, self.began > 0, self.ended > 0, self.error, bool(self.hint)))


def refuses():
    raise InputError("it is wrong", hint="mend it")


@pytest.mark.parametrize(
    ("do", "over"),
    [
        (lambda: None, ("done", True, True, "", False)),
        (refuses, ("failed", True, True, "it is wrong", True)),
        (lambda: 1 / 0, ("failed", True, True, "unexpected ZeroDivisionError: division by zero", True)),
    ],
)
def test_what_came_of_work_is_there_before_its_state_says_so(do, over):
    seen.clear()
    Watched(number=1).run(do)
    assert seen == [("running", True, False, "", False), over]


def test_work_that_was_cancelled_before_its_turn_never_begins():
    work, did = Work(number=1), []
    work.cancel()
    work.run(lambda: did.append(1))
    assert (work.state, did) == ("cancelled", [])
