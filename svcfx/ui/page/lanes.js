/** The selected strip's lanes: a row for each, below the strip, and a way to begin one. */

import { el, fill, round, words } from "./dom.js";
import * as points from "./points.js";
import { Scale } from "./scale.js";
import { noteOf } from "./shelf.js";

const SHAPES = ["linear", "step", "smooth"];

export class Lanes {
  /** `studio` has `time`, `board`, `strips`, `chosen()`, `change(changes, at)` and `begunLane(canvas, spec, acts)`. */
  constructor(studio) {
    Object.assign(this, { studio, rows: new Map(), element: el("div", { class: "lanes" }) });
  }

  /** Whether a point is being dragged: then nothing may be taken from under the pointer. */
  get busy() {
    return [...this.rows.values()].some(({ lane }) => lane.drag);
  }

  show() {
    const { studio } = this;
    const found = studio.chosen();
    const models = found ? this.models(found) : new Map();
    const ids = new Map([...models.keys()].map((address) => [`${found.table} ${found.strip.name} ${address}`, address]));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    for (const [id, address] of ids) Object.assign(this.rows.get(id) ?? this.begun(id, found.strip, address), { found, model: models.get(address) });
    this.last = found ? this.more(found) : el("div");
    fill(this.element, ...[...ids.keys()].map((id) => this.rows.get(id).row), this.last);
    for (const row of this.rows.values()) {
      this.name(row);
      row.lane.show(points.read(row.model, studio.time), this.spec(row));
    }
  }

  /** The strip's lanes by address: those that the session writes, then what MIDI plays, drawn anew or not. */
  models({ strip, model: { automation } }) {
    const playing = this.playing(strip);
    const own = Object.entries(automation).filter(([address]) => !playing.some((one) => one.address === address));
    return new Map([...own, ...playing.map(({ address, lane }) => [address, automation[address] ?? lane])]);
  }

  /** What MIDI plays on a strip, whether or not a lane stands in its place. */
  playing(strip) {
    const { board } = this.studio;
    return (board?.strip === strip.name && board.played) || [];
  }

  /** What MIDI plays of a row's address, if it does. */
  source({ found, address }) {
    return this.playing(found.strip).find((one) => one.address === address)?.source;
  }

  /** Say of a row how it is shaped, and how it stands to what MIDI plays. */
  name(row) {
    const source = this.source(row);
    const isDrawn = row.address in row.found.model.automation;
    row.shape.value = row.model.interpolation;
    row.away.hidden = !isDrawn;
    row.by.hidden = !source;
    row.by.textContent = isDrawn ? `in place of ${source}` : source;
    row.by.title = isDrawn ? `${source} plays again once this lane is taken away` : "What is changed here is drawn in its place";
  }

  /** Take what the board tells; the points stay, which may be ahead of what the session says. */
  learn() {
    const found = this.studio.chosen();
    const models = found ? this.models(found) : new Map();
    const isOther = models.size !== this.rows.size || [...models].some(([address, model]) => this.isNew(found, address, model));
    if (isOther && !this.busy) this.show();
    for (const row of this.rows.values()) {
      this.name(row);
      row.lane.learn(this.spec(row));
    }
    if (!found || !this.last || this.last.contains(document.activeElement)) return;
    const more = this.more(found);
    this.last.replaceWith(more);
    this.last = more;
  }

  /** Whether MIDI plays something else of an address than its row shows, or it has no row yet. */
  isNew(found, address, model) {
    const row = this.rows.get(`${found.table} ${found.strip.name} ${address}`);
    return !row || (!(address in found.model.automation) && JSON.stringify(row.model) !== JSON.stringify(model));
  }

  draw() {
    for (const { lane } of this.rows.values()) lane.draw();
  }

  /** Say what holds now. */
  place(now) {
    for (const { lane, value } of this.rows.values()) value.textContent = `${lane.spec.write(lane.at(now))} ${lane.spec.unit}`;
  }

  /** What is known of an address; where the board does not tell, the lane's own values are its range. */
  spec({ found: { strip }, address, model }) {
    const { board } = this.studio;
    const target = board?.strip === strip.name ? board.lanes?.find((one) => one.address === address) : undefined;
    const values = model.points.map(([, value]) => value);
    const low = Math.min(target?.low ?? Math.min(...values) - 1, ...values);
    const high = Math.max(target?.high ?? Math.max(...values) + 1, ...values);
    const { choices = [], whole = false, unit = "" } = target ?? {};
    const scale = new Scale(low, high, { whole, isFader: address.endsWith("gain_db"), step: unit === "st" && !whole ? CENT : undefined });
    const name = called(address);
    const notes = unit === "MIDI" ? { unit: "", name: "note", ...NOTES } : {};
    return {
      title: `${name} of ${strip.name}`,
      heading: `${name}, ${strip.name}`,
      noun: "Point",
      name: "value",
      unit,
      choices,
      ink: "lane",
      shape: model.interpolation,
      scale,
      view: address === "bend_semitones" ? reach : () => scale,
      above: (value) => scale.further(value, value === high ? -10 : 10),
      turned: (value, sign, finely) => (finely ? scale.tidy(value + sign * scale.step) : scale.further(value, sign)),
      write: (value) => choices[Math.round(value)] ?? String(round(value, 3)).replace("-", "−"),
      ...notes,
    };
  }

