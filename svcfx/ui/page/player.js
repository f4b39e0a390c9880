/** Source, result and mix on one clock: all three always run, and only their gains are switched. */

import { sound } from "./api.js";

const FADE = 0.012;
const RATE = 44100;

export class Player {
  constructor() {
    this.context = null;
    this.buffers = {};
    this.wanted = {};
    this.levels = {};
    this.nodes = {};
    this.hear = "source";
    this.match = true;
    this.loop = { on: false, from: 0, to: 0 };
    this.seconds = 0;
    this.position = 0;
    this.startedAt = null;
    this.onchange = () => {};
  }

  get playing() {
    return this.startedAt !== null;
  }

  get has() {
    return Object.keys(this.buffers);
  }

  /** Where in the song it is now. */
  now() {
    if (!this.playing) return this.position;
    const at = this.position + this.context.currentTime - this.startedAt;
    const { on, from, to } = this.loop;
    if (on && to > from && this.position < to && at > to) return from + ((at - from) % (to - from));
    return at;
  }

  /** Take what `kind` sounds like: the path of its file, the song second where it begins, its LUFS. */
  async load(kind, given) {
    const same = JSON.stringify(given ?? null) === JSON.stringify(this.wanted[kind] ?? null);
    if (same) return;
    this.wanted[kind] = given;
    if (!given) {
      delete this.buffers[kind];
      this.swap();
      return;
    }
    this.levels[kind] = given.lufs;
    const data = await sound(given.path);
    // An offline context decodes without asking for the loudspeaker.
    const decoded = await new OfflineAudioContext(2, 1, RATE).decodeAudioData(data);
    if (this.wanted[kind] !== given) return;
    this.buffers[kind] = this.laid(decoded, given.start);
    this.swap();
  }

  /** The samples at their place in the whole song, so that all loop alike. */
  laid(decoded, start) {
    const rate = decoded.sampleRate;
    const frames = Math.max(Math.ceil((this.seconds + 2) * rate), 1);
    const whole = new AudioBuffer({ length: frames, numberOfChannels: decoded.numberOfChannels, sampleRate: rate });
    const first = Math.round(start * rate);
    for (let channel = 0; channel < decoded.numberOfChannels; channel += 1) {
      const samples = decoded.getChannelData(channel).subarray(0, Math.max(frames - first, 0));
      whole.copyToChannel(samples, channel, first);
    }
    return whole;
  }

  /** Gain that brings all that can be compared down to the quietest. */
  gain(kind) {
    const known = this.has.map((name) => this.levels[name]).filter((level) => typeof level === "number");
    const level = this.levels[kind];
    if (!this.match || known.length < 2 || typeof level !== "number") return 1;
    return 10 ** ((Math.min(...known) - level) / 20);
  }

  async play() {
    this.context ??= new AudioContext();
    await this.context.resume();
    if (this.position >= this.seconds) this.position = 0;
    if (this.loop.on && (this.position < this.loop.from || this.position >= this.loop.to)) this.position = this.loop.from;
    this.start();
    this.onchange();
  }

  start() {
    const when = this.context.currentTime + 0.02;
    for (const [kind, buffer] of Object.entries(this.buffers)) {
      const node = new AudioBufferSourceNode(this.context, { buffer });
      const gain = new GainNode(this.context, { gain: 0 });
      gain.gain.setTargetAtTime(kind === this.hear ? this.gain(kind) : 0, when, FADE / 3);
      node.loop = this.loop.on;
      node.loopStart = this.loop.from;
      node.loopEnd = this.loop.to;
      node.connect(gain).connect(this.context.destination);
      node.start(when, this.position);
      this.nodes[kind] = { node, gain };
    }
    this.startedAt = when;
  }

  stop() {
    this.position = Math.min(this.now(), this.seconds);
    this.silence();
    this.startedAt = null;
    this.onchange();
  }

  silence() {
    const until = this.context.currentTime + FADE;
    for (const { node, gain } of Object.values(this.nodes)) {
      gain.gain.setTargetAtTime(0, this.context.currentTime, FADE / 3);
      node.stop(until + FADE);
    }
    this.nodes = {};
  }

  seek(seconds) {
    const was = this.playing;
    if (was) this.silence();
    this.position = Math.min(Math.max(seconds, 0), this.seconds);
    if (was) this.start();
    this.onchange();
  }

  /** Go on where it is with what is there now. */
  swap() {
    if (this.playing) this.seek(this.now());
    else this.onchange();
  }

  choose(kind) {
    this.hear = kind;
    this.level();
    this.onchange();
  }

  level() {
    for (const [kind, { gain }] of Object.entries(this.nodes)) {
      gain.gain.setTargetAtTime(kind === this.hear ? this.gain(kind) : 0, this.context.currentTime, FADE / 3);
    }
  }
}
