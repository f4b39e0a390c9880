/** A lane: points drawn, chosen, moved, added and taken away, by mouse and keyboard alike. */

import { colour, round, surface } from "./dom.js";
import { grid } from "./draw.js";

const NEAR = 14;
const MOST_DOTS = 120;
const LABEL = 60;

export class Lane {
  /**
   * `spec` says what moves: `title`, `noun` (of a point), `unit`, `ink`, `shape` ("linear", or steps),
   * `scale` (a Scale: what is allowed), `view(points)` (a Scale: what is shown), `by(value, hundredths)` and
   * `write(value)`. `commit(points)` takes `[{seconds, value}]`; `tell(text)` says what happened to who does not
   * see it; `held(lane)` is told that this lane is worked on, and `settled()` that a drag is over.
   */
  constructor(canvas, time, spec, { commit, tell, playhead, snap, held = () => {}, settled = () => {} }) {
    Object.assign(this, { canvas, time, spec, commit, tell, playhead, snap, held, settled });
    this.points = [{ seconds: 0, value: 0 }];
    this.chosen = 0;
    this.drag = null;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.up());
    canvas.addEventListener("pointercancel", () => this.up());
    canvas.addEventListener("dblclick", (event) => this.take(this.near(event)));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => { this.held(this); this.say(); });
    canvas.addEventListener("blur", () => this.draw());
  }

  /** Show these points; the first is where the song begins and stays there. */
  show(points, spec = this.spec) {
    if (this.drag) return;
    this.spec = spec;
    this.points = points.map((point) => ({ ...point }));
    this.chosen = Math.min(this.chosen, this.points.length - 1);
    this.name();
    this.draw();
  }

  /** Take what is known of it anew. */
  learn(spec) {
    this.spec = spec;
    this.draw();
  }

  get view() {
    return this.drag?.view ?? this.spec.view(this.points);
  }

  y(value, height) {
    return height - this.view.share(value) * height;
  }

  value(y, height) {
    return this.spec.scale.tidy(this.view.at(1 - y / height));
  }

  /** What holds at a second. */
  at(seconds) {
    const next = this.points.findIndex((point) => point.seconds > seconds + 1e-9);
    const before = this.points[(next < 0 ? this.points.length : next) - 1] ?? this.points[0];
    if (this.spec.shape !== "linear" || next < 1) return before.value;
    const after = this.points[next];
    return before.value + ((after.value - before.value) * (seconds - before.seconds)) / (after.seconds - before.seconds);
  }

  draw() {
    if (!this.canvas.isConnected) return;
    const { context, width, height } = surface(this.canvas);
    grid(context, this.time, width, height);
    context.fillStyle = colour("rule");
    if (this.view.low < 0 && this.view.high > 0) context.fillRect(0, Math.round(this.y(0, height)), width, 1);
    context.strokeStyle = colour(this.spec.ink);
    context.lineWidth = 2;
    context.beginPath();
    for (const [x, value] of this.line(width)) context.lineTo(x, this.y(value, height));
    context.stroke();
    const shown = this.points.map((point, index) => [point, index]).filter(([point, index]) => this.isShown(point, index, width));
    const dots = shown.length <= MOST_DOTS ? shown : shown.filter(([, index]) => index === this.chosen);
    this.labels(context, dots.map(([point, index]) => [point, ...this.dot(context, point, index, width, height)]));
  }

  /** Write values beside dots, where there is room, and that of the chosen one anyway. */
  labels(context, dots) {
    const chosen = this.points[this.chosen];
    const busy = dots.find(([point]) => point === chosen)?.[1] ?? Infinity;
    let free = -Infinity;
    for (const [point, x, y] of dots) {
      if (point !== chosen && (x < free || (x < busy && x > busy - LABEL))) continue;
      free = x + this.label(context, point, x, y);
    }
  }

  isShown(point, index, width) {
    const x = this.time.x(point.seconds, width);
    return index === 0 || (x >= -8 && x <= width + 8);
  }

  /** The line as `[x, value]`: corners where there are steps, and enough between points where the scale bends. */
  *line(width) {
    const { points, spec, view } = this;
    yield [0, this.at(this.time.first)];
    for (const [index, point] of points.entries()) {
      if (index === 0 || point.seconds < this.time.first || point.seconds > this.time.last) continue;
      const x = this.time.x(point.seconds, width);
      const from = Math.max(this.time.x(points[index - 1].seconds, width), 0);
      if (spec.shape !== "linear") yield [x, points[index - 1].value];
      else if (view.bends) for (let at = from + 4; at < x; at += 4) yield [at, this.at(this.time.at(at, width))];
      yield [x, point.value];
    }
    yield [width, this.at(this.time.last)];
  }

  dot(context, point, index, width, height) {
    const x = Math.max(this.time.x(point.seconds, width), index ? -20 : 8);
    const y = Math.min(Math.max(this.y(point.value, height), 6), height - 6);
    const isChosen = index === this.chosen && document.activeElement === this.canvas;
    context.beginPath();
    context.arc(x, y, isChosen ? 7 : 5, 0, 2 * Math.PI);
    context.fillStyle = colour(isChosen ? "ground" : this.spec.ink);
    context.fill();
    context.lineWidth = 3;
    context.strokeStyle = colour(this.spec.ink);
    context.stroke();
    return [x, y];
  }

  /** Write a point's value beside it; returns how much room that takes. */
  label(context, point, x, y) {
    const text = this.spec.write(point.value);
    context.font = `600 12px ${colour("font")}`;
    context.fillStyle = colour("ink");
    context.textBaseline = y > 22 ? "bottom" : "top";
    context.fillText(text, x + 10, y > 22 ? y - 4 : y + 4);
    return 10 + context.measureText(text).width;
  }

  near(event) {
    const { width, height } = this.canvas.getBoundingClientRect();
    const distances = this.points.map((point, index) =>
      Math.hypot(
        (index ? this.time.x(point.seconds, width) : 8) - event.offsetX,
        this.y(point.value, height) - event.offsetY,
      ),
    );
    const best = distances.indexOf(Math.min(...distances));
    return distances[best] <= NEAR ? best : -1;
  }

  down(event) {
    if (event.button !== 0) return;
    this.canvas.focus();
    const { width, height } = this.canvas.getBoundingClientRect();
    let index = this.near(event);
    const before = JSON.stringify(this.points);
    if (index < 0) {
      const seconds = this.time.snap(this.time.at(event.offsetX, width), this.snap());
      index = this.put(seconds, this.value(event.offsetY, height));
    }
    this.chosen = index;
    this.canvas.setPointerCapture(event.pointerId);
    this.drag = { before, view: this.view };
    this.draw();
  }

  move(event) {
    if (!this.drag) {
      this.canvas.style.cursor = this.near(event) < 0 ? "copy" : "grab";
      return;
    }
    const { width, height } = this.canvas.getBoundingClientRect();
    this.set(this.time.snap(this.time.at(event.offsetX, width), this.snap()), this.value(event.offsetY, height));
  }

  up() {
    if (!this.drag) return;
    const { before } = this.drag;
    this.drag = null;
    this.say();
    if (JSON.stringify(this.points) !== before) this.commit(this.points);
    else this.settled();
    this.draw();
  }

  /** Add a point, or find the one that is there; returns its number. */
  put(seconds, value) {
    const there = this.points.findIndex((point) => Math.abs(point.seconds - seconds) < 0.01);
    if (there >= 0) {
      this.points[there].value = value;
      return there;
    }
    this.points.push({ seconds, value });
    this.points.sort((one, other) => one.seconds - other.seconds);
    return this.points.findIndex((point) => point.seconds === seconds);
  }

  /** Move the chosen point between its neighbours; the first keeps its time. */
  set(seconds, value) {
    const index = this.chosen;
    const point = this.points[index];
    if (index > 0) {
      const least = this.points[index - 1].seconds + 0.01;
      const most = (this.points[index + 1]?.seconds ?? this.time.seconds) - 0.01;
      if (seconds >= least && seconds <= most) point.seconds = seconds;
    }
    const { low, high } = this.spec.scale;
    point.value = Math.min(Math.max(round(value, 6), low), high);
    this.draw();
  }

  /** Add a point at the playhead, a little above what holds there. */
  add() {
    const asked = this.time.snap(this.playhead(), this.snap() === "off" ? "off" : "bar");
    const seconds = asked > 0.01 ? asked : this.time.snap(this.time.seconds / 2, "bar");
    this.chosen = this.put(seconds, this.spec.above(this.at(seconds)));
    this.say();
    this.draw();
    this.commit(this.points);
  }

  take(index) {
    if (index <= 0) return;
    this.points.splice(index, 1);
    this.chosen = index - 1;
    this.say("taken away. ");
    this.draw();
    this.commit(this.points);
  }

  key(event) {
    const point = this.points[this.chosen];
    const turn = (sign) => this.set(point.seconds, this.spec.turned(point.value, sign, event.shiftKey));
    const acts = {
      ArrowLeft: () => (event.shiftKey ? this.nudge(-1) : this.choose(-1)),
      ArrowRight: () => (event.shiftKey ? this.nudge(1) : this.choose(1)),
      ArrowUp: () => turn(1),
      ArrowDown: () => turn(-1),
      Enter: () => this.add(),
      Insert: () => this.add(),
      Delete: () => this.take(this.chosen),
      Backspace: () => this.take(this.chosen),
    };
    if (!acts[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const before = JSON.stringify(this.points);
    acts[event.key]();
    if (["Enter", "Insert", "Delete", "Backspace"].includes(event.key)) return;
    this.say();
    if (JSON.stringify(this.points) !== before) this.commit(this.points);
  }

  choose(by) {
    this.chosen = Math.min(Math.max(this.chosen + by, 0), this.points.length - 1);
    this.draw();
  }

  /** Move the chosen point by a beat or bar. */
  nudge(by) {
    const { time } = this;
    const point = this.points[this.chosen];
    if (!time.hasBars || this.snap() === "off") {
      this.set(point.seconds + by * 0.1, point.value);
      return;
    }
    const bar = time.bar(point.seconds) + by / (this.snap() === "bar" ? 1 : time.beats(time.bar(point.seconds)));
    this.set(time.ofBar(bar), point.value);
  }

  say(before = "") {
    this.tell(`${before}${this.name()}`);
    this.draw();
  }

  /** Name the canvas after the chosen point; returns what is said of it. */
  name() {
    const { title, noun, unit, write } = this.spec;
    const point = this.points[this.chosen];
    const where = this.chosen ? this.time.name(point.seconds) : "the beginning";
    const text = `${noun} ${this.chosen + 1} of ${this.points.length}, at ${where}, ${write(point.value)} ${unit}`.trim();
    this.canvas.setAttribute("aria-label", `${title}. ${text}`);
    return text;
  }
}
