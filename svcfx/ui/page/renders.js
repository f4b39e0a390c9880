/** Renders: asked for, watched, stopped, and the last ones kept to be compared. */

import * as api from "./api.js";
import { by, el, fill } from "./dom.js";

const EVERY_MS = 250;
const STAGES = { "": "waiting", queued: "waiting", stem: "rendering", master: "mastering", write: "writing", measure: "measuring", done: "done" };

export class Renders {
  /** `studio` has `fail(error)`, `heard(job)` for a render that is done, `time`, `loop` and `flush()`. */
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

  async ask() {
    const { studio } = this;
    try {
      by("render").disabled = true;
      await studio.flush();
      const bars = await this.stretch();
      if (this.current) await api.remove(`jobs/${this.current}`);
      const job = await api.post("jobs", { bars });
      this.current = job.number;
      this.watch(job.number);
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
      const job = await api.post(`jobs/${number}/again`);
      this.current = job.number;
      this.watch(job.number);
    } catch (error) {
      studio.fail(error);
      return;
    }
    await studio.send(() => api.get("session"));
  }

  async watch(number) {
    const { studio } = this;
    for (;;) {
      let job;
      try {
        job = await api.get(`jobs/${number}`);
      } catch (error) {
        studio.fail(error);
        break;
      }
      if (this.current === number) this.progress(job);
      if (["done", "failed", "cancelled"].includes(job.state)) {
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
    const over = ["done", "failed", "cancelled"].includes(job.state);
    by("progress").hidden = over;
    by("cancel").hidden = over;
    by("bar").value = job.done_fraction;
    const left = job.seconds_left === null ? "" : `, about ${Math.ceil(job.seconds_left)} s left`;
    const text = `${STAGES[job.stage] ?? job.stage} ${job.strip}`.trim();
    by("stage").textContent = `${text}, ${Math.round(100 * job.done_fraction)} %${left}`;
  }

  async refresh() {
    this.jobs = await api.get("jobs");
    this.show();
  }

  choose(job) {
    this.shown = job.number;
    this.show();
    this.studio.heard(job);
  }

  show() {
    const rows = this.jobs.filter((job) => job.state !== "queued").map((job) => {
      const what = job.bars ? `bars ${job.bars}` : "whole song";
      const took = `${job.work_seconds.toFixed(1)} s`;
      const lufs = typeof job.levels?.mix === "number" ? `${job.levels.mix.toFixed(1)} LUFS` : "";
      const state = job.state === "done" ? [took, lufs].filter(Boolean).join(", ") : job.state;
      return el("li", {}, el("button", {
        type: "button", disabled: job.state !== "done", "aria-pressed": String(job.number === this.shown), "data-key": `render ${job.number}`,
        title: "Hear this one", onclick: () => this.choose(job),
      }, el("strong", {}, `${job.number}`), ` ${what} `, el("span", { class: "quiet" }, state)),
      el("button", { type: "button", class: "again", "aria-label": `Run again with the settings of render ${job.number}`, title: "Run again with these settings",
        "data-key": `again ${job.number}`, onclick: () => this.again(job) }, "↻"));
    });
    fill(by("renders"), ...(rows.length ? rows : [el("li", { class: "quiet" }, "None yet. The last ten are kept here.")]));
  }
}
