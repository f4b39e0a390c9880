/** The key lane: changes of key, drawn, chosen, moved, added and taken away, by mouse and keyboard alike. */

import { colour, round, signed, surface } from "./dom.js";
import { grid } from "./draw.js";

const REACH = 36;
const NEAR = 14;

export class KeyLane {
  /** `commit(points)` takes `[{seconds, value}]`; `tell(text)` says what happened to who does not see it. */
  constructor(canvas, time, { commit, tell, playhead, snap }) {
    Object.assign(this, { canvas, time, commit, tell, playhead, snap });
    this.points = [{ seconds: 0, value: 0 }];
    this.chosen = 0;
    this.drag = null;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", () => this.up());
    canvas.addEventListener("pointercancel", () => this.up());
    canvas.addEventListener("dblclick", (event) => this.take(this.near(event)));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("focus", () => this.say());
    canvas.addEventListener("blur", () => this.draw());
  }

  /** Show these points; the first is where the song begins and stays there. */
  show(points) {
    if (this.drag) return;
    this.points = points.map((point) => ({ ...point }));
    this.chosen = Math.min(this.chosen, this.points.length - 1);
    this.draw();
  }

  get limits() {
    const values = this.points.map((point) => point.value);
    return [Math.min(-4, ...values) - 2, Math.max(4, ...values) + 2];
  }

  y(value, height) {
    const [low, high] = this.drag?.limits ?? this.limits;
    return height - ((value - low) / (high - low)) * height;
  }

  value(y, height) {
    const [low, high] = this.drag?.limits ?? this.limits;
    return Math.min(Math.max(Math.round(low + (1 - y / height) * (high - low)), -REACH), REACH);
  }

  draw() {
    const { context, width, height } = surface(this.canvas);
    grid(context, this.time, width, height);
    const zero = Math.round(this.y(0, height));
    context.fillStyle = colour("rule");
    context.fillRect(0, zero, width, 1);
    context.strokeStyle = colour("key");
    context.lineWidth = 2;
    context.beginPath();
    this.points.forEach((point, index) => {
      const x = index ? this.time.x(point.seconds, width) : 0;
      const y = this.y(point.value, height);
      if (index) context.lineTo(x, this.y(this.points[index - 1].value, height));
      else context.moveTo(x, y);
      context.lineTo(x, y);
    });
    context.lineTo(width, this.y(this.points.at(-1).value, height));
    context.stroke();
    this.points.forEach((point, index) => this.dot(context, point, index, width, height));
  }

  dot(context, point, index, width, height) {
    const x = Math.max(this.time.x(point.seconds, width), index ? -20 : 8);
    const y = this.y(point.value, height);
    const isChosen = index === this.chosen && document.activeElement === this.canvas;
    context.beginPath();
    context.arc(x, y, isChosen ? 7 : 5, 0, 2 * Math.PI);
    context.fillStyle = colour(isChosen ? "ground" : "key");
    context.fill();
    context.lineWidth = 3;
    context.strokeStyle = colour("key");
    context.stroke();
    context.font = `600 12px ${colour("font")}`;
    context.fillStyle = colour("ink");
    context.textBaseline = y > 22 ? "bottom" : "top";
    context.fillText(signed(point.value), x + 10, y > 22 ? y - 4 : y + 4);
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
    this.drag = { before, limits: this.limits };
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
    point.value = Math.min(Math.max(round(value), -REACH), REACH);
    this.draw();
  }

  /** Add a change at the playhead, a tone above what holds there. */
  add() {
    const seconds = this.time.snap(this.playhead(), this.snap() === "off" ? "off" : "bar");
    const held = this.points.findLast((point) => point.seconds <= seconds + 0.01) ?? this.points[0];
    this.chosen = this.put(seconds > 0.01 ? seconds : this.time.snap(this.time.seconds / 2, "bar"), Math.min(held.value + 2, REACH));
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
    const by = event.shiftKey ? 0.1 : 1;
    const point = this.points[this.chosen];
    const acts = {
      ArrowLeft: () => (event.shiftKey ? this.nudge(-1) : this.choose(-1)),
      ArrowRight: () => (event.shiftKey ? this.nudge(1) : this.choose(1)),
      ArrowUp: () => this.set(point.seconds, point.value + by),
      ArrowDown: () => this.set(point.seconds, point.value - by),
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
    const point = this.points[this.chosen];
    const where = this.chosen ? this.time.name(point.seconds) : "the beginning";
    const text = `${before}Change ${this.chosen + 1} of ${this.points.length}, at ${where}, ${signed(point.value)} semitones`;
    this.canvas.setAttribute("aria-label", `Key lane. ${text}`);
    this.tell(text);
    this.draw();
  }
}