  begun(id, strip, address) {
    const { studio } = this;
    const name = called(address);
    const canvas = el("canvas", { tabIndex: 0, role: "application", "aria-label": `${name} of ${strip.name}`, "aria-describedby": "lane-help", "data-key": `lane ${address}` });
    const value = el("span", { class: "quiet" });
    const by = el("p", { class: "help" });
    const shape = el("select", { "aria-label": `Shape of ${name}`, "data-key": `shape ${address}`, onchange: () => this.write(made, "interpolation", shape.value, shape) },
      ...SHAPES.map((one) => el("option", { value: one }, one)));
    const away = el("button", { type: "button", class: "back", "aria-label": `Take the lane ${name} away`, title: "Take the lane away", "data-key": `away ${address}`,
      onclick: () => studio.change([[this.key(made), null]], away) }, "×");
    const row = el("div", { class: "row lane", role: "group", "aria-label": `Lane ${name}` },
      el("div", { class: "head" }, el("h3", {}, name), value, shape, away, by), canvas);
    const lane = studio.begunLane(canvas, EMPTY, {
      commit: (changed) => this.write(made, "points", points.written(changed, made.model.unit, studio.time)),
      settled: () => studio.strips.show(),
    });
    const made = { row, lane, value, shape, away, by, address };
    this.rows.set(id, made);
    return made;
  }

  key({ found: { table, strip }, address }) {
    return [table, strip.number, "automation", address];
  }

  /** Change a key of a lane; what MIDI plays becomes a lane of the session's with it. */
  write(row, key, value, at) {
    if (row.address in row.found.model.automation) return this.studio.change([[[...this.key(row), key], value]], at);
    const said = `${called(row.address)} is drawn now, in place of ${this.source(row)}; the MIDI file stays as it is. Undo brings it back.`;
    return this.studio.change([[this.key(row), { ...row.model, [key]: value }]], at).then(() => this.studio.say(said));
  }

  /** What has no lane yet and could have one. */
  more({ strip, table, model }) {
    const { studio } = this;
    const there = this.models({ strip, model });
    const free = (studio.board?.strip === strip.name ? studio.board.lanes ?? [] : []).filter(({ address }) => !there.has(address));
    const begin = ({ address, value, whole }) => {
      const unit = points.unitOf(studio.time);
      const lane = { points: [[unit === "bars" ? 1 : 0, round(value, 6)]], ...(whole ? { interpolation: "step" } : {}), unit };
      return studio.change([[[table, strip.number, "automation", address], lane]], select);
    };
    const select = el("select", { "aria-label": `Add a lane to ${strip.name}`, "data-key": "add lane", disabled: !free.length,
      onchange: () => begin(free.find(({ address }) => address === select.value)) },
      el("option", { value: "" }, "Add a lane…"), ...free.map(({ address }) => el("option", { value: address }, called(address))));
    return el("div", { class: "row lane" }, el("div", { class: "head" }, select));
  }
}

/** An address as it is read. */
const called = (address) => words(address.replaceAll(".", " "));
/** What is shown of bends: a semitone to both sides, or as far as they go. */
function reach(all) {
  const most = 1.25 * Math.max(0.8, ...all.map(({ value }) => Math.abs(value)));
  return new Scale(-most, most, { step: CENT });
}
/** What is shown of notes: those that are meant, and a third to both sides; 0 is none. */
function sung(all) {
  const notes = all.map(({ value }) => value).filter((value) => value > 0);
  return notes.length ? new Scale(Math.min(...notes) - 4, Math.max(...notes) + 4, { whole: true }) : new Scale(47, 73, { whole: true });
}
const MIDDLE_C = 60;
/** How notes are moved and read, by their names. */
const NOTES = {
  view: sung,
  above: (value) => (value ? Math.min(value + 2, 127) : MIDDLE_C),
  turned: (value, sign) => (value ? Math.min(Math.max(value + sign, 0), 127) : MIDDLE_C),
  write: (value) => (value ? noteOf(Math.round(value)) : "none"),
};
const CENT = 0.01;
const FLAT = new Scale(0, 1);
/** Until the first points are shown. */
const EMPTY = { title: "", heading: "", noun: "Point", name: "value", unit: "", ink: "lane", shape: "linear", scale: FLAT, view: () => FLAT, write: String };
