/** The selected strip's lanes: a row for each, below the strip, and a way to begin one. */

import * as draw from "./draw.js";
import { el, fill, round, words } from "./dom.js";
import * as points from "./points.js";
import { Scale } from "./scale.js";

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
    const written = Object.entries(found?.model.automation ?? {});
    const ids = new Map(written.map(([address]) => [`${found.table} ${found.strip.name} ${address}`, address]));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    for (const [id, address] of ids) {
      const row = this.rows.get(id) ?? this.begun(id, found.strip, address);
      row.found = found;
      row.shape.value = found.model.automation[address].interpolation;
    }
    this.last = found ? this.more(found) : el("div");
    this.played = el("div", { class: "played" });
    fill(this.element, ...[...ids.keys()].map((id) => this.rows.get(id).row), this.played, this.last);
    this.showPlayed();
    for (const [id, address] of ids) {
      const model = found.model.automation[address];
      this.rows.get(id).lane.show(points.read(model, studio.time), this.spec(found, address, model));
    }
  }

  /** Take what the board tells; the points stay, which may be ahead of what the session says. */
  learn() {
    for (const { found, lane, address } of this.rows.values()) lane.learn(this.spec(found, address, found.model.automation[address]));
    this.showPlayed();
    const found = this.studio.chosen();
    if (!found || !this.last || this.last.contains(document.activeElement)) return;
    const more = this.more(found);
    this.last.replaceWith(more);
    this.last = more;
  }

  draw() {
    for (const { lane } of this.rows.values()) lane.draw();
    this.drawPlayed();
  }

  /** What MIDI controllers play of what the strip has: to be seen, for the MIDI file says it. */
  get controllers() {
    const { board, selected } = this.studio;
    return (board?.strip === selected && board.played) || [];
  }

  showPlayed() {
    fill(this.played, ...this.controllers.map(({ address, track, controller, values }) => {
      const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => round(value, 3));
      const by = `CC ${controller} of ${track}`;
      return el("div", { class: "row lane" },
        el("div", { class: "head" }, el("h3", {}, called(address)), el("span", { class: "quiet" }, `${by}, ${low} to ${high}`)),
        el("canvas", { class: "still", role: "img", "aria-label": `${called(address)}, played by ${by}, from ${low} to ${high}`, "data-played": address }));
    }));
    this.drawPlayed();
  }

  drawPlayed() {
    for (const canvas of this.played?.querySelectorAll("canvas") ?? []) {
      const found = this.controllers.find(({ address }) => address === canvas.dataset.played);
      if (found && canvas.isConnected) draw.values(canvas, this.studio.time, found.values, this.studio.time.seconds);
    }
  }

  /** Say what holds now. */
  place(now) {
    for (const { lane, value } of this.rows.values()) value.textContent = `${lane.spec.write(lane.at(now))} ${lane.spec.unit}`;
  }

  /** What is known of an address; where the board does not tell, the lane's own values are its range. */
  spec({ strip }, address, model) {
    const { board } = this.studio;
    const target = board?.strip === strip.name ? board.lanes?.find((one) => one.address === address) : undefined;
    const values = model.points.map(([, value]) => value);
    const low = Math.min(target?.low ?? Math.min(...values) - 1, ...values);
    const high = Math.max(target?.high ?? Math.max(...values) + 1, ...values);
    const scale = new Scale(low, high, { isFader: address.endsWith("gain_db") });
    const name = called(address);
    return {
      title: `${name} of ${strip.name}`,
      heading: `${name}, ${strip.name}`,
      noun: "Point",
      name: "value",
      unit: target?.unit ?? "",
      ink: "lane",
      shape: model.interpolation,
      scale,
      view: () => scale,
      above: (value) => scale.further(value, value === high ? -10 : 10),
      turned: (value, sign, finely) => (finely ? scale.tidy(value + sign * scale.step) : scale.further(value, sign)),
      write: (value) => String(round(value, 3)).replace("-", "−"),
    };
  }

  begun(id, strip, address) {
    const { studio } = this;
    const name = called(address);
    const canvas = el("canvas", { tabIndex: 0, role: "application", "aria-label": `${name} of ${strip.name}`, "aria-describedby": "lane-help", "data-key": `lane ${address}` });
    const value = el("span", { class: "quiet" });
    const edit = (key, to, at) => studio.change([[this.key(id, address, ...key), to]], at);
    const shape = el("select", { "aria-label": `Shape of ${name}`, "data-key": `shape ${address}`, onchange: () => edit(["interpolation"], shape.value, shape) },
      ...SHAPES.map((one) => el("option", { value: one }, one)));
    const away = el("button", { type: "button", class: "back", "aria-label": `Take the lane ${name} away`, title: "Take the lane away", "data-key": `away ${address}`, onclick: () => edit([], null, away) }, "×");
    const row = el("div", { class: "row lane", role: "group", "aria-label": `Lane ${name}` },
      el("div", { class: "head" }, el("h3", {}, name), value, shape, away), canvas);
    const lane = studio.begunLane(canvas, EMPTY, {
      commit: (changed) => this.commit(id, address, changed),
      settled: () => studio.strips.show(),
    });
    const made = { row, lane, value, shape, address };
    this.rows.set(id, made);
    return made;
  }

  key(id, address, ...rest) {
    const { table, strip } = this.rows.get(id).found;
    return [table, strip.number, "automation", address, ...rest];
  }

  commit(id, address, changed) {
    const model = this.rows.get(id).found.model.automation[address];
    return this.studio.change([[this.key(id, address, "points"), points.written(changed, model.unit, this.studio.time)]]);
  }

  /** What has no lane yet and could have one. */
  more({ strip, table, model }) {
    const { studio } = this;
    const free = (studio.board?.strip === strip.name ? studio.board.lanes ?? [] : []).filter(({ address }) => !(address in model.automation));
    const begin = ({ address, value }) => {
      const unit = points.unitOf(studio.time);
      return studio.change([[[table, strip.number, "automation", address], { points: [[unit === "bars" ? 1 : 0, value]], unit }]], select);
    };
    const select = el("select", { "aria-label": `Add a lane to ${strip.name}`, "data-key": "add lane", disabled: !free.length,
      onchange: () => begin(free.find(({ address }) => address === select.value)) },
      el("option", { value: "" }, "Add a lane…"), ...free.map(({ address }) => el("option", { value: address }, called(address))));
    return el("div", { class: "row lane" }, el("div", { class: "head" }, select));
  }
}

/** An address as it is read. */
const called = (address) => words(address.replaceAll(".", " "));
const FLAT = new Scale(0, 1);
/** Until the first points are shown. */
const EMPTY = { title: "", heading: "", noun: "Point", name: "value", unit: "", ink: "lane", shape: "linear", scale: FLAT, view: () => FLAT, write: String };
