/** Trainings: what recordings gave and what a voice would cost, its curve, the phrases that it sang on the way. */

import * as api from "./api.js";
import { by, colour, el, fill, round, sentence, surface } from "./dom.js";
import { note } from "./shelf.js";
import { isActive, progress, span } from "./tasks.js";

const EVERY_MS = 4000;
const RATE = 44100;
const LAST_PREVIEWS = 6;
const NOT_LOSSES = ["seconds", "rate"];

export class Trainings {
  /** `studio` has `player`, `tasks` and `fail(error)`. */
  constructor(studio) {
    Object.assign(this, { studio, seen: [], said: "", drawn: new Map(), open: new Set(), node: null, held: false });
    const list = by("trainings");
    by("train-more").addEventListener("change", ({ target }) => {
      const files = [...target.files];
      target.value = "";
      this.act(this.adding, () => this.add(this.adding, files));
    });
    list.addEventListener("pointerdown", () => { this.held = true; });
    for (const kind of ["pointerup", "pointercancel"]) window.addEventListener(kind, () => setTimeout(() => { this.held = false; }));
  }

  /** Look now, and every few seconds. */
  async look() {
    clearTimeout(this.next);
    try {
      this.take(await api.get("trainings"));
    } catch (error) {
      this.studio.fail(error);
    }
    clearTimeout(this.next);
    this.next = setTimeout(() => this.look(), EVERY_MS);
  }

  take(seen) {
    this.seen = seen;
    this.show();
  }

  /** Show what changed; nothing is taken from under a hand, or from a field that has the keyboard. */
  show() {
    const said = JSON.stringify(this.seen);
    const typed = document.activeElement.matches("#trainings select, #trainings input");
    if (this.held || typed || said === this.said) return this.draw();
    this.said = said;
    fill(by("trainings"), ...(this.seen.length ? this.seen.map((one) => this.card(one)) : [el("li", { class: "quiet" }, "None yet. Ten minutes of somebody who agreed make a voice.")]));
    this.draw();
  }

  card(training) {
    const { name, steps, begun, error } = training;
    return el("li", { class: "plan", tabIndex: -1, "data-key": `training ${name}` },
      this.head(training),
      error ? el("p", { class: "wrong" }, error) : null,
      begun ? this.told(training) : null,
      steps.length || !begun ? el("canvas", { class: "curve", role: "img", "data-training": name }) : null,
      this.previews(training),
      begun ? this.ways(training) : null);
  }

  head({ name, begun, steps, columns, best_step: best }) {
    const names = Object.keys(columns).filter((column) => !NOT_LOSSES.includes(column));
    const chosen = this.drawn.get(name) ?? (names.includes("check") ? "check" : names[0]);
    this.drawn.set(name, chosen);
    const select = el("select", { "aria-label": `What is drawn of ${begun?.voice ?? name}`, "data-key": `column ${name}`, onchange: () => { this.drawn.set(name, select.value); this.draw(); } },
      ...names.map((column) => el("option", { value: column, selected: column === chosen }, column)));
    const at = steps.length ? `step ${steps.at(-1)}` : begun ? "" : "step 0";
    const said = [at, best === null ? "" : `best at ${best}`].filter(Boolean).join(", ");
    return el("div", { class: "voice-head" }, el("strong", {}, begun?.voice ?? name), el("span", { class: "quiet" }, said), names.length ? select : null);
  }

  /** What its recordings gave, what it costs, and how far it is. */
  told({ name, begun, task }) {
    const { material, cost, steps, done_steps: done, shelved_step: shelved } = begun;
    const lines = [];
    if (material) lines.push(`${material.minutes.toFixed(1)} minutes in ${material.pieces} ${material.pieces === 1 ? "piece" : "pieces"}, sung between ${note(material.low_hz)} and ${note(material.high_hz)}.`);
    if (cost && done < steps && !(task && isActive(task))) lines.push(`${done ? "The other" : "The"} ${steps - done} steps take ${span(cost.seconds)} here, with at most ${giga(cost.memory)} of memory and ${giga(cost.disk)} of disk.`);
    if (shelved !== null) lines.push(`Its best voice up to step ${shelved} is on the shelf.`);
    if (task && isActive(task)) lines.push(`${sentence(progress(task))}${task.kind === "train" ? " Renders wait until it is over or stopped; what was done is kept." : ""}`);
    if (task?.state === "cancelled") lines.push(done ? `Stopped at step ${done}.` : "Stopped.");
    return el("div", { class: "help training" },
      ...lines.map((line) => el("p", {}, line)),
      ...(material?.cautions ?? []).map((line) => el("p", {}, sentence(line))),
      task?.state === "failed" ? el("p", { class: "wrong" }, task.error, task.hint ? el("span", { class: "hint" }, task.hint) : null) : null,
      material?.set_aside.length ? this.more(`aside ${name}`, `${material.set_aside_count} set aside`, ...material.set_aside.map((line) => el("p", {}, line))) : null,
      this.more(`asked ${name}`, "Who agreed, and the commands that do the same", el("p", {}, begun.consent), el("p", {}, `${begun.title}; ${begun.licence}`), ...begun.commands.map((line) => el("p", {}, el("code", {}, line)))));
  }

