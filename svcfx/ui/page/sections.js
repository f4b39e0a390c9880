/** What is otherwise in a section of the song: a stretch that markers name, with values by strip and address. */

import { by, el, fill, round, words } from "./dom.js";

export class Sections {
  /** `studio` has `view`, `board`, `time`, `selected` and `change(changes, at)`. */
  constructor(studio) {
    this.studio = studio;
  }

  show() {
    const { markers } = this.studio.view.overview;
    const { sections } = this.studio.view.session;
    const written = Object.keys(sections);
    by("sections-card").hidden = !markers.length && !written.length;
    fill(by("sections"), ...written.map((name) => this.section(name, sections[name])), markers.length ? this.more(markers, sections) : null);
  }

  section(name, model) {
    const { crossfade_seconds: fade, ...changes } = model;
    const input = (label, key, value, properties = {}) => {
      const made = el("input", { type: "number", step: "any", value: round(value, 6), "aria-label": `${label} in ${name}`, "data-key": `section ${name} ${key}`, ...properties,
        onchange: () => !Number.isNaN(made.valueAsNumber) && this.put(name, key, made.valueAsNumber, made) });
      return el("td", {}, made);
    };
    const rows = Object.entries(changes).map(([address, value]) => {
      const away = el("button", { type: "button", class: "back", "aria-label": `Take ${called(address)} out of ${name}`, title: "Take away", "data-key": `section ${name} away ${address}`,
        onclick: () => this.put(name, address, null, away) }, "×");
      return el("tr", {}, el("th", { scope: "row" }, called(address)), input(called(address), address, value), el("td", {}, away));
    });
    const crossfade = el("tr", {}, el("th", { scope: "row" }, "crossfade, s"), input("crossfade", "crossfade_seconds", fade, { min: 0, max: 60 }), el("td"));
    return el("section", { "aria-label": `Section ${name}` }, el("h3", {}, name, " ", el("span", { class: "quiet" }, this.where(name))), el("table", {}, el("tbody", {}, ...rows, crossfade)));
  }

  /** Change a value of a section; the last one takes the section with it. */
  put(name, key, value, at) {
    const { crossfade_seconds: _, ...changes } = this.studio.view.session.sections[name] ?? {};
    const isLast = value === null && Object.keys(changes).length === 1;
    return this.studio.change([[["sections", name, ...(isLast ? [] : [key])], value]], at);
  }

  /** Where a section is: its bars, as often as it comes. */
  where(name) {
    const { time, view } = this.studio;
    const spans = view.overview.sections.filter((one) => one.name === name);
    return spans.map(({ start_seconds: start, end_seconds: end }) => `${time.name(start)} to ${time.name(end)}`).join(", ");
  }

  /** A choice of a section, and of what can move on the selected strip. */
  more(markers, sections) {
    const { board, selected } = this.studio;
    const folded = new Map(Object.keys(sections).map((name) => [name.toLowerCase(), name]));
    const names = [...new Map(markers.map(({ text }) => [text.toLowerCase(), folded.get(text.toLowerCase()) ?? text])).values()];
    const section = el("select", { "aria-label": "Section", "data-key": "section to change", onchange: () => { this.last = section.value; } },
      ...names.map((name) => el("option", { value: name, selected: name === this.last }, name)));
    const targets = board?.strip === selected ? board.lanes ?? [] : [];
    const what = el("select", { "aria-label": `Change ${selected} in the section`, "data-key": "change in section", disabled: !targets.length,
      onchange: () => this.put(section.value, `${selected}.${what.value}`, round(targets.find(({ address }) => address === what.value).value, 6), what) },
      el("option", { value: "" }, `change ${selected}…`), ...targets.map(({ address }) => el("option", { value: address }, called(address))));
    return el("p", { class: "ways" }, section, what);
  }
}

/** An address as it is read. */
const called = (address) => words(address.replaceAll(".", " "));
