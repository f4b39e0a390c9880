"""A stem's sound before its board: its file in stereo, at the song's rate, in its time and key."""

from collections.abc import Callable
from dataclasses import dataclass, field

from svcfx import audio, digest, scratch
from svcfx.audio import Samples
from svcfx.dsp.resample import frames_after, resample
from svcfx.events import Events, Note, Unheard
from svcfx.lanes import Curve
from svcfx.render import keys
from svcfx.render.steps import Step, Steps
from svcfx.render.store import Entry
from svcfx.session import mixdown
from svcfx.session.plan import Plan
from svcfx.session.strip import ClipPlan, Strip
from svcfx.time_map import Recorded, TimeMap

VERSION = 3
STRETCHED = ("stretch", "stretch with formants")
_SAMPLES, _STRETCHER = "samples", "stretcher"
_SUNG = "is sung at the song's tempo, and what is not sung follows it through"
Way = tuple[str, Curve | None, str]
_AS_IT_IS: Way = ("", None, "")


@dataclass(slots=True)
class Clip:
    """The clip of one stem; `samples`, shape (2, `frames`), are made when they are first asked for.

    `key` says what they are before they are there. What there is to say of them is in `notes` and
    `stretcher` then. Where only the frames `wanted` are needed, others may be anything.
    """

    plan: Plan
    strip: Strip
    steps: Steps
    events: Events
    stretcher: str = ""
    wanted: tuple[int, int] | None = None
    _file: str = ""
    _samples: Samples | None = field(default=None)

    def __post_init__(self) -> None:
        self._file = self._source()

    @property
    def asked(self) -> ClipPlan:
        """What the plan says of it."""
        return self.strip.recording

    @property
    def start_frame(self) -> int:
        """Where in the mix its first sample sounds."""
        return round(self.asked.start_seconds * self.plan.sample_rate)

    @property
    def frames(self) -> int:
        """From its first sample to the end of the mix, or its own where that is later."""
        return max(self.plan.frames - self.start_frame, self._own_frames)

    @property
    def _own_frames(self) -> int:
        if self.asked.time is not None:
            return round(self.asked.seconds * self.plan.sample_rate)
        return frames_after(self.asked.info.frames, self.asked.info.sample_rate, self.plan.sample_rate)

    @property
    def key(self) -> str:
        """What its samples are; "" when the file changed while it was read."""
        if not self._file:
            return ""
        facts = (self._file, self.plan.sample_rate, self.frames, self._way())
        return keys.key("clip", VERSION, *facts, *self._time())

    @property
    def changed(self) -> bool:
        """Whether its file changed while it was read."""
        return not self._file

    @property
    def is_plain(self) -> bool:
        """Whether its samples are those of its file, so that nothing is to be said of how they were made."""
        asked = self.asked
        made = asked.way in STRETCHED or asked.time is not None or asked.score is not None
        return not made and asked.info.sample_rate == self.plan.sample_rate

    @property
    def clips(self) -> "tuple[Clip, ...]":
        """What sounds in it: itself."""
        return (self,)

    @property
    def samples(self) -> Samples:
        """Shape (2, frames)."""
        if self._samples is None:
            self._samples = scratch.placed(self._in_key(), 0, self.frames)
        return self._samples

    @property
    def recorded(self) -> Recorded | None:
        """What its samples were recorded as, where a voice is to sing them at another tempo."""
        if self.asked.time is None or self.asked.way != "voice":
            return None
        return Recorded(self.samples, self._resampled, self.asked.time)

    def forget(self) -> None:
        """Let the samples go; they are made again when they are asked for again."""
        self._samples = None

    def _source(self) -> str:
        """The hash of what it plays: its file, or what an instrument plays; "" where nobody can say."""
        if self.asked.score is None:
            return digest.of_file(self.asked.path)
        try:
            return self.asked.score.key(self.plan.sample_rate, self.steps)
        except keys.Unkeyable as error:
            self.steps.always_fresh(str(error))
            return ""

    def _in_key(self) -> Samples:
        """At the song's rate, in its time and key; kept where that was work."""
        if self.is_plain:
            return self._read()
        if self.asked.way in STRETCHED:
            return self._kept(self._way(), self._keyed, self.events)
        return self._kept(_AS_IT_IS, self._timed, self.events)

    def _kept(self, way: Way, made: Callable[[], Entry], events: Events) -> Samples:
        key = self._own_key(way)
        if self.wanted is not None and way != _AS_IT_IS and not self.steps.holds(key):
            key = ""  # it is moved only where it is wanted
        step = Step("clip", self.strip.name, key)
        found = self.steps.kept(step, made, events, lambda: self.changed)
        self.stretcher = str(found.facts.get(_STRETCHER, ""))
        return found.arrays[_SAMPLES]

    def _own_key(self, way: Way) -> str:
        """As `key`, however long the mix is; what is said of it names the stem."""
        if not self._file:
            return ""
        facts = (self.strip.name, self._file, self.plan.sample_rate, way)
        return keys.key("clip in key", VERSION, *facts, *self._time())

    def _way(self) -> Way:
        """What is done to its key."""
        if self.asked.way not in STRETCHED:
            return _AS_IT_IS  # notes hold their key themselves
        key = self.plan.key.shift(-self.asked.start_seconds)
        return self.asked.way, keys.within(key, self.asked.seconds), self._stretcher

    def _time(self) -> tuple[TimeMap, str] | tuple[()]:
        """What is done to its time."""
        return () if self.asked.time is None else (self.asked.time, self._stretcher)

    @property
    def _stretcher(self) -> str:
        return self.plan.document.session.stretcher

    def _timed(self) -> Entry:
        samples = self._resampled()
        if self.asked.time is None:
            return Entry({_SAMPLES: samples})
        from svcfx.dsp import stretch  # here: only a song that changes its tempo needs it

        done = stretch.follow_tempo(
            samples,
            self.plan.sample_rate,
            self.asked.time,
            stretcher=self._stretcher,
            events=self.events,
        )
        sung = self.asked.way == "voice"
        what = _SUNG if sung else "follows the tempo through"
        return self._said(done.samples, done.stretcher_used, what)

    def _keyed(self) -> Entry:
        from svcfx.dsp import stretch  # here: only a song that changes its key needs it

        is_timed = self.asked.time is not None
        samples = self._kept(_AS_IT_IS, self._timed, Unheard()) if is_timed else self._resampled()
        done = stretch.follow_key(
            samples,
            self.plan.sample_rate,
            self.plan.key.shift(-self.asked.start_seconds),
            formant_preserved=self.asked.way == "stretch with formants",
            stretcher=self._stretcher,
            wanted=self.wanted,
            events=self.events,
        )
        if self.asked.time is None:
            return self._said(done.samples, done.stretcher_used, "follows the key through")
        return self._said(done.samples, self.stretcher, "follows the tempo and the key through")

    def _said(self, samples: Samples, stretcher: str, what: str) -> Entry:
        said = f"{self.strip.label} {what} {stretcher}"
        return Entry({_SAMPLES: samples}, {_STRETCHER: stretcher}, (Note("stretcher", said),))

    def _resampled(self) -> Samples:
        return resample(self._read(), self.asked.info.sample_rate, self.plan.sample_rate)

    def _read(self) -> Samples:
        """The file's samples in stereo, at its own rate; a file that changes meanwhile is kept nowhere."""
        if self.asked.score is not None:
            return self.asked.score.play(self.asked.info.frames, self.asked.info.sample_rate, self.events)
        source = audio.read(self.asked.path)
        if self._file and digest.of_file(self.asked.path) != self._file:
            self._file = ""
        return mixdown.stereo(source.samples, self.strip.name)
