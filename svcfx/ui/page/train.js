/** A voice to be trained: recordings of one person, who that is and agreed, and of which kind the voice is to be. */

import * as api from "./api.js";
import { Ask } from "./ask.js";
import { by, el, fill, sentence } from "./dom.js";

const ZIP = ".zip";

export class Train {
  /** `studio` has `catalog`, `view`, `tasks` and `trainings`. */
  constructor(studio) {
    Object.assign(this, { studio, takes: [], left: 0 });
    this.ask = new Ask("train", () => this.begin());
    by("train-open").addEventListener("click", () => this.open());
    by("train-choose").addEventListener("click", () => by("train-files").click());
    by("train-folder").addEventListener("click", () => by("train-folder-files").click());
    by("train-none").addEventListener("click", () => this.forget());
    for (const id of ["train-files", "train-folder-files"]) {
      by(id).addEventListener("change", () => {
        this.add([...by(id).files]);
        by(id).value = "";
      });
    }
    by("train-family").addEventListener("change", () => this.choose());
  }

  get isOpen() {
    return by("ask-train").open;
  }

  get family() {
    return this.studio.catalog.trainable.find(({ name }) => name === by("train-family").value);
  }

  open() {
    by("train-place").textContent = `${this.studio.view.folder}/trainings`;
    fill(by("train-family"), ...this.studio.catalog.trainable.map(({ name, title }) => el("option", { value: name }, title)));
    this.choose();
    this.forget();
    this.ask.open();
  }

  forget() {
    this.takes = [];
    this.left = 0;
    this.tell();
  }

  /** Show what the chosen family can be given. */
  choose() {
    const { about, contents, bases, sizes, steps } = this.family;
    by("train-about").textContent = sentence(about);
    fill(by("train-content"), ...contents.map(({ name, about }) => el("option", { value: name }, about)));
    const usual = sizes.length ? "nothing: it learns from the beginning" : "the voice that ships";
    fill(by("train-base"), el("option", { value: "" }, usual), ...bases.map((name) => el("option", { value: name }, name)));
    fill(by("train-size"), ...sizes.map((size) => el("option", { value: size }, size)));
    by("train-content-field").hidden = contents.length < 2;
    by("train-size-field").hidden = !sizes.length;
    by("train-steps").value = steps;
  }

  /** Take recordings; files of other kinds, which a folder may hold, are left out and counted. */
  add(files) {
    const known = [...this.studio.catalog.readable, ZIP];
    const sound = files.filter((file) => !file.name.startsWith(".") && known.some((suffix) => file.name.toLowerCase().endsWith(suffix)));
    this.left += files.length - sound.length;
    this.takes.push(...sound.map((file) => ({ file, kept: null })));
    this.tell();
  }

  tell() {
    const { takes, left } = this;
    const bytes = takes.reduce((sum, { file }) => sum + file.size, 0);
    const count = takes.length === 1 ? takes[0].file.name : `${takes.length} recordings`;
    const others = left ? ` ${left === 1 ? "One file that is" : `${left} files that are`} no recording ${left === 1 ? "was" : "were"} left out.` : "";
    by("train-names").textContent = (takes.length ? `${count}, ${(bytes / 1e6).toFixed(1)} MB.` : "No recordings yet: drop them here, or choose them.") + others;
    by("train-none").hidden = !takes.length;
  }

  /** Copy what was not copied yet, and have it listened to. */
  async begin() {
    if (!this.takes.length) throw new api.ApiError(422, "there are no recordings yet", "drop some minutes of one person here, or choose them");
    const typed = (id) => by(id).value.trim();
    try {
      for (const [index, take] of this.takes.entries()) {
        by("train-told").textContent = `copying ${index + 1} of ${this.takes.length}: ${take.file.name}`;
        take.kept ??= (await api.uploadTake(take.file)).files;
      }
      await api.post("trainings", { name: typed("train-name"), consent: typed("train-consent"), licence: typed("train-licence"), files: this.takes.flatMap(({ kept }) => kept),
        family: this.family.name, content: by("train-content").value, base: by("train-base").value, steps: by("train-steps").valueAsNumber,
        ...(this.family.sizes.length ? { size: by("train-size").value } : {}) });
    } finally {
      by("train-told").textContent = "";
    }
    this.studio.tasks.look();
    await this.studio.trainings.look();
    by("trainings-title").scrollIntoView({ block: "nearest" });
  }
}
