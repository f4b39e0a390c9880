/** The shelf of voices: cards with their ranges over a keyboard, and how another one comes there. */

import * as api from "./api.js";
import { Ask } from "./ask.js";
import { by, colour, el, fill, sentence, surface } from "./dom.js";

const NOTES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const [FIRST, LAST] = [36, 84];
const BLACK = [1, 3, 6, 8, 10];
const SUFFIXES = [".zip", ".pth", ".pt", ".index", ".json", ".safetensors", ".yaml", ".yml", ".bin", ".txt", ".md"];
const WEIGHTS = [".zip", ".pth", ".pt", ".safetensors"];

const number = (hertz) => 69 + 12 * Math.log2(hertz / 440);

/** The name of the note nearest to a frequency. */
export const note = (hertz) => noteOf(Math.round(number(hertz)));

/** The name of a MIDI note. */
export const noteOf = (midi) => `${NOTES[midi % 12]}${Math.floor(midi / 12) - 1}`;

const ends = (file, suffixes) => suffixes.some((suffix) => file.name.toLowerCase().endsWith(suffix));

/** Whether files that were dropped are a voice. */
export const isVoice = (files) => files.length > 0 && files.every((file) => ends(file, SUFFIXES)) && files.some((file) => ends(file, WEIGHTS));

export class Shelf {
  /** `studio` has `catalog`, `board`, `view`, `selected`, `chosen()`, `change(changes, at)` and `learn()`. */
  constructor(studio) {
    Object.assign(this, { studio, files: [] });
    by("voice-add").addEventListener("click", () => by("voice-files").click());
    by("voice-files").addEventListener("change", () => {
      this.offer([...by("voice-files").files]);
      by("voice-files").value = "";
    });
    this.ask = new Ask("voice", () => this.add());
  }

  show() {
    fill(by("voices"), ...(this.studio.catalog?.voices ?? []).map((voice) => this.card(voice)));
    this.draw();
  }

  card(voice) {
    const range = voice.low_hz ? `${note(voice.low_hz)} to ${note(voice.high_hz)}` : "range not known";
    const sings = this.studio.board?.nodes?.find((node) => node.voice);
    const found = this.studio.view?.overview && this.studio.chosen(); // without a song nobody sings
    const used = Boolean(sings && found) && (found.model.set[`${sings.address}.voice`] ?? sings.voice) === voice.name;
    const preset = found && !found.model.preset ? this.presetFor(found, voice) : null;
    const why = sings ? "Sing the selected strip with it" : preset ? `Sing the selected strip with it, through the preset ${preset.name}` : "The preset of the selected strip has no voice: choose one that has";
    const use = !found ? null : el("button", { type: "button", "aria-pressed": String(used), disabled: !sings && !preset, "data-key": `use ${voice.name}`,
      "aria-label": `Sing ${this.studio.selected ?? "the strip"} with ${voice.name}`, title: why, onclick: () => this.use(found, sings?.address ?? "voice", preset, voice.name, use) }, used ? "sings" : "Use");
    return el("li", { class: "voice" },
      el("div", { class: "voice-head" }, el("strong", {}, voice.name), el("span", { class: "quiet" }, range), use),
      voice.low_hz ? el("canvas", { class: "keyboard", role: "img", "aria-label": `Sings ${range}`, "data-low": voice.low_hz, "data-high": voice.high_hz }) : null,
      el("details", {}, el("summary", { "data-key": `card ${voice.name}` }, [voice.family, voice.about].filter(Boolean).join(", ")),
        el("p", { class: "help" }, voice.licence), el("p", { class: "help" }, voice.consent)));
  }

  /** The preset that ships for a strip which has none: for its role and this voice, where there is such a one. */
  presetFor({ model }, voice) {
    const singing = this.studio.catalog.presets.filter((preset) => preset.voice && !preset.is_own);
    const fitting = singing.filter(({ name }) => name.startsWith(model.role));
    const among = fitting.length ? fitting : singing;
    return among.find((preset) => preset.voice === voice.name) ?? among[0];
  }

  /** Have a strip sung by a voice; with a `preset`, one that has none yet goes through that. */
  use({ table, strip }, address, preset, name, at) {
    const key = (...rest) => [table, strip.number, ...rest];
    const first = preset ? [[key("preset"), preset.name]] : [];
    const sung = preset?.voice === name ? [] : [[key("set", `${address}.voice`), name]];
    return this.studio.change([...first, ...sung], at);
  }

  draw() {
    for (const canvas of by("voices").querySelectorAll("canvas")) {
      if (canvas.offsetParent) keyboard(canvas, number(canvas.dataset.low), number(canvas.dataset.high));
    }
  }

  /** Ask for what no file says. */
  offer(files) {
    this.files = files;
    by("voice-names").textContent = files.map((file) => file.name).join(", ");
    this.ask.open();
    by("voice-consent").focus();
  }

  async add() {
    const typed = (id) => by(id).value.trim();
    const hertz = (id) => (Number.isNaN(by(id).valueAsNumber) ? null : by(id).valueAsNumber);
    try {
      const kept = [];
      for (const [index, file] of this.files.entries()) {
        by("voice-told").textContent = `copying ${index + 1} of ${this.files.length}: ${file.name}`;
        kept.push(...(await api.uploadVoice(file)).files);
      }
      by("voice-told").textContent = "looking at it and converting it…";
      const made = await api.post("voices", { files: kept, consent: typed("voice-consent"), licence: typed("voice-licence"),
        name: typed("voice-name"), low_hz: hertz("voice-low"), high_hz: hertz("voice-high") });
      await this.gained(made);
    } finally {
      by("voice-told").textContent = "";
    }
  }

  /** Show the singers that came, and say what is to be said of them. */
  async gained({ singers, notes }) {
    await this.studio.learn();
    by("voice-notes").textContent = [`${singers.map((one) => one.name).join(" and ")} is on the shelf.`, ...notes.map(sentence)].join(" ");
  }
}

/** Keys from C2 to C6, with those between two notes marked. */
function keyboard(canvas, low, high) {
  const { context, width, height } = surface(canvas);
  const each = width / (LAST - FIRST + 1);
  for (let key = FIRST; key <= LAST; key += 1) {
    const isBlack = BLACK.includes(key % 12);
    const inside = key >= Math.round(low) && key <= Math.round(high);
    context.fillStyle = colour(inside ? "accent" : isBlack ? "line" : "grid");
    context.fillRect((key - FIRST) * each, 0, Math.max(each - 1, 1), isBlack ? height * 0.6 : height);
  }
}
