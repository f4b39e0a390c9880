import numpy as np
import pytest

from svcfx.chain.parametric import bands, dynamics, level, synthesis
from svcfx.chain.parametric.synthesis import HOP, RATE
from svcfx.dsp.weighting import a_weight


def rendered_loudness(envelope, breath, hz):
    """Natural-log A-weighted loudness of the rendered frame, held for two seconds."""
    frames = 200
    audio = synthesis.render_whole(
        np.tile(envelope, (frames, 1)),
        np.tile(breath, (frames, 1)),
        np.ones(frames, np.float32),
        np.full(frames, hz),
    )[20 * HOP : -20 * HOP]
    weight = np.exp(a_weight(np.maximum(np.fft.rfftfreq(len(audio), 1 / RATE), 1.0)))
    return 0.5 * np.log(2 * np.sum(np.abs(np.fft.rfft(audio) * weight) ** 2) / len(audio) ** 2)


@pytest.mark.parametrize("hz", [90.0, 220.0, 440.0, 700.0, 1100.0, 1800.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_is_rendered_is_as_loud_as_its_lines_say(hz, seed):
    random = np.random.default_rng(seed)
    envelope = (bands.smoothing(5) @ random.normal(0.0, 2.0, bands.BANDS)).astype(np.float32)
    envelope -= level.envelope_loudness(envelope[None])[0]
    breath = random.uniform(0.02, 0.5, 6).astype(np.float32)
    found = dynamics.departure(envelope[None], breath[None], np.array([hz]))[0]
    assert abs(found - rendered_loudness(envelope, breath, hz)) < 0.5 * level.NEPER


def test_an_unvoiced_frame_is_as_loud_as_its_envelope():
    assert not np.any(
        dynamics.departure(np.ones((3, 80), np.float32), np.zeros((3, 6), np.float32), np.zeros(3))
    )


def test_few_lines_depart_and_many_do_not():
    envelope = (bands.smoothing(3) @ np.random.default_rng(7).normal(0.0, 3.0, bands.BANDS)).astype(
        np.float32
    )
    clear = np.full((1, 6), 0.02, np.float32)
    depart = {
        hz: abs(float(dynamics.departure(envelope[None], clear, np.array([hz]))[0])) for hz in (40.0, 1800.0)
    }
    assert depart[40.0] < 0.5 * level.NEPER < depart[1800.0]
