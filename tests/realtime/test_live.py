"""A board while time runs: the stream itself, as late as is said, and never seconds behind."""

import numpy as np
import pedalboard
import pytest

import svcfx
from svcfx.audio import Audio
from svcfx.board import Board
from svcfx.errors import InputError
from svcfx.node.effect import Effect
from svcfx.realtime.device import RecordedInput
from svcfx.realtime.live import Live

RATE = 44_100


class Clock:
    """Time that passes when somebody waits or works."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def wait_until(self, seconds: float) -> None:
        self.seconds = max(self.seconds, seconds)


class Working(Effect):
    """Gives back what it gets, `held` frames later, after as many seconds as `seconds` says of the block."""

    def __init__(self, clock, seconds, held=0) -> None:
        super().__init__()
        self._clock, self._seconds, self._held, self._count = clock, seconds, held, 0

    def latency_at(self, _rate):
        return self._held

    def begin(self, channels, _rate):
        return Holding(self, np.zeros((channels, 0), np.float32))

    def work(self):
        self._clock.seconds += self._seconds(self._count)
        self._count += 1


class Holding:
    """A stream that withholds frames."""

    def __init__(self, node, kept) -> None:
        self._node, self._kept = node, kept

    def push(self, samples, _curves):
        self._node.work()
        whole = np.concatenate([self._kept, samples], axis=1)
        cut = max(whole.shape[1] - self._node._held, 0)
        self._kept = whole[:, cut:]
        return whole[:, :cut]

    def flush(self, _curves):
        return self._kept


def noise(seconds: float, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(3)
    return 0.1 * rng.standard_normal((channels, round(seconds * RATE))).astype(np.float32)


def vowel(seconds: float) -> np.ndarray:
    """A tone with harmonics that a voice sings to."""
    when = np.arange(round(seconds * RATE)) / RATE
    return 0.1 * sum(np.sin(2 * np.pi * 220 * k * when) / k for k in range(1, 9))[None].astype(np.float32)


def run(board, samples, block_ms=50.0, speed=1.0, clock=None, **more):
    """What was played, how it went."""
    clock = clock or Clock()
    device = RecordedInput(Audio(samples, RATE), speed, clock)
    live = Live(board, device, block_ms, now=clock.now, **more)
    live.run()
    return device.played, live.figures()


def streamed(board, samples):
    board.reset()
    return np.concatenate([board.process(samples, RATE, reset=False), board.flush()], axis=1)


BOARDS = {
    "nothing": lambda _voice: Board([]),
    "native": lambda _voice: Board([pedalboard.Reverb(), pedalboard.Limiter()]),
    "late": lambda _voice: Board([pedalboard.BrickwallLimiter()]),
    "formant": lambda _voice: Board([svcfx.Formant(3.0), pedalboard.Gain(-6.0)]),
    "voice": lambda voice: Board([svcfx.VoiceConversion(voice), pedalboard.Reverb()]),
}


@pytest.mark.parametrize("speed", [0.0, 1.0, 8.0])
@pytest.mark.parametrize("block_ms", [7.3, 100.0, 1500.0])
@pytest.mark.parametrize("kind", BOARDS)
def test_live_is_the_stream_at_the_latency_that_is_said(kind, block_ms, speed, synthetic_voice):
    board, samples = BOARDS[kind](synthetic_voice), vowel(1.2)
    wanted = streamed(board, samples)
    played, figures = run(board, samples, block_ms, speed)
    late = figures.latency_samples
    assert (figures.overloads, figures.dropped_frames, figures.most_behind_samples) == (0, 0, 0)
    assert not played[:, :late].any()
    np.testing.assert_array_equal(played[:, late:], wanted)


def test_a_click_is_heard_after_the_latency_to_the_sample():
    samples = np.zeros((2, RATE), np.float32)
    samples[:, 12_345] = 0.5
    board = Board([pedalboard.BrickwallLimiter(), pedalboard.Gain(0.0)])
    played, figures = run(board, samples, 20.0)
    assert figures.latency_samples == 2 * 882 + board.latency_samples
    assert (np.abs(played).argmax(axis=1) == 12_345 + figures.latency_samples).all()


def test_a_board_that_uses_all_of_its_time_loses_nothing():
    clock, samples = Clock(), noise(2.0)
    board = Board([Working(clock, lambda _count: 0.0499)])
    played, figures = run(board, samples, clock=clock)
    np.testing.assert_array_equal(played[:, figures.latency_samples :], samples)
    assert figures.p99_ms == pytest.approx(49.9)


def lags(samples, played):
    """How late each frame is that is heard, for a sound whose every frame has a value of its own."""
    places = {value: place for place, value in enumerate(samples[0].tolist())}
    heard = [(at, places[value]) for at, value in enumerate(played[0].tolist()) if value]
    return np.array([at - place for at, place in heard])


def numbered(seconds: float) -> np.ndarray:
    """Every frame is another value, none of them 0."""
    return np.linspace(0.1, 0.9, round(seconds * RATE), dtype=np.float32)[None]


@pytest.mark.parametrize("held", [0, 1000, 30_000])
@pytest.mark.parametrize("share", [1.1, 1.5, 3.0, 15.0])
def test_a_board_that_is_always_too_slow_drops_input_and_stays_in_time(share, held):
    clock, samples, told = Clock(), numbered(8.0), []
    board = Board([Working(clock, lambda _count: 0.05 * share, held)])
    played, figures = run(board, samples, clock=clock, on_overload=told.append)
    late = lags(samples, played)
    assert late.size == 0 or late.max() <= figures.latency_samples + RATE
    assert late.size == 0 or late.min() >= figures.latency_samples
    assert len(late) == samples.shape[1] - figures.dropped_frames
    assert len(told) == figures.overloads > 0
    assert sum(one.dropped_frames for one in told) == figures.dropped_frames
    if held < 30_000 or share < 2.0:  # else what it holds is too old when it comes out
        assert len(late) / samples.shape[1] == pytest.approx(1 / share, abs=0.1)


@pytest.mark.parametrize("stall", [0.4, 4.0])
def test_after_a_stall_the_latency_is_the_same_within_a_second(stall):
    clock, samples, told = Clock(), numbered(9.0), []
    board = Board([Working(clock, lambda count: stall if count == 20 else 0.01)])
    played, figures = run(board, samples, clock=clock, on_overload=told.append)
    (overload,) = told
    assert overload.took_seconds == pytest.approx(stall)
    late = lags(samples, played)
    assert late.max() <= figures.latency_samples + RATE
    after = played[:, round((1.05 + stall + 1.0) * RATE) :]
    offset = round((1.05 + stall + 1.0) * RATE)
    assert (lags(samples, after) + offset == figures.latency_samples).all()
    assert after.all()
    assert figures.dropped_frames < (stall + 0.2) * RATE


def test_a_voice_that_stalls_for_seconds_begins_afresh(synthetic_voice):
    clock, samples = Clock(), vowel(6.0)
    slow = Working(clock, lambda count: 2.0 if count == 10 else 0.0)
    played, figures = run(Board([svcfx.VoiceConversion(synthetic_voice), slow]), samples, clock=clock)
    assert figures.overloads == 1
    assert played.shape[1] == samples.shape[1] + figures.latency_samples
    assert np.abs(played[:, -RATE:]).max() > 0.01


def test_a_stall_at_the_end_leaves_silence_behind():
    clock, samples = Clock(), noise(2.0)
    board = Board([Working(clock, lambda count: 3.0 if count == 3 else 0.0)])
    played, figures = run(board, samples, clock=clock)
    assert figures.dropped_frames == samples.shape[1] - 2 * figures.block_frames
    assert played.shape[1] == samples.shape[1] + figures.latency_samples


@pytest.mark.parametrize("block_ms", [0.0, 1e6, float("nan")])
def test_a_block_of_no_sense_is_refused(block_ms):
    with pytest.raises(InputError, match="outside 1 to 2000 ms"):
        run(Board([]), noise(0.1), block_ms)


@pytest.mark.parametrize("speed", [-1.0, float("nan"), float("inf")])
def test_a_clock_of_no_sense_is_refused(speed):
    with pytest.raises(InputError, match="realtime factor"):
        run(Board([]), noise(0.1), speed=speed)
