/** Trainings watched: the curve of each, and the phrases that it sang on the way. */

import * as api from "./api.js";
import { by, colour, el, fill, round, surface } from "./dom.js";

const EVERY_MS = 4000;
const RATE = 44100;
const LAST_PREVIEWS = 6;
const NOT_LOSSES = ["seconds", "rate"];

export class Trainings {
  /** `studio` has `player` and `fail(error)`. */
  constructor(studio) {
    Object.assign(this, { studio, seen: [], drawn: new Map(), node: null });
  }

  /** Look now and every few seconds, as long as there is one to be watched. */
  begin() {
    clearTimeout(this.next);
    return this.watch();
  }

  async watch() {
    try {
      this.seen = await api.get("trainings");
    } catch (error) {
      this.studio.fail(error);
      return;
    }
    by("trainings-card").hidden = !this.seen.length;
    if (!this.seen.length) return;
    this.show();
    this.next = setTimeout(() => this.watch(), EVERY_MS);
  }

  show() {
    if (by("trainings").contains(document.activeElement)) return this.draw(); // nothing is taken from under it
    fill(by("trainings"), ...this.seen.map((one) => this.card(one)));
    this.draw();
  }

  card(training) {
    const { name, steps, columns, best_step: best, previews } = training;
    const names = Object.keys(columns).filter((column) => !NOT_LOSSES.includes(column));
    const chosen = this.drawn.get(name) ?? (names.includes("check") ? "check" : names[0]);
    this.drawn.set(name, chosen);
    const select = el("select", { "aria-label": `What is drawn of ${name}`, "data-key": `column ${name}`, onchange: () => { this.drawn.set(name, select.value); this.draw(); } },
      ...names.map((column) => el("option", { value: column, selected: column === chosen }, column)));
    const said = [`step ${steps.at(-1) ?? 0}`, best === null ? "" : `best at ${best}`].filter(Boolean).join(", ");
    return el("li", { class: "plan" },
      el("div", { class: "voice-head" }, el("strong", {}, name), el("span", { class: "quiet" }, said), names.length ? select : null),
      el("canvas", { class: "curve", role: "img", "data-training": name }),
      previews.length ? el("p", { class: "ways" }, ...previews.slice(-LAST_PREVIEWS).map((step) => this.preview(name, step))) : null);
  }

  preview(name, step) {
    const button = el("button", { type: "button", class: "small-button", "aria-label": `Hear ${name} at step ${step}`, "data-key": `hear ${name} ${step}`, onclick: () => this.hear(name, step, button) }, `▶ ${step}`);
    return button;
  }

  async hear(name, step, button) {
    const { player } = this.studio;
    this.node?.stop();
    button.disabled = true;
    try {
      const data = await api.sound(`trainings/preview?name=${encodeURIComponent(name)}&step=${step}`);
      const buffer = await new OfflineAudioContext(2, 1, RATE).decodeAudioData(data);
      if (player.playing) player.stop();
      player.context ??= new AudioContext();
      await player.context.resume();
      this.node = new AudioBufferSourceNode(player.context, { buffer });
      this.node.connect(player.context.destination);
      this.node.start();
      by("told").textContent = `Hearing ${name} at step ${step}.`;
    } catch (error) {
      this.studio.fail(error);
    } finally {
      button.disabled = false;
    }
  }

  draw() {
    for (const canvas of by("trainings").querySelectorAll("canvas")) {
      const training = this.seen.find(({ name }) => name === canvas.dataset.training);
      if (training && canvas.offsetParent) curve(canvas, training, this.drawn.get(training.name));
    }
  }
}

/** One column over its steps, with its first, lowest and last value. */
function curve(canvas, { name, steps, columns }, column) {
  const { context, width, height } = surface(canvas);
  const points = steps.map((step, index) => [step, columns[column]?.[index] ?? null]).filter(([, value]) => value !== null);
  if (!points.length) {
    canvas.setAttribute("aria-label", `${name}: nothing is reported yet`);
    return;
  }
  const values = points.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [first, last] = [points[0][0], points.at(-1)[0]];
  const x = (step) => 4 + ((step - first) / Math.max(last - first, 1)) * (width - 8);
  const y = (value) => height - 18 - ((value - low) / Math.max(high - low, 1e-9)) * (height - 36);
  context.strokeStyle = colour("accent");
  context.lineWidth = 1.75;
  context.beginPath();
  for (const [step, value] of points) context.lineTo(x(step), y(value));
  context.stroke();
  context.font = `11px ${colour("font")}`;
  context.fillStyle = colour("quiet");
  context.textBaseline = "top";
  context.fillText(`${round(high, 3)}`, 4, 2);
  context.textBaseline = "bottom";
  context.fillText(`${round(low, 3)}`, 4, height - 2);
  context.textAlign = "right";
  context.fillText(`step ${last}`, width - 4, height - 2);
  const said = values.length > 1 ? `from ${round(values[0], 3)} to ${round(values.at(-1), 3)}, lowest ${round(low, 3)}` : `${round(low, 3)}`;
  canvas.setAttribute("aria-label", `${name}, ${column} ${said}`);
}
