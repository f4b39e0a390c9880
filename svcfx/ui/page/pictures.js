/** Pictures of the strips: waveforms, and the selected one's pitch as it came and as it was rendered. */

import * as api from "./api.js";
import { by } from "./dom.js";
import * as draw from "./draw.js";

/** A number that changes with the time in which a strip is played. */
const tempoOf = ({ time }) => time.points.reduce((sum, [, played], index) => sum + (index + 1) * played, 0).toFixed(6);

/** Where a strip's source is heard: another address at another tempo, so that it is fetched again. */
export const heardAt = (strip) => `${api.strip(strip.name)}/audio${strip.time ? `?tempo=${tempoOf(strip)}` : ""}`;

export class Pictures {
  /** `studio` has `view`, `selected`, `transport`, `strips` and `fail(error)`. */
  constructor(studio) {
    Object.assign(this, { studio, peaks: new Map(), pitches: new Map() });
  }

  async fetch() {
    for (const strip of this.studio.view.overview.strips) {
      const id = this.played(strip);
      if (strip.error || !id || this.peaks.has(id)) continue;
      this.peaks.set(id, null);
      try {
        this.peaks.set(id, await api.get(`${api.strip(strip.name)}/peaks`));
      } catch (error) {
        this.peaks.delete(id);
        const { strips } = this.studio.view.overview;
        if (strips.some((one) => one.name === strip.name)) this.studio.fail(error); // else it was taken out meanwhile
      }
      this.studio.strips.draw();
    }
    this.fetchPitch();
  }

  /** The selected strip's line of pitch, and that of its result. */
  async fetchPitch() {
    const strip = this.studio.view.overview.strips.find((one) => one.name === this.studio.selected);
    if (!strip || strip.error || !this.file(strip) || !["lead", "backing", "harmony"].includes(this.studio.view.session.stems[strip.number].role)) return;
    const wanted = [[this.played(strip), `${api.strip(strip.name)}/pitch`]];
    if (this.studio.transport.job?.strips.includes(strip.name)) wanted.push([`${this.studio.transport.job.number} ${strip.name}`, `jobs/${this.studio.transport.job.number}/${api.strip(strip.name)}/pitch`]);
    for (const [id, path] of wanted) {
      if (this.pitches.has(id)) continue;
      this.pitches.set(id, null);
      try {
        this.pitches.set(id, await api.get(path));
      } catch {
        this.pitches.delete(id); // a picture less; the strip itself says what is wrong with its file
      }
      this.studio.strips.draw();
    }
  }

  /** The file of a strip; none of a track that an instrument plays. */
  file(strip) {
    return this.studio.view.session.stems[strip.number].file;
  }

  /** The same as it is played, which another tempo changes. */
  played(strip) {
    return strip.time ? `${this.file(strip)}?tempo=${tempoOf(strip)}` : this.file(strip);
  }

  /** What is drawn of a strip: its waveform, and where it is selected its pitch before and after. */
  of(strip) {
    const peaks = this.peaks.get(this.played(strip));
    if (strip.name !== this.studio.selected) return { peaks, lines: [] };
    const source = this.pitches.get(this.played(strip));
    const result = this.studio.transport.job && this.pitches.get(`${this.studio.transport.job.number} ${strip.name}`);
    const there = [source, result].filter(Boolean);
    by("legend").hidden = !result;
    if (!there.length) return { peaks, lines: [] };
    const [low, high] = draw.span(there);
    const lines = [];
    if (source) lines.push({ view: source, start: strip.start_seconds, ink: "pitch-source", low, high });
    if (result) lines.push({ view: result, start: this.studio.transport.job.start_seconds, ink: "pitch-result", low, high });
    return { peaks, lines };
  }
}
