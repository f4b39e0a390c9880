/** Renders: asked for, watched, stopped, and the last ones kept to be compared. */

import * as api from "./api.js";
import { by, el, fill } from "./dom.js";
import { isActive } from "./tasks.js";

const EVERY_MS = 250;
const MOST_SAID = 3;
const NOTHING = "Nothing in the session.";
const STAGES = { "": "waiting", queued: "waiting", stem: "rendering", master: "mastering", write: "writing", measure: "measuring", done: "done" };

export class Renders {
  /** `studio` has `fail(error)`, `tasks`, `transport`, which hears them, and `flush()`. */
  constructor(studio) {
    Object.assign(this, { studio, jobs: [], current: null, shown: null });
    by("render").addEventListener("click", () => this.ask());
    by("cancel").addEventListener("click", () => this.current && api.remove(`jobs/${this.current}`).catch(studio.fail));
  }

  /** Bars to render, or null for the whole song. */
  async stretch() {
    const wanted = by("stretch").value;
    if (wanted === "loop") return `${by("loop-from").value}-${by("loop-to").value}`;
    if (wanted === "sung") return (await api.get("session/excerpt?seconds=15")).bars;
    return null;
  }

  /** Find what was rendered, and what runs or waits. */
  async open() {
    await this.refresh();
    const last = this.jobs.find((job) => job.state === "done");
    if (last) this.choose(last);
    for (const { number } of this.jobs.filter(isActive)) this.watch(number);
  }

  async ask() {
    const { studio } = this;
    try {
      by("render").disabled = true;
      await studio.flush();
      const bars = await this.stretch();
      if (this.current) await api.remove(`jobs/${this.current}`);
      this.watch((await api.post("jobs", { bars })).number);
    } catch (error) {
      studio.fail(error);
    } finally {
      by("render").disabled = false;
    }
  }

  /** Put the session back to what a render was made of, and render it once more; undo takes it back. */
  async again({ number }) {
    const { studio } = this;
    await studio.flush();
    try {
      this.watch((await api.post(`jobs/${number}/again`)).number);
    } catch (error) {
      studio.fail(error);
      return;
    }
    await studio.send(() => api.get("session"));
  }

  /** Watch a render until it is over; the newest one is shown. */
  async watch(number) {
    const { studio } = this;
    this.current = Math.max(this.current ?? 0, number);
    for (;;) {
      let job;
      try {
        job = await api.get(`jobs/${number}`);
      } catch (error) {
        studio.fail(error);
        break;
      }
      if (this.current === number) this.progress(job);
      if (!isActive(job)) {
        if (this.current === number) this.current = null;
        await this.refresh();
        if (job.state === "done") this.choose(job);
        if (job.state === "failed") studio.fail(new api.ApiError(422, job.error, job.hint));
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  progress(job) {
    by("progress").hidden = !isActive(job);
    by("cancel").hidden = !isActive(job);
    by("bar").value = job.done_fraction;
    const left = job.seconds_left === null ? "" : `, about ${Math.ceil(job.seconds_left)} s left`;
    const before = this.studio.tasks.active.find((task) => task.state === "running");
    const text = `${STAGES[job.stage] ?? job.stage} ${job.strip}`.trim();
    const waits = before ? `waiting until ${before.label} is done or stopped` : "waiting";
    by("stage").textContent = job.state === "queued" ? waits : `${text}, ${Math.round(100 * job.done_fraction)} %${left}`;
  }

  async refresh() {
    this.jobs = await api.get("jobs");
    this.studio.meters.keep(this.jobs);
    this.show();
  }

  choose(job) {
    this.shown = job.number;
    this.studio.transport.heard(job);
    this.show();
    this.tellDifference();
  }

  /** Have another one switched to in place, or no longer. */
  compare(job) {
    const { transport } = this.studio;
    transport.compare(transport.other?.number === job.number ? null : job);
    this.show();
    this.tellDifference();
  }

  /** Say what the render that is heard has otherwise than the one it is compared with. */
  async tellDifference() {
    const { fail, transport } = this.studio;
    const { job, other } = transport;
    let told = [];
    try {
      if (job && other) told = (await api.get(`jobs/${job.number}/differences/${other.number}`)).map(({ text }) => text);
    } catch (error) {
      fail(error);
    }
    const title = other ? `From ${other.number} to ${job.number}` : "";
    fill(by("differs"), other && el("h3", {}, title), ...(told.length || !other ? told : [NOTHING]).map((text) => el("p", {}, text)));
  }

  show() {
    const rows = this.jobs.filter((job) => job.state !== "queued").map((job) => this.row(job));
    fill(by("renders"), ...(rows.length ? rows : [el("li", { class: "quiet" }, "None yet. The last ten are kept here.")]));
  }

  row(job) {
    const { number, changes, levels } = job;
    const what = job.bars ? `bars ${job.bars}` : "whole song";
    const lufs = typeof levels?.mix === "number" ? `${levels.mix.toFixed(1)} LUFS` : "";
    const state = job.state === "done" ? [`made in ${job.work_seconds.toFixed(1)} s`, lufs].filter(Boolean).join(", ") : job.state;
    const isDone = job.state === "done";
    const isShown = number === this.shown;
    const more = changes.length > MOST_SAID ? ` and ${changes.length - MOST_SAID} more` : "";
    return el("li", {},
      el("button", { type: "button", disabled: !isDone, "aria-pressed": String(isShown), "data-key": `render ${number}`, title: "Hear this one", onclick: () => this.choose(job) },
        el("strong", {}, `${number}`), ` ${what} `, el("span", { class: "quiet" }, state)),
      el("button", { type: "button", class: "against", disabled: !isDone || isShown, "aria-pressed": String(this.studio.transport.other?.number === number), "aria-label": `Compare with render ${number}`,
        title: "Switch to this one in place (X)", "data-key": `compare ${number}`, onclick: () => this.compare(job) }, "A/B"),
      el("button", { type: "button", class: "again", "aria-label": `Run again with the settings of render ${number}`, title: "Run again with these settings",
        "data-key": `again ${number}`, onclick: () => this.again(job) }, "↻"),
      changes.length ? el("p", { class: "help" }, changes.slice(0, MOST_SAID).join("; ") + more) : null);
  }
}
