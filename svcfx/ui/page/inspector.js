/** What can be set on one strip: role, preset, singer, and every knob of its board, as the API tells them. */

import { el, fill, round, words, wrong } from "./dom.js";
import { Scale } from "./scale.js";
import { note } from "./shelf.js";

const SLIDER = 1000;
const MOST_STEPS = 10000;

export class Inspector {
  /** `studio` has `view`, `catalog`, `chosen()`, `board`, `change(changes, at)` and `take(found)`. */
  constructor(parent, studio) {
    Object.assign(this, { parent, studio, open: new Set(["The melody", "The sound"]) });
  }

  show() {
    const { studio } = this;
    const found = studio.chosen();
    if (!found) {
      fill(this.parent, el("p", { class: "quiet" }, "Choose a strip to see what can be set."));
      return;
    }
    const { strip, model: stem } = found;
    this.table = found.table;
    const { board } = studio;
    fill(
      this.parent,
      el("h2", {}, strip.name),
      el("div", { class: "fields" }, this.role(strip, stem), this.to(strip, stem), this.preset(strip, stem), ...this.voice(strip, stem), ...this.midi(strip, stem)),
      studio.presets.ways(found),
      board?.error ? wrong(board) : null,
      stem.preset && !board ? el("p", { class: "quiet" }, "Reading the preset…") : null,
      ...(board?.nodes ?? []).map((node) => this.node(strip, stem, node)),
      stem.preset ? null : el("p", { class: "quiet" }, "Without a preset the strip passes as it is. Choose one for a voice and effects, or Use a voice of the shelf."),
      el("p", { class: "end ways" },
        this.table === "stems" ? el("button", { type: "button", "data-key": "apart", title: "A whole song becomes vocals and accompaniment", onclick: () => studio.tasks.offerSong({ found }) }, "Take it apart…") : null,
        el("button", { type: "button", "data-key": "remove", onclick: () => studio.take(found) }, "Take this strip out")),
    );
  }

  key(strip, ...rest) {
    return [this.table, strip.number, ...rest];
  }

  role(strip, stem) {
    const { catalog } = this.studio;
    if (this.table === "buses") return null;
    return choice("Role", stem.role, catalog.roles.map((role) => [role, role]), (value, at) =>
      this.studio.change([[this.key(strip, "role"), value]], at));
  }

  to(strip, stem) {
    const buses = this.studio.view.session.buses.map((bus) => bus.name).filter((name) => name !== strip.name);
    if (!buses.length) return null;
    return choice("Goes to", stem.to, ["master", ...buses].map((name) => [name, name]), (value, at) =>
      this.studio.change([[this.key(strip, "to"), value === "master" ? null : value]], at));
  }

  preset(strip, stem) {
    const { catalog } = this.studio;
    const known = catalog.presets.map((preset) => [preset.name, preset.name]);
    if (stem.preset && !known.some(([name]) => name === stem.preset)) known.push([stem.preset, stem.preset]);
    const about = catalog.presets.find((preset) => preset.name === stem.preset)?.description ?? "";
    const commit = (value, at) => {
      const changes = [[this.key(strip, "preset"), value || null]];
      // What was set belongs to the nodes of the preset before.
      if (Object.keys(stem.set).length) changes.push([this.key(strip, "set"), null]);
      // Without one nothing sings.
      for (const key of ["transpose", "bend_track", "melody_track"]) if (!value && stem[key]) changes.push([this.key(strip, key), null]);
      return this.studio.change(changes, at);
    };
    return choice("Preset", stem.preset ?? "", [["", "none: as it is"], ...known], commit, about);
  }

