/** What takes minutes beside renders: songs taken apart, voices cloned and trained. Whoever opens the page finds
 * what runs and what waits; what it leaves is shown in every page that is open. */

import * as api from "./api.js";
import { Ask } from "./ask.js";
import { by, el, fill } from "./dom.js";

const EVERY_MS = 250;
const IDLE_MS = 4000;
const STAGES = {
  "": "beginning",
  separate: "taking apart", hearing: "hearing", fitting: "fitting the voice", comparing: "comparing", fetch: "fetching what hears words",
  listen: "listening", judge: "judging pieces", features: "working out features", measure: "measuring what it costs",
  begin: "beginning", shelve: "putting it on the shelf",
};

export const isActive = ({ state }) => state === "queued" || state === "running";

/** How far a task is, in words. */
export function progress({ state, stage, notes, done_fraction: share, seconds_left: seconds }) {
  if (state === "queued") return "waiting";
  const left = seconds === null ? "" : `, ${span(seconds)} left`;
  const said = share ? "" : notes.map((note) => `, ${note}`).join("");
  return `${STAGES[stage] ?? stage}, ${Math.round(100 * share)} %${left}${said}`;
}

/** Seconds as people say them. */
export function span(seconds) {
  if (seconds < 60) return `about ${Math.max(1, Math.ceil(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `about ${minutes} min` : `about ${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

export class Tasks {
  /** `studio` has `all()`, `catalog`, `send(call)`, `shelf`, `trainings`, `addStems(files)` and `fail(error)`. */
  constructor(studio) {
    Object.assign(this, { studio, over: null, rows: new Map(), active: [], song: null });
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
    await api.post("tasks/separate", { file: name, model: by("song-model").value, instead_of: found?.strip.name ?? "" });
    this.look();
  }

  offerClone(file) {
    this.recording = file;
    by("clone-names").textContent = file.name;
    this.askClone.open();
    by("clone-name").focus();
  }

  async clone() {
    const file = await this.copied(api.uploadRecording(this.recording), this.recording, "clone-told");
    await api.post("tasks/clone", { file, name: by("clone-name").value, consent: by("clone-consent").value });
    this.look();
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

  /** Look now, and again soon: what is over when the page opens was told to whoever asked for it. */
  async look() {
    clearTimeout(this.next);
    try {
      const tasks = await api.get("tasks");
      const over = tasks.filter((task) => !isActive(task));
      const ended = this.over ? over.filter(({ number }) => !this.over.has(number)) : [];
      this.over = new Set(over.map(({ number }) => number));
      this.active = tasks.filter(isActive).reverse();
      this.show();
      for (const task of ended.reverse()) await this.ended(task);
    } catch (error) {
      this.studio.fail(error);
    }
    clearTimeout(this.next);
    this.next = setTimeout(() => this.look(), this.active.length ? EVERY_MS : IDLE_MS);
  }

  async ended(task) {
    const { studio } = this;
    if (task.state === "done") {
      by("told").textContent = `${task.label} is done.`;
      if (task.kind === "separate") await studio.send(() => api.get("session"));
      if (task.singers.length) await studio.shelf.gained(task);
    }
    if (task.training) await studio.trainings.look();
    if (task.state === "failed") studio.fail(new api.ApiError(422, task.error, task.hint));
  }

  /** A row for each that runs or waits; rows that stay are the same elements, so that nothing goes from under a hand. */
  show() {
    for (const [number, { row }] of this.rows) {
      if (this.active.some((task) => task.number === number)) continue;
      row.remove();
      this.rows.delete(number);
    }
    for (const task of this.active) {
      if (!this.rows.has(task.number)) this.rows.set(task.number, this.row(task));
      const { bar, stage } = this.rows.get(task.number);
      bar.value = task.done_fraction;
      stage.textContent = `${task.label}: ${progress(task)}`;
    }
    by("tasks").hidden = !this.active.length;
  }

  row({ number, label }) {
    const bar = el("progress", { max: 1, value: 0, "aria-label": label });
    const stage = el("span", {});
    const stop = el("button", { type: "button", "aria-label": `Stop ${label}`, onclick: () => api.remove(`tasks/${number}`).catch(this.studio.fail) }, "Stop it");
    const row = el("li", { class: "progress" }, bar, stage, stop);
    by("tasks-rows").append(row);
    return { row, bar, stage };
  }
}

/** Take the one file that was chosen, and be ready for the next. */
function chosen(id, take) {
  const [file] = by(id).files;
  if (file) take(file);
  by(id).value = "";
}
