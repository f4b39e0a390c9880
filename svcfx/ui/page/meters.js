/** Meters: how loud each strip and the mix are at the playhead, by the peaks of what is heard. */

import * as api from "./api.js";

const QUIETEST_DB = -60;
const FALL_DB_PER_SECOND = 24;

export class Meters {
  /** `studio` has `view`, `selected`, `pictures`, `player` and `transport`, whose job and kind are heard. */
  constructor(studio) {
    Object.assign(this, { studio, peaks: new Map(), shown: new Map(), before: 0 });
  }

  /** Have the peaks at hand of what a render's strips and its mix sound like. */
  async learn(job) {
    if (!job || this.peaks.has(job.number)) return;
    const found = new Map();
    this.peaks.set(job.number, found);
    try {
      found.set("", await api.get(`jobs/${job.number}/mix/peaks`));
      for (const name of job.strips) found.set(name, await api.get(`jobs/${job.number}/${api.strip(name)}/peaks`));
    } catch {
      this.peaks.delete(job.number); // a meter less: what cannot be played says so itself
    }
  }

  /** Let go of renders that are not kept any more. */
  keep(jobs) {
    for (const number of this.peaks.keys()) if (!jobs.some((job) => job.number === number)) this.peaks.delete(number);
  }

  /** Show what sounds at a song second; nothing where nothing plays. */
  place(now) {
    const when = performance.now() / 1000;
    const fallen = (when - this.before) * FALL_DB_PER_SECOND;
    this.before = when;
    for (const meter of document.querySelectorAll("[data-meter]")) {
      const { meter: name } = meter.dataset;
      const held = this.studio.player.playing ? (this.shown.get(name) ?? QUIETEST_DB) - fallen : QUIETEST_DB;
      const level = Math.max(this.level(name, now), held, QUIETEST_DB);
      this.shown.set(name, level);
      meter.style.transform = `scaleX(${1 - Math.min(level, 0) / QUIETEST_DB})`;
      meter.classList.toggle("full", level > -0.1);
    }
  }

  /** The peak of a strip, or of the mix (""), in dBFS. */
  level(name, now) {
    const { pictures, player, selected, transport, view } = this.studio;
    const { sounding: job, kind } = transport;
    if (!player.playing) return QUIETEST_DB;
    const sounds = kind === "mix" || (name === selected && name !== "");
    if (!sounds) return QUIETEST_DB;
    if (kind !== "source") return dbAt(this.peaks.get(job?.number)?.get(name), now - (job?.start_seconds ?? 0));
    const strip = view.overview.strips.find((one) => one.name === name);
    return strip ? dbAt(pictures.peaks.get(pictures.played(strip)), now - strip.start_seconds) : QUIETEST_DB;
  }
}

/** The larger of both peaks of a stretch, in dB; they are told in hundredths of full scale. */
function dbAt(view, seconds) {
  const at = Math.floor(seconds / (view?.seconds_each ?? 1));
  const peak = Math.max(Math.abs(view?.peaks[2 * at] ?? 0), Math.abs(view?.peaks[2 * at + 1] ?? 0)) / 100;
  return peak > 0 ? 20 * Math.log10(peak) : QUIETEST_DB;
}
