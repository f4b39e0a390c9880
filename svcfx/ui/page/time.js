/** Where bars and beats are, and which stretch of the song is on the screen. */

export class Time {
  constructor() {
    this.bars = [];
    this.seconds = 30;
    this.first = 0;
    this.last = 30;
    this.points = [];
    this.tempos = [];
  }

  /** Take the bars of an overview; a song of another length is shown whole. `time` has points of recorded and
   * played seconds where the song is played at another tempo. */
  set({ bars, seconds, tempos, time }) {
    this.bars = bars;
    this.tempos = tempos;
    this.points = time?.points ?? [];
    if (seconds !== this.seconds) {
      this.seconds = seconds;
      this.fit();
    }
  }

  fit() {
    this.first = 0;
    this.last = this.seconds;
  }

  /** Show more or less, around `at`. */
  zoom(factor, at = (this.first + this.last) / 2) {
    const span = Math.min(Math.max((this.last - this.first) * factor, 0.5), this.seconds);
    const share = (at - this.first) / (this.last - this.first);
    this.first = Math.min(Math.max(at - share * span, 0), Math.max(this.seconds - span, 0));
    this.last = this.first + span;
  }

  pan(seconds) {
    const span = this.last - this.first;
    this.first = Math.min(Math.max(this.first + seconds, 0), Math.max(this.seconds - span, 0));
    this.last = this.first + span;
  }

  x(seconds, width) {
    return ((seconds - this.first) / (this.last - this.first)) * width;
  }

  at(x, width) {
    return this.first + (x / width) * (this.last - this.first);
  }

  get hasBars() {
    return this.bars.length > 0;
  }

  /** The tempo at a second, in words; nothing where none is known. */
  tempo(seconds) {
    return (this.tempos.findLast((one) => one.seconds <= seconds + 1e-6) ?? this.tempos[0])?.text ?? "";
  }

  /** The second at which a recorded one is played: what a session writes in seconds is recorded. */
  played(seconds) {
    return along(this.points, seconds);
  }

  /** The recorded second of one that is played. */
  recorded(seconds) {
    return along(this.points.map(([recorded, played]) => [played, recorded]), seconds);
  }

  /** Seconds that a bar lasts; the last one as long as that before it. */
  length(index) {
    const { bars } = this;
    if (index < bars.length - 1) return bars[index + 1].seconds - bars[index].seconds;
    return bars.length > 1 ? bars[bars.length - 1].seconds - bars[bars.length - 2].seconds : Math.max(this.seconds - bars[0].seconds, 0.1);
  }

  index(seconds) {
    let found = 0;
    while (found < this.bars.length - 1 && this.bars[found + 1].seconds <= seconds + 1e-6) found += 1;
    return found;
  }

  /** A second as bar with fraction: 5.5 is the middle of bar 5. */
  bar(seconds) {
    const index = this.index(seconds);
    return this.bars[index].number + (seconds - this.bars[index].seconds) / this.length(index);
  }

  /** The second of a bar with fraction. */
  ofBar(bar) {
    const index = Math.min(Math.max(Math.floor(bar) - 1, 0), this.bars.length - 1);
    return this.bars[index].seconds + (bar - this.bars[index].number) * this.length(index);
  }

  beats(bar) {
    return this.bars[Math.min(Math.max(Math.floor(bar) - 1, 0), this.bars.length - 1)]?.beats ?? 4;
  }

  /** The nearest beat, bar, or hundredth of a second. */
  snap(seconds, grid) {
    if (!this.hasBars || grid === "off") return Math.max(0, Math.round(seconds * 100) / 100);
    const bar = this.bar(seconds);
    const step = grid === "bar" ? 1 : 1 / this.beats(bar);
    const whole = Math.floor(bar + 1e-6);
    return this.ofBar(Math.max(1, whole + Math.round((bar - whole) / step) * step));
  }

  /** "5:3" for the third beat of bar 5; seconds where there are no bars. */
  name(seconds) {
    if (!this.hasBars) return `${seconds.toFixed(2)} s`;
    const bar = this.bar(seconds) + 1e-6;
    const whole = Math.floor(bar);
    const beat = 1 + (bar - whole) * this.beats(whole);
    return `${whole}:${Number(beat.toFixed(2))}`;
  }
}

/** Straight lines between pairs, which go on beyond the first and the last; no pairs change nothing. */
function along(pairs, at) {
  if (!pairs.length) return at;
  const next = pairs.findIndex(([from], index) => index && (from > at || index === pairs.length - 1));
  const [[from, to], [later, there]] = pairs.slice(next - 1, next + 1);
  return to + ((at - from) * (there - to)) / (later - from);
}