  voice(strip, stem) {
    const { studio } = this;
    const sings = (studio.board?.nodes ?? []).find((node) => node.voice);
    if (!sings) return [];
    const singers = studio.catalog.voices;
    const card = singers.find((one) => one.name === sings.voice);
    const commit = (value, at) => studio.change([[this.key(strip, "set", `${sings.address}.voice`), value]], at);
    const auto = el("input", {
      type: "checkbox", checked: stem.transpose === "auto", "data-key": "auto octave",
      onchange: () => studio.change([[this.key(strip, "transpose"), auto.checked ? "auto" : null]], auto),
    });
    return [
      choice("Voice", sings.voice, singers.map((one) => [one.name, `${one.name}${range(one)}`]), commit, card?.about ?? ""),
      this.table === "stems" ? el("label", { class: "check" }, auto, " in the octave that suits the singer") : null,
      card ? el("details", { class: "voice-card" }, el("summary", { "data-key": "card" }, "Licence and consent"),
        el("p", {}, card.licence), el("p", {}, card.consent)) : null,
    ];
  }

  /** Which tracks of the MIDI file move the strip; none where nothing there could. */
  midi(strip, stem) {
    const { tracks } = this.studio.view.overview;
    const nodes = this.studio.board?.nodes ?? [];
    const sings = nodes.some((node) => node.voice);
    const of = (label, key, does, there) => {
      const named = [stem[key] ?? []].flat();
      const names = [...new Set([...(there ? tracks.filter(does) : []).map((one) => one.name), ...(named.length ? [named.join(", ")] : [])])];
      const commit = (value, at) => {
        const changes = [[this.key(strip, key), value && key === "cc_tracks" ? [value] : value || null]];
        // Where its controllers go is nothing without one.
        if (!value && key === "cc_tracks" && Object.keys(stem.cc).length) changes.push([this.key(strip, "cc"), null]);
        return this.studio.change(changes, at);
      };
      return names.length ? choice(label, named.join(", "), [["", "nothing"], ...names.map((name) => [name, `track ${name}`])], commit) : null;
    };
    return [
      of("Melody from", "melody_track", (one) => one.notes, sings || nodes.some((node) => node.kind === "Retune")),
      of("Bend from", "bend_track", (one) => one.bends, sings),
      of("Controllers from", "cc_tracks", (one) => one.controllers.length, true),
    ];
  }

  node(strip, stem, node) {
    if (!node.voice) return this.effect(strip, stem, node);
    const { sections } = this.studio.catalog;
    const groups = sections.map((title) => [title, node.controls.filter((control) => control.section === title)]);
    return el("div", { class: "node" }, el("h3", {}, "Voice"),
      ...groups.map(([title, controls]) => this.group(`voice ${title}`, title, this.open.has(title), controls, strip, stem)));
  }

  effect(strip, stem, node) {
    const name = words(node.address);
    const on = el("input", {
      type: "checkbox", checked: !node.bypassed, "data-key": `${node.address} on`,
      onchange: () => this.studio.change([[this.key(strip, "set", `${node.address}.bypassed`), !on.checked]], on),
    });
    const group = this.group(node.address, name, this.open.has(node.address), node.controls, strip, stem);
    const label = el("label", { class: "check", title: "Switch the effect on or off" }, on, el("span", {}, el("span", { class: "unseen" }, name), " on"));
    return el("div", { class: "effect" }, group, node.controls.length ? label : null);
  }

  group(id, title, open, controls, strip, stem) {
    const set = controls.filter((control) => control.address in stem.set).length;
    const lacking = controls.filter((control) => control.lacks);
    const details = el("details", { class: "group", open, ontoggle: () => (details.open ? this.open.add(id).add(title) : (this.open.delete(id), this.open.delete(title))) },
      el("summary", { "data-key": `group ${id}` }, el("span", {}, title), set ? el("span", { class: "badge" }, `${set} set`) : null),
      el("div", { class: "knobs" }, ...controls.filter((control) => !control.lacks).map((control) => this.knob(strip, stem, control, named(control, controls))), lacks(lacking, controls)));
    return details;
  }

  knob(strip, stem, control, label) {
    const { studio } = this;
    const set = control.address in stem.set;
    const commit = (value, at) => studio.change([[this.key(strip, "set", control.address), value]], at);
    const back = set ? el("button", { type: "button", class: "back", "aria-label": `Back to the preset's ${label}`, title: "Back to the preset's",
      "data-key": `${control.address} back`, onclick: () => commit(null, back) }, "↺") : null;
    const parts = { number: slider, whole: slider, choice: picker, flag: switcher, text: writer }[control.kind](control, label, commit);
    const id = `help ${control.address}`;
    return el("div", { class: `knob${set ? " set" : ""}` }, ...parts, back ?? el("span"),
      control.help ? el("p", { class: "help", id }, control.help) : null);
  }
}

