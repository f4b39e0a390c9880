/** What takes minutes beside renders: a song taken apart into stems, a voice cloned from a recording. */

import * as api from "./api.js";
import { Ask } from "./ask.js";
import { by, el, fill } from "./dom.js";

const EVERY_MS = 250;
const STAGES = { "": "waiting", separate: "taking apart", hearing: "hearing", fitting: "fitting the voice", comparing: "comparing" };

export class Tasks {
  /** `studio` has `all()`, `catalog`, `send(call)`, `shelf`, `take(found)`, `addStems(files)` and `fail(error)`. */
  constructor(studio) {
    Object.assign(this, { studio, current: null, song: null });
    this.askSong = new Ask("song", () => this.separate());
    this.askClone = new Ask("clone", () => this.clone());
    by("song-choose").addEventListener("click", () => by("song-file").click());
    by("song-file").addEventListener("change", () => chosen("song-file", (file) => this.offerSong({ file })));
    by("song-stem").addEventListener("click", () => {
      by("ask-song").close();
      studio.addStems([this.song.file]);
    });
    by("clone-choose").addEventListener("click", () => by("clone-file").click());
    by("clone-file").addEventListener("change", () => chosen("clone-file", (file) => this.offerClone(file)));
    by("task-cancel").addEventListener("click", () => this.current && api.remove(`tasks/${this.current}`).catch(studio.fail));
  }

  /** Ask how a song is to be taken apart: a `file` from outside, or the `found` strip, whose file is in the folder. */
  offerSong({ file, found }) {
    this.song = { file, found };
    by("song-names").textContent = file?.name ?? found.model.file;
    by("song-stem").hidden = !file;
    fill(by("song-model"), ...this.studio.catalog.separators.map(({ name, about }) => el("option", { value: name }, `${name}: ${about}`)));
    this.askSong.open();
  }

  async separate() {
    const { file, found } = this.song;
    const name = file ? await this.copied(api.upload(file), file, "song-told") : found.model.file;
    const task = await api.post("tasks/separate", { file: name, model: by("song-model").value });
    this.watch(task.number, async ({ roles }) => {
      await this.studio.send(() => api.post("session/files", { files: Object.keys(roles), roles }));
      const whole = found && this.studio.all().find(({ strip }) => strip.name === found.strip.name);
      if (whole) await this.studio.take(whole);
    });
  }

  offerClone(file) {
    this.recording = file;
    by("clone-names").textContent = file.name;
    this.askClone.open();
    by("clone-name").focus();
  }

  async clone() {
    const file = await this.copied(api.uploadRecording(this.recording), this.recording, "clone-told");
    const task = await api.post("tasks/clone", { file, name: by("clone-name").value, consent: by("clone-consent").value });
    this.watch(task.number, (made) => this.studio.shelf.gained(made));
  }

  /** The name that an uploaded file got. */
  async copied(sent, { name }, at) {
    by(at).textContent = `copying ${name}`;
    try {
      return (await sent).files[0];
    } finally {
      by(at).textContent = "";
    }
  }

  /** Watch a task until it is over, and use what came of it; of several the first is shown. */
  async watch(number, use) {
    try {
      for (;;) {
        const task = await api.get(`tasks/${number}`);
        this.current ??= number;
        if (this.current === number) this.progress(task);
        if (task.state === "failed") throw new api.ApiError(422, task.error, task.hint);
        if (task.state === "done") await use(task);
        if (task.state === "done" || task.state === "cancelled") break;
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      }
    } catch (error) {
      this.studio.fail(error);
    } finally {
      if (this.current === number) {
        this.current = null;
        by("task").hidden = true;
      }
    }
  }

  progress({ stage, label, notes, done_fraction: share, seconds_left: seconds }) {
    by("task").hidden = false;
    by("task-bar").value = share;
    const left = seconds === null ? "" : `, about ${Math.ceil(seconds)} s left`;
    const said = share ? "" : notes.map((note) => `, ${note}`).join("");
    by("task-stage").textContent = `${label}: ${STAGES[stage] ?? stage}, ${Math.round(100 * share)} %${left}${said}`;
  }
}

/** Take the one file that was chosen, and be ready for the next. */
function chosen(id, take) {
  const [file] = by(id).files;
  if (file) take(file);
  by(id).value = "";
}
