/** How a value lies between its lowest and its highest: for sliders and for lanes alike. */

import { round } from "./dom.js";

export class Scale {
  /**
   * From `low` to `high`, by whole numbers or by steps; frequencies and times of wide range go by ratio, and
   * `isFader` gives what lies near the top more room, as faders do.
   */
  constructor(low, high, { whole = false, isFader = false, step } = {}) {
    Object.assign(this, { low, high, isFader, byRatio: low > 0 && high / low > 200 });
    this.step = step ?? (whole ? 1 : stepOf(high - low));
  }

  /** From 0 at the lowest to 1 at the highest. */
  share(value) {
    const { low, high } = this;
    if (this.byRatio) return Math.log(Math.max(value, low) / low) / Math.log(high / low);
    const share = (value - low) / (high - low);
    return this.isFader ? Math.max(share, 0) ** 2 : share;
  }

  /** The value at a share, on a step. */
  at(share) {
    const { low, high } = this;
    if (this.byRatio) return this.tidy(low * (high / low) ** share);
    return this.tidy(low + (this.isFader ? Math.sqrt(Math.max(share, 0)) : share) * (high - low));
  }

  /** Whether a straight line is drawn bent. */
  get bends() {
    return this.byRatio || this.isFader;
  }

  tidy(value) {
    return round(Math.min(Math.max(Math.round(value / this.step) * this.step, this.low), this.high), 6);
  }

  /** A value that many hundredths of the way further, a step at least. */
  further(value, hundredths) {
    const moved = this.at(this.share(value) + hundredths / 100);
    return Math.abs(moved - value) >= this.step * 0.999 ? moved : this.tidy(value + Math.sign(hundredths) * this.step);
  }
}

function stepOf(span) {
  return [0.001, 0.01, 0.1, 0.5, 1].find((step) => span / step <= 800) ?? 1;
}
