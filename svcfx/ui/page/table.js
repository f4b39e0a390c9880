/** The points of a lane as a table of numbers: what the lane draws, typed. */

import { by, el, fill, round } from "./dom.js";

const MOST_ROWS = 100;

export function table(lane, time) {
  const { heading, noun, name, unit } = lane.spec;
  by("changes-title").textContent = heading;
  const rows = lane.points.slice(0, MOST_ROWS).map((point, index) => row(lane, time, point, index));
  const value = unit && name !== unit ? `${name}, ${unit}` : name;
  const heads = time.hasBars ? ["bar", "beat", value, ""] : ["seconds", value, ""];
  const more = lane.points.length - rows.length;
  fill(
    by("changes"),
    el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head || el("span", { class: "unseen" }, "take away"))))), el("tbody", {}, ...rows)),
    more > 0 ? el("p", { class: "quiet" }, `and ${more} more`) : null,
    el("button", { type: "button", "data-key": "add change", onclick: () => lane.add() }, `Add ${noun.toLowerCase()}`),
  );
}

function row(lane, time, point, index) {
  const { noun, name, scale, choices = [] } = lane.spec;
  const which = `${noun.toLowerCase()} ${index + 1}`;
  const take = (typed, use) => {
    if (Number.isNaN(typed)) return;
    lane.chosen = index;
    use(typed);
    lane.commit(lane.points);
  };
  const input = (what, value, properties, use) => {
    const made = el("input", { type: "number", value, "aria-label": `${what} of ${which}`, "data-key": `${what} ${index}`, ...properties,
      onchange: () => take(made.valueAsNumber, use) });
    return el("td", {}, made);
  };
  const set = (typed) => lane.set(point.seconds, typed);
  const pick = () => {
    const made = el("select", { "aria-label": `${name} of ${which}`, "data-key": `${name} ${index}`, onchange: () => take(made.selectedIndex, set) },
      ...choices.map((one, number) => el("option", { selected: number === Math.round(point.value) }, one)));
    return el("td", {}, made);
  };
  const value = choices.length ? pick() : input(name, round(point.value, 6), { min: scale.low, max: scale.high, step: name === "semitones" ? 1 : "any" }, set);
  const away = el("td", {}, index
    ? el("button", { type: "button", class: "back", "aria-label": `Take ${which} away`, title: "Take away", "data-key": `away ${index}`, onclick: () => lane.take(index) }, "×")
    : null);
  if (!index) return el("tr", {}, el("td", { colSpan: time.hasBars ? 2 : 1, class: "quiet" }, "the beginning"), value, away);
  if (!time.hasBars) return el("tr", {}, input("seconds", round(point.seconds), { min: 0, step: 0.1 }, (typed) => lane.set(typed, point.value)), value, away);
  const place = time.bar(point.seconds) + 1e-6;
  const bar = Math.floor(place);
  const beat = round(1 + (place - bar) * time.beats(bar));
  const at = (newBar, newBeat) => lane.set(time.ofBar(newBar + (newBeat - 1) / time.beats(newBar)), point.value);
  return el(
    "tr",
    {},
    input("bar", bar, { min: 1, step: 1 }, (typed) => at(typed, beat)),
    input("beat", beat, { min: 1, max: time.beats(bar) + 0.99, step: 0.5 }, (typed) => at(bar, typed)),
    value,
    away,
  );
}