/** A knob's name in words. Its unit stands behind its number, and in its name only where another of the `controls` is
 * called so without. */
function named({ name, unit }, controls) {
  const end = unit && [unit.toLowerCase(), unit === "st" ? "semitones" : unit].find((word) => name.endsWith(`_${word}`));
  const short = end ? name.slice(0, -end.length - 1) : name;
  return words(controls.some((one) => one.name === short) ? name : short);
}

/** A slider and a number for one value; frequencies and times of wide range move by ratio. */
function slider(control, label, commit) {
  const { low, high, unit } = control;
  if (low === null || (control.kind === "whole" && high - low > MOST_STEPS)) return writer(control, label, commit);
  const scale = new Scale(low, high, { whole: control.kind === "whole" });
  const now = control.value ?? control.default ?? low;
  const range = el("input", { type: "range", min: 0, max: SLIDER, step: 1, value: SLIDER * scale.share(now), "aria-label": label, tabIndex: -1, "aria-hidden": "true",
    oninput: () => { number.value = scale.at(range.valueAsNumber / SLIDER); },
    onchange: () => commit(scale.at(range.valueAsNumber / SLIDER), number) });
  const number = el("input", { type: "number", min: low, max: high, step: scale.step, value: round(now, 6), "data-key": control.address, id: `knob ${control.address}`,
    onchange: () => commit(Number.isNaN(number.valueAsNumber) ? null : number.valueAsNumber, number) });
  return [el("label", { for: `knob ${control.address}` }, label), range, el("span", { class: "amount" }, number, el("span", { class: "quiet" }, unit))];
}

function picker(control, label, commit) {
  const select = el("select", { "data-key": control.address, id: `knob ${control.address}`, onchange: () => commit(select.value, select) },
    ...control.choices.map((name) => el("option", { value: name, selected: name === control.value }, name)));
  return [el("label", { for: `knob ${control.address}` }, label), el("span"), el("span", { class: "amount" }, select)];
}

function switcher(control, label, commit) {
  const box = el("input", { type: "checkbox", checked: control.value, "data-key": control.address, id: `knob ${control.address}`, onchange: () => commit(box.checked, box) });
  return [el("label", { for: `knob ${control.address}` }, label), el("span"), el("span", { class: "amount" }, box)];
}

function writer(control, label, commit) {
  const isText = control.kind === "text";
  const input = el("input", { type: isText ? "text" : "number", step: "any", value: control.value ?? "", "data-key": control.address, id: `knob ${control.address}`,
    onchange: () => commit(input.value === "" ? null : isText ? input.value : input.valueAsNumber, input) });
  return [el("label", { for: `knob ${control.address}` }, label), el("span"), el("span", { class: "amount" }, input)];
}

/** Knobs that this voice cannot move, with the reason, out of the way. */
function lacks(lacking, controls) {
  if (!lacking.length) return null;
  const reasons = Map.groupBy ? Map.groupBy(lacking, (control) => control.lacks.split(",")[0]) : new Map(lacking.map((one) => [one.lacks, [one]]));
  return el("ul", { class: "lacks" }, ...[...reasons].map(([why, several]) =>
    el("li", {}, `${several.map((one) => named(one, controls)).join(", ")}: the voice ${why}`)));
}

function choice(label, value, options, commit, about = "") {
  const select = el("select", { "data-key": label, id: `field ${label}`, onchange: () => commit(select.value, select) },
    ...options.map(([name, shown]) => el("option", { value: name, selected: name === value }, shown)));
  return el("div", { class: "field" }, el("label", { for: `field ${label}` }, label), select, about ? el("p", { class: "help" }, about) : null);
}

function range(voice) {
  if (!voice.low_hz) return "";
  return ` (${note(voice.low_hz)} to ${note(voice.high_hz)})`;
}
