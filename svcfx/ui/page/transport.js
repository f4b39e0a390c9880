/** What is heard and where: source, result and mix of one render, those of another in place, the loop, the playhead. */

import * as api from "./api.js";
import { by, clock, signed } from "./dom.js";
import { heardAt } from "./pictures.js";

const OTHER = " other";

export class Transport {
  /** `studio` has `view`, `selected`, `player`, `time`, `lane`, `lanes`, `meters`, `pictures`, `strips`, `redraw()` and `fail(error)`. */
  constructor(studio) {
    Object.assign(this, { studio, job: null, other: null, onOther: false, kind: "source", wantsSound: false });
    studio.player.onchange = () => this.show();
    by("swap").addEventListener("click", () => this.swap());
  }

  /** Take a render to be heard. */
  async heard(job) {
    this.job = job;
    if (this.other?.number === job.number) this.compare(null);
    this.studio.pictures.fetchPitch();
    this.studio.strips.draw();
    this.show();
    if (this.wantsSound) await this.load();
    by("told").textContent = `Render ${job.number} is done.`;
  }

  /** Take another render to be switched to in place, or none. */
  async compare(job) {
    this.other = job;
    this.onOther = false;
    this.choose(this.kind);
    if (this.wantsSound) await this.load();
  }

  /** Hear the other render, or this one again, where the song is now. */
  swap() {
    if (!this.other) return;
    this.onOther = !this.onOther;
    if (this.onOther && this.kind === "source") document.querySelector("input[name=hear][value=mix]").click();
    else this.choose(this.kind);
    by("told").textContent = `Hearing render ${this.sounding.number}.`;
  }

  /** The render that sounds. */
  get sounding() {
    return this.onOther ? this.other : this.job;
  }

  choose(kind) {
    this.kind = kind;
    if (kind === "source") this.onOther = false;
    this.studio.player.choose(this.onOther ? kind + OTHER : kind);
  }

  async load() {
    if (!this.wantsSound) return;
    const { studio } = this;
    const strip = studio.view.overview.strips.find((one) => one.name === studio.selected);
    const source = strip && !strip.error && studio.pictures.file(strip) ? here(heardAt(strip), strip.start_seconds, this.job?.levels?.sources[strip.name]) : undefined;
    for (const job of [this.job, this.other]) studio.meters.learn(job);
    const wanted = { source, ...this.sounds(this.job, strip, ""), ...this.sounds(this.other, strip, OTHER) };
    try {
      await Promise.all(Object.entries(wanted).map(([kind, given]) => studio.player.load(kind, given)));
    } catch (error) {
      studio.fail(error);
    }
  }

  /** What a render sounds like: the selected strip, and the mix. */
  sounds(job, strip, end) {
    const { number, levels, strips, start_seconds: start } = job ?? {};
    return {
      [`result${end}`]: strip && strips?.includes(strip.name) ? here(`jobs/${number}/${api.strip(strip.name)}/audio`, start, levels.results[strip.name]) : undefined,
      [`mix${end}`]: job ? here(`jobs/${number}/mix`, start, levels.mix) : undefined,
    };
  }

  async toggle() {
    const { player } = this.studio;
    if (player.playing) return player.stop();
    this.wantsSound = true;
    by("play").disabled = true;
    await this.load();
    by("play").disabled = false;
    await player.play();
    requestAnimationFrame(() => this.tick());
  }

  tick() {
    const { player, time } = this.studio;
    if (!player.playing) return;
    const now = player.now();
    if (now >= player.seconds) player.stop();
    if (now > time.last || now < time.first) {
      time.pan(now - time.first);
      this.studio.redraw();
    }
    this.place();
    requestAnimationFrame(() => this.tick());
  }

  show() {
    const { job, other, onOther, studio } = this;
    by("play").textContent = studio.player.playing ? "Stop" : "Play";
    by("play").setAttribute("aria-pressed", String(studio.player.playing));
    for (const radio of document.querySelectorAll("input[name=hear]")) {
      const there = radio.value === "source" || (radio.value === "mix" ? Boolean(job) : Boolean(job?.strips.includes(studio.selected)));
      radio.disabled = !there;
      if (!there && radio.checked) document.querySelector("input[name=hear][value=source]").click();
    }
    by("swap").hidden = !other;
    by("swap").setAttribute("aria-pressed", String(onOther));
    if (other) by("swap").textContent = `Render ${other.number} instead`;
    this.place();
  }

  place() {
    const { lane, lanes, meters, player, time, view } = this.studio;
    if (!view?.overview) return;
    const now = player.now();
    const ruler = by("ruler");
    const x = time.x(now, ruler.clientWidth);
    const head = by("playhead");
    head.hidden = x < 0 || x > ruler.clientWidth;
    head.style.transform = `translateX(${ruler.offsetLeft + x}px)`;
    by("at-bar").textContent = time.hasBars ? time.name(now).replace(/(:\d+)\..*/, "$1") : "";
    by("at-time").textContent = clock(now);
    if (by("tempo-now")) by("tempo-now").textContent = time.tempo(now);
    by("key-now").textContent = `${signed(lane.at(now + 0.001))} st`;
    lanes.place(now);
    meters.place(now);
  }

  setLoop(on = this.studio.player.loop.on) {
    const { player, time } = this.studio;
    const [from, to] = [by("loop-from"), by("loop-to")].map((input) => Math.max(1, Math.round(input.valueAsNumber || 1)));
    const there = time.hasBars && to >= from;
    player.loop = there ? { on, from: time.ofBar(from), to: time.ofBar(to + 1) } : { on: false, from: 0, to: 0 };
    by("loop").setAttribute("aria-pressed", String(player.loop.on));
    player.swap();
    this.studio.redraw();
  }
}

/** A file, the song second where it begins, and its loudness. */
const here = (path, start, lufs) => ({ path, start, lufs: typeof lufs === "number" ? lufs : null });
