/** Pictures of a song: ruler, waveforms, lines of pitch. */

import { colour, surface } from "./dom.js";

export function grid(context, time, width, height) {
  const every = spacing(time, width);
  context.fillStyle = colour("grid");
  for (const bar of time.bars) {
    if ((bar.number - 1) % every) continue;
    const x = Math.round(time.x(bar.seconds, width));
    if (x >= 0 && x <= width) context.fillRect(x, 0, 1, height);
  }
}

/** Every how many bars there is room for a line. */
function spacing(time, width) {
  if (!time.hasBars) return 1;
  const each = (time.length(0) / (time.last - time.first)) * width;
  return [1, 2, 4, 8, 16, 32, 64, 128].find((count) => count * each >= 36) ?? 256;
}

export function ruler(canvas, time, overview, loop) {
  const { context, width, height } = surface(canvas);
  if (loop.on) {
    context.fillStyle = colour("loop");
    const from = time.x(loop.from, width);
    context.fillRect(from, 0, Math.max(time.x(loop.to, width) - from, 1), height);
  }
  context.fillStyle = colour("accent-soft");
  for (const { start_seconds: start, end_seconds: end } of overview.sections) {
    const from = time.x(start, width);
    context.fillRect(from, 0, Math.max(time.x(end, width) - from - 1, 1), height / 2);
  }
  grid(context, time, width, height);
  context.font = `11px ${colour("font")}`;
  context.textBaseline = "bottom";
  const every = spacing(time, width);
  context.fillStyle = colour("quiet");
  for (const bar of time.bars) {
    if ((bar.number - 1) % every) continue;
    context.fillText(String(bar.number), time.x(bar.seconds, width) + 4, height - 3);
  }
  context.textBaseline = "top";
  context.fillStyle = colour("ink");
  let free = -Infinity;
  for (const mark of overview.markers) {
    const x = time.x(mark.seconds, width) + 4;
    if (x < free || x > width) continue;
    context.fillText(mark.text, x, 4);
    free = x + context.measureText(mark.text).width + 8;
  }
}

/** A waveform of `{seconds_each, peaks}` from `start` on, with lines of pitch over it. */
export function strip(canvas, time, { peaks, start, quiet, lines }) {
  const { context, width, height } = surface(canvas);
  grid(context, time, width, height);
  context.fillStyle = colour("rule");
  context.fillRect(0, Math.round(height / 2), width, 1);
  if (peaks) waveform(context, time, peaks, start, width, height, colour(quiet ? "wave-quiet" : "wave"));
  for (const line of lines ?? []) pitch(context, time, line, width, height);
}

function waveform(context, time, { seconds_each: each, peaks }, start, width, height, fill) {
  const middle = height / 2;
  const top = Math.max(...peaks.map(Math.abs), 1);
  context.fillStyle = fill;
  for (let x = 0; x < width; x += 1) {
    const first = Math.floor((time.at(x, width) - start) / each);
    const last = Math.max(Math.floor((time.at(x + 1, width) - start) / each), first + 1);
    if (last <= 0 || first * 2 >= peaks.length) continue;
    let low = 0;
    let high = 0;
    for (let at = Math.max(first, 0); at < last && at * 2 < peaks.length; at += 1) {
      low = Math.min(low, peaks[at * 2]);
      high = Math.max(high, peaks[at * 2 + 1]);
    }
    const scale = (middle - 3) / top;
    context.fillRect(x, middle - high * scale, 1, Math.max((high - low) * scale, 1));
  }
}

function pitch(context, time, { view, start, ink, low, high }, width, height) {
  context.strokeStyle = colour(ink);
  context.lineWidth = 1.75;
  context.lineJoin = "round";
  context.beginPath();
  let open = false;
  view.notes.forEach((note, index) => {
    const x = time.x(start + index * view.seconds_each, width);
    if (note === null || x < -4 || x > width + 4) {
      open = false;
      return;
    }
    const y = height - 6 - ((note - low) / (high - low)) * (height - 12);
    if (open) context.lineTo(x, y);
    else context.moveTo(x, y);
    open = true;
  });
  context.stroke();
}

/** The span of notes that holds all lines, an octave at least. */
export function span(views) {
  const notes = views.flatMap((view) => view.notes.filter((note) => note !== null)).sort((a, b) => a - b);
  if (!notes.length) return [48, 72];
  const low = notes[Math.floor(notes.length * 0.01)];
  const high = notes[Math.ceil(notes.length * 0.99) - 1];
  const room = Math.max(0, 12 - (high - low)) / 2 + 1;
  return [low - room, high + room];
}
