/** Presets: a strip's sound kept under a name, and files of presets brought from elsewhere. */

import * as api from "./api.js";
import { Ask } from "./ask.js";
import { by, el } from "./dom.js";

/** Whether files that were dropped are presets. */
export const arePresets = (files) => files.length > 0 && files.every((file) => file.name.toLowerCase().endsWith(".toml"));

export class Presets {
  /** `studio` has `chosen()`, `change(changes, at)`, `learn()`, `flush()` and `fail(error)`. */
  constructor(studio) {
    Object.assign(this, { studio });
    this.ask = new Ask("preset", () => this.save());
    by("preset-file").addEventListener("change", () => {
      this.load([...by("preset-file").files]);
      by("preset-file").value = "";
    });
  }

  /** The ways to a preset and from one, below the choice of a strip's. */
  ways({ model }) {
    return el("p", { class: "ways" },
      model.preset ? el("button", { type: "button", "data-key": "save preset", title: "Keep this strip's sound under a name", onclick: () => this.offer() }, "Save as preset…") : null,
      el("button", { type: "button", "data-key": "load preset", title: "Bring a preset's .toml into this song", onclick: () => by("preset-file").click() }, "Load a preset…"));
  }

  offer() {
    by("preset-strip").textContent = `What ${this.studio.chosen().strip.name} runs through, with every knob as it stands.`;
    this.ask.open();
  }

  /** Keep the strip's sound, and let the strip name it in place of the preset it had. */
  async save() {
    const { studio } = this;
    await studio.flush();
    const { table, strip, model } = studio.chosen();
    const given = { strip: strip.name, name: by("preset-name").value, description: by("preset-about").value };
    const { files: [file] } = await api.post("presets", given);
    await studio.learn();
    const key = (...rest) => [table, strip.number, ...rest];
    const changes = [[key("preset"), file]];
    if (Object.keys(model.set).length) changes.push([key("set"), null]);
    if (typeof model.transpose === "number") changes.push([key("transpose"), null]);
    await studio.change(changes);
  }

  async load(files) {
    const { studio } = this;
    try {
      const kept = [];
      for (const file of files) kept.push(...(await api.uploadPreset(file)).files);
      await studio.learn();
      by("told").textContent = `${kept.join(" and ")} can be chosen as a preset.`;
      studio.hint(`${kept.join(" and ")} can be chosen as a preset`);
    } catch (error) {
      studio.fail(error);
    }
  }
}
