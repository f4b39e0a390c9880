/** The strips: what each is, its fader, and its picture. */

import * as draw from "./draw.js";
import { el, fill, wrong } from "./dom.js";

export class Strips {
  /** `studio` has `view`, `time`, `selected`, `pictures`, `lanes`, `change(changes, at)` and `select(name)`. */
  constructor(parent, studio) {
    Object.assign(this, { parent, studio, canvases: new Map() });
  }

  show() {
    const { lanes, selected } = this.studio;
    if (lanes.busy) return; // what is dragged stays under the pointer
    this.canvases.clear();
    const rows = this.studio.all().flatMap((one) => (one.strip.name === selected ? [this.row(one), lanes.element] : [this.row(one)]));
    fill(this.parent, ...rows);
    lanes.show();
    this.draw();
  }

  row({ strip, table, model }) {
    const { studio } = this;
    const chosen = strip.name === studio.selected;
    const key = (...rest) => [table, strip.number, ...rest];
    const to = model.to === "master" && !model.sends.length ? "" : `to ${model.to}`;
    const sends = model.sends.length ? `sends to ${model.sends.map((send) => send.bus).join(", ")}` : "";
    const what = [model.role ?? "bus", model.preset].filter(Boolean).join(" · ");
    const way = [to, sends].filter(Boolean).join(", ");
    return el(
      "div",
      { class: `row strip${chosen ? " chosen" : ""}${model.mute ? " muted" : ""}`, role: "group", "aria-label": strip.name },
      el(
        "div",
        { class: "head" },
        el(
          "button",
          {
            type: "button", class: "name", "aria-pressed": String(chosen), "data-key": `name ${strip.name}`,
            title: way ? `Show what can be set; it goes ${way}` : "Show what can be set", onclick: () => studio.select(strip.name),
          },
          el("strong", {}, strip.name), el("span", { class: "quiet" }, what),
        ),
        el("div", { class: "fader" },
          toggle("M", `Mute ${strip.name}`, model.mute, (on) => studio.change([[key("mute"), on]])),
          toggle("S", `Solo ${strip.name}`, model.solo, (on) => studio.change([[key("solo"), on]])),
          number({ label: `Gain of ${strip.name} in dB`, value: model.gain_db, low: -60, high: 24, step: 0.5, unit: "dB",
            commit: (value, at) => studio.change([[key("gain_db"), value]], at) }),
          number({ label: `Pan of ${strip.name}, from −1 left to 1 right`, value: model.pan, low: -1, high: 1, step: 0.05, unit: "pan",
            commit: (value, at) => studio.change([[key("pan"), value]], at) }),
        ),
        table === "stems" ? meter(strip.name) : null,
      ),
      table === "stems" ? this.picture(strip) : el("p", { class: "quiet hears" }, strip.hears.length ? `hears ${strip.hears.join(", ")}` : "hears nobody"),
    );
  }

  /** A stem's waveform, or what is wrong with its file. */
  picture(strip) {
    const { studio } = this;
    if (strip.error) return wrong(strip);
    const canvas = el("canvas", { class: "wave", "aria-hidden": "true" });
    canvas.addEventListener("click", (event) => {
      studio.select(strip.name);
      studio.player.seek(studio.time.at(event.offsetX, canvas.clientWidth));
    });
    this.canvases.set(strip.name, canvas);
    return canvas;
  }

  draw() {
    const { studio } = this;
    for (const strip of studio.view?.overview?.strips ?? []) {
      const canvas = this.canvases.get(strip.name);
      if (!canvas?.isConnected) continue;
      const { peaks, lines } = studio.pictures.of(strip);
      const stem = studio.view.session.stems[strip.number];
      draw.strip(canvas, studio.time, { peaks, start: strip.start_seconds, quiet: stem.mute || lines.length > 0, lines });
    }
  }
}

/** How loud it is at the playhead. */
const meter = (name) => el("span", { class: "meter", "aria-hidden": "true" }, el("i", { "data-meter": name }));

function toggle(letter, label, on, commit) {
  return el(
    "button",
    { type: "button", class: `toggle ${letter}`, "aria-pressed": String(on), "aria-label": label, title: label,
      "data-key": label, onclick: () => commit(!on) },
    letter,
  );
}

function number({ label, value, low, high, step, unit, commit }) {
  const input = el("input", {
    type: "number", min: low, max: high, step, value, "aria-label": label, title: label, "data-key": label,
    onchange: () => commit(input.valueAsNumber, input),
  });
  return el("label", { class: "small" }, input, el("span", { class: "quiet", "aria-hidden": "true" }, unit));
}
