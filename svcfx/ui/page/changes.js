/** The key changes as a table of numbers: what the lane draws, typed. */

import { by, el, fill, round } from "./dom.js";

export function changes(lane, time) {
  const rows = lane.points.map((point, index) => row(lane, time, point, index));
  const heads = time.hasBars ? ["bar", "beat", "semitones", ""] : ["seconds", "semitones", ""];
  fill(
    by("changes"),
    el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head || el("span", { class: "unseen" }, "take away"))))), el("tbody", {}, ...rows)),
    el("button", { type: "button", "data-key": "add change", onclick: () => lane.add() }, "Add change"),
  );
}

function row(lane, time, point, index) {
  const which = `change ${index + 1}`;
  const input = (name, value, properties, use) => {
    const made = el("input", { type: "number", value, "aria-label": `${name} of ${which}`, "data-key": `${name} ${index}`, ...properties,
      onchange: () => {
        if (Number.isNaN(made.valueAsNumber)) return;
        lane.chosen = index;
        use(made.valueAsNumber);
        lane.commit(lane.points);
      } });
    return el("td", {}, made);
  };
  const semitones = input("semitones", point.value, { min: -36, max: 36, step: 1 }, (value) => lane.set(point.seconds, value));
  const away = el("td", {}, index
    ? el("button", { type: "button", class: "back", "aria-label": `Take ${which} away`, title: "Take away", "data-key": `away ${index}`, onclick: () => lane.take(index) }, "×")
    : null);
  if (!index) return el("tr", {}, el("td", { colSpan: time.hasBars ? 2 : 1, class: "quiet" }, "the beginning"), semitones, away);
  if (!time.hasBars) return el("tr", {}, input("seconds", round(point.seconds), { min: 0, step: 0.1 }, (value) => lane.set(value, point.value)), semitones, away);
  const place = time.bar(point.seconds) + 1e-6;
  const bar = Math.floor(place);
  const beat = round(1 + (place - bar) * time.beats(bar));
  const at = (newBar, newBeat) => lane.set(time.ofBar(newBar + (newBeat - 1) / time.beats(newBar)), point.value);
  return el(
    "tr",
    {},
    input("bar", bar, { min: 1, step: 1 }, (value) => at(value, beat)),
    input("beat", beat, { min: 1, max: time.beats(bar) + 0.99, step: 0.5 }, (value) => at(bar, value)),
    semitones,
    away,
  );
}
