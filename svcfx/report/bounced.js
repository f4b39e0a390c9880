const drawing = JSON.parse(document.getElementById("drawing").textContent);
const by = (id) => document.getElementById(id);
const NAMES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const UNVOICED = -32768;

/* Numbers come as base64 of little-endian integers. */
const arrays = new Map();
function read(text, Kind) {
  if (!arrays.has(text)) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    arrays.set(text, new Kind(bytes.buffer));
  }
  return arrays.get(text);
}

/* Players: those of one strip and the mix run together, and one of them is heard. */
const sounds = new Map([...document.querySelectorAll("audio")].map((audio) => [audio.dataset.sound, audio]));
let heard = sounds.has("mix") ? "mix" : "result-0";
let playing = false;
let position = 0;

const strip = (name) => name.split("-")[1];
const together = () => [...sounds.keys()].filter((name) => name === "mix" || (strip(heard) !== undefined && strip(name) === strip(heard)));

function level(name) {
  const known = together().map((one) => sounds.get(one).dataset.lufs).filter(Boolean).map(Number);
  const own = sounds.get(name).dataset.lufs;
  return by("even").checked && own && known.length > 1 ? 10 ** ((Math.min(...known) - Number(own)) / 20) : 1;
}

function hear(name) {
  heard = name;
  const group = together();
  const at = now();
  for (const [each, audio] of sounds) {
    if (!group.includes(each)) audio.pause();
    audio.muted = each !== heard;
    if (group.includes(each)) audio.volume = level(each);
  }
  for (const button of document.querySelectorAll(".hear")) button.setAttribute("aria-pressed", String(button.dataset.hear === heard));
  seek(at);
}

function now() {
  const audio = sounds.get(heard);
  return playing && audio && !audio.paused ? audio.currentTime : position;
}

function seek(seconds) {
  position = Math.min(Math.max(seconds, 0), drawing.seconds);
  for (const name of together()) {
    const audio = sounds.get(name);
    audio.currentTime = position;
    if (playing) audio.play().catch(() => stop());
  }
  show();
}

function start() {
  if (!sounds.has(heard)) return;
  playing = true;
  if (position >= drawing.seconds - 0.05) position = 0;
  by("play").setAttribute("aria-pressed", "true");
  by("play").textContent = "Pause";
  seek(position);
  requestAnimationFrame(run);
}

function stop() {
  position = now();
  playing = false;
  for (const audio of sounds.values()) audio.pause();
  by("play").setAttribute("aria-pressed", "false");
  by("play").textContent = "Play";
  show();
}

function run() {
  if (!playing) return;
  const audio = sounds.get(heard);
  position = audio.currentTime;
  for (const name of together()) {
    const other = sounds.get(name);
    if (other !== audio && !audio.seeking && Math.abs(other.currentTime - position) > 0.08) other.currentTime = position;
  }
  show();
  if (audio.ended) stop();
  else requestAnimationFrame(run);
}

/* Drawing: one view of time for all canvases. */
let first = 0;
const length = () => drawing.seconds / 2 ** Number(by("zoom").value);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function surface(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return { context, width, height, x: (seconds) => ((seconds - first) / length()) * width };
}

function bars({ context, width, height, x }, numbers) {
  const shown = drawing.bars.map(([number, at]) => [number, x(at - drawing.start)]).filter(([, at]) => at >= 0 && at <= width);
  const every = [1, 2, 4, 8, 16, 32, 64, 128].find((count) => shown.length / count <= width / 40) ?? 256;
  context.font = "11px sans-serif";
  for (const [number, at] of shown) {
    if ((number - 1) % every) continue;
    context.fillStyle = colour("grid");
    context.fillRect(Math.round(at), 0, 1, height);
    context.fillStyle = colour("quiet");
    if (numbers) context.fillText(String(number), at + 3, 10);
  }
}

/* Sections in which something changes, as bands; named where there is room for it. */
function sections({ context, height, x }, named) {
  context.font = "11px sans-serif";
  for (const [name, from, to] of drawing.sections) {
    const [left, right] = [from, to].map((at) => x(at - drawing.start));
    context.globalAlpha = 0.08;
    context.fillStyle = colour("result");
    context.fillRect(left, 0, right - left, height);
    context.globalAlpha = 1;
    context.fillStyle = colour("quiet");
    if (named) context.fillText(name, Math.max(left, 0) + 3, height - 4);
  }
}

function wave({ context, width, height }, text, ink) {
  const peaks = read(text, Int8Array);
  const top = peaks.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const middle = height / 2;
  const column = (px) => Math.floor((first + (px / width) * length()) / drawing.column_seconds);
  context.fillStyle = colour(ink);
  for (let px = 0; px < width; px += 1) {
    let low = 0;
    let high = 0;
    const from = Math.max(column(px), 0);
    for (let at = from; at <= Math.max(column(px + 1) - 1, from) && at * 2 < peaks.length; at += 1) {
      low = Math.min(low, peaks[at * 2]);
      high = Math.max(high, peaks[at * 2 + 1]);
    }
    const scale = (middle - 2) / top;
    context.fillRect(px, middle - high * scale, 1, Math.max((high - low) * scale, 1));
  }
}

