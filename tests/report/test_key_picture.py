"""The picture of a key plan shows the melody where it is suggested, and the shares as they are."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from svcfx.report import key_picture
from svcfx.session.key_plan import SEMITONES, Advice, KeyPlan, OutOfRange


@pytest.fixture
def plan():
    seconds = np.arange(400) * 0.01
    f0 = np.repeat([110.0, 220.0], 200)
    return KeyPlan("stem 'lead'", "tess", 150.0, 500.0, 0.0, seconds, f0, Advice(12, 0, 1.0, "so"),
                   (OutOfRange(0.0, 2.0, "A3", False),))  # fmt: skip


def test_the_line_lies_where_it_is_suggested_and_bars_are_the_shares(plan):
    ((melody, shares),) = key_picture.compose(Figure(), [plan])
    lines = {line.get_label(): np.asarray(line.get_ydata()) for line in melody.get_lines()}
    assert np.nanmin(lines["as it is"]) == pytest.approx(45.0)
    assert np.nanmin(lines["suggested"]) == pytest.approx(57.0)
    assert np.isnan(lines["outside"]).all()
    heights = [bar.get_height() for bar in shares.patches]
    assert heights == pytest.approx([100 * plan.share(n).inside for n in SEMITONES])


def test_two_plans_are_one_below_the_other(plan, tmp_path):
    assert len(key_picture.compose(Figure(), [plan, plan])) == 2
    key_picture.draw([plan, plan], tmp_path / "plan.png")
    assert (tmp_path / "plan.png").read_bytes()[:4] == b"\x89PNG"