  /** Something that is opened to be read, and stays open. */
  more(key, title, ...children) {
    const details = el("details", { open: this.open.has(key), ontoggle: () => (details.open ? this.open.add(key) : this.open.delete(key)) }, el("summary", { "data-key": key }, title), ...children);
    return details;
  }

  previews({ name, begun, previews }) {
    if (!previews.length) return null;
    return el("p", { class: "ways" }, el("span", { class: "help" }, "Hear it at step"), ...previews.slice(-LAST_PREVIEWS).map((step) => {
      const button = el("button", { type: "button", class: "small-button", "aria-label": `Hear ${begun?.voice ?? name} at step ${step}`, "data-key": `hear ${name} ${step}`, onclick: () => this.hear(name, step, button) }, `▶ ${step}`);
      return button;
    }));
  }

  /** What can be done with it now. */
  ways({ name, begun, task, best_step: best }) {
    const { voice, steps, done_steps: done, shelved_step: shelved, cost } = begun;
    const act = (title, say, call, main) => el("button", { type: "button", class: main ? "small-button main" : "small-button", "aria-label": `${say} ${voice}`, "data-key": `${say} ${name}`, onclick: () => this.act(name, call) }, title);
    if (task && isActive(task)) return el("p", { class: "ways" }, act("Stop", "Stop the training of", () => api.remove(`tasks/${task.number}`)));
    const number = el("input", { type: "number", min: 1, step: 1, value: steps, "data-key": `steps ${name}`, onchange: () => !Number.isNaN(number.valueAsNumber) && this.act(name, () => api.patch("trainings", { name, steps: number.valueAsNumber }), number) });
    const train = () => api.post("trainings/train", { name });
    const away = () => window.confirm(`Take the training of ${voice} away, recordings and all? A voice on the shelf stays.`) && api.remove(`trainings?name=${encodeURIComponent(name)}`);
    return el("p", { class: "ways" },
      cost ? el("label", { class: "small" }, number, el("span", { class: "quiet" }, "steps in all")) : null,
      cost && !done ? act("Begin the training", "Begin the training of", train, true) : null,
      cost && done && done < steps ? act("Go on", "Go on with the training of", train, true) : null,
      best !== null && shelved !== done ? act("Put it on the shelf", "Put on the shelf", () => api.post("trainings/shelve", { name })) : null,
      done ? null : el("button", { type: "button", class: "small-button", "aria-label": `Add recordings to ${voice}`, "data-key": `add to ${name}`, onclick: () => { this.adding = name; by("train-more").click(); } }, "Add recordings…"),
      cost ? null : act("Listen again", "Listen again to", () => api.post("trainings/prepare", { name }), true),
      act("Take away…", "Take away the training of", away));
  }

  /** Give a training more recordings, which are listened to with those that it has. */
  async add(name, files) {
    const kept = [];
    for (const file of files) kept.push(...(await api.uploadTake(file)).files);
    return api.post("trainings/recordings", { name, files: kept });
  }

  /** Do it, show what came of it, and keep the keyboard at the card. */
  async act(name, call, field) {
    try {
      field?.removeAttribute("aria-invalid");
      const made = await call();
      if (made === false) return;
      field?.blur();
      this.studio.tasks.look();
      await this.look();
      const card = by("trainings").querySelector(`[data-key="${CSS.escape(`training ${name}`)}"]`);
      (card ?? by("train-open")).focus({ preventScroll: true });
    } catch (error) {
      field?.setAttribute("aria-invalid", "true");
      this.studio.fail(error);
    }
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

const giga = (bytes) => (bytes < 1e8 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`);

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