function lane({ context, width, height, x }, { values }, ink) {
  const shares = read(values, Uint16Array);
  context.strokeStyle = colour(ink);
  context.lineWidth = 1.75;
  context.beginPath();
  shares.forEach((share, index) => {
    const at = x((index + 0.5) * drawing.column_seconds);
    if (at >= -8 && at <= width + 8) context.lineTo(at, height - 4 - (share / 65535) * (height - 8));
  });
  context.stroke();
}

function line({ context, width, x }, cents, y, ink, thick) {
  context.strokeStyle = colour(ink);
  context.lineWidth = thick;
  context.lineJoin = "round";
  context.beginPath();
  let last = UNVOICED;
  cents.forEach((value, index) => {
    const at = x(index * drawing.frame_seconds);
    if (value !== UNVOICED && at >= -4 && at <= width + 4) {
      if (last !== UNVOICED && Math.abs(value - last) < 300) context.lineTo(at, y(value));
      else context.moveTo(at, y(value));
    }
    last = value;
  });
  context.stroke();
}

function span(lines) {
  const cents = lines.flatMap((values) => [...values]).filter((value) => value !== UNVOICED).sort((a, b) => a - b);
  if (!cents.length) return [4800, 7200];
  const [low, high] = [cents[Math.floor(cents.length * 0.005)], cents[Math.ceil(cents.length * 0.995) - 1]];
  const room = Math.max(0, 700 - (high - low)) / 2 + 100;
  return [low - room, high + room];
}

function pitch(place, { source, result }) {
  const { context, width, height } = place;
  const lines = [read(source, Int16Array), read(result, Int16Array)];
  const [low, high] = span(lines);
  const y = (cents) => height - ((cents - low) / (high - low)) * height;
  context.font = "11px sans-serif";
  const step = [1, 2, 4, 6, 12].find((count) => (100 * count * height) / (high - low) > 15) ?? 12;
  for (let note = Math.ceil(low / 100); note <= high / 100; note += 1) {
    if (note % step) continue;
    context.fillStyle = colour("grid");
    context.fillRect(0, Math.round(y(100 * note)), width, 1);
    context.fillStyle = colour("quiet");
    context.fillText(`${NAMES[note % 12]}${Math.floor(note / 12) - 1}`, 2, y(100 * note) - 2);
  }
  line(place, lines[0], y, "source", 4);
  line(place, lines[1], y, "result", 1.75);
}

function away(place, text) {
  const { context, width, height } = place;
  const y = (cents) => height / 2 - (Math.min(Math.max(cents, -100), 100) / 110) * (height / 2);
  context.font = "11px sans-serif";
  for (const cents of [-100, -50, 0, 50, 100]) {
    context.fillStyle = colour(cents ? "grid" : "quiet");
    context.fillRect(0, Math.round(y(cents)), width, 1);
    context.fillStyle = colour("quiet");
    if (Math.abs(cents) === 50) context.fillText(`${cents > 0 ? "+" : "−"}50`, 2, y(cents) + 4);
  }
  line(place, read(text, Int16Array), y, "key", 1.5);
}

function draw() {
  const most = Math.max(drawing.seconds - length(), 0);
  first = Math.min(Math.max(first, 0), most);
  for (const canvas of document.querySelectorAll("canvas")) {
    const place = surface(canvas);
    const kind = canvas.dataset.draw;
    const told = drawing.strips[Number(canvas.dataset.strip)];
    sections(place, kind === "mix");
    bars(place, kind === "mix");
    if (kind === "mix") wave(place, drawing.mix, "result");
    if (kind === "source") wave(place, told.source, "source");
    if (kind === "result") {
      wave(place, told.result, "wave");
      told.lanes.forEach((one, index) => lane(place, one, `lane-${index % 5}`));
    }
    if (kind === "pitch") pitch(place, told.pitch);
    if (kind === "away") away(place, told.away);
    place.context.fillStyle = colour("ink");
    place.context.fillRect(Math.round(place.x(position)), 0, 1, place.height);
  }
}

let wanted = false;
function redraw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => {
    wanted = false;
    draw();
  });
}

function show() {
  by("clock").textContent = `${Math.floor(position / 60)}:${(position % 60).toFixed(1).padStart(4, "0")}`;
  if (document.activeElement !== by("seek") || playing) by("seek").value = position;
  if (position < first || position > first + length()) first = position - (playing ? 0 : length() / 2);
  redraw();
}

by("play").addEventListener("click", () => (playing ? stop() : start()));
by("seek").addEventListener("input", (event) => seek(Number(event.target.value)));
by("zoom").addEventListener("input", () => {
  first = position - length() / 2;
  redraw();
});
by("even").addEventListener("change", () => hear(heard));
for (const button of document.querySelectorAll(".hear")) button.addEventListener("click", () => hear(button.dataset.hear));
for (const canvas of document.querySelectorAll("canvas")) {
  canvas.addEventListener("click", (event) => seek(first + (event.offsetX / canvas.clientWidth) * length()));
}
document.addEventListener("keydown", (event) => {
  if (event.target.closest("button, input, pre") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === " ") {
    event.preventDefault();
    by("play").click();
  } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    event.preventDefault();
    seek(now() + (event.key === "ArrowLeft" ? -5 : 5));
  }
});
window.addEventListener("resize", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
hear(heard);
