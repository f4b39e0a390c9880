/** The song's key as a lane: its changes in semitones, and how they are written. */

import { round, signed } from "./dom.js";
import * as points from "./points.js";
import { Scale } from "./scale.js";

const REACH = 36;

/** What moves; changes are steps, by mouse of whole semitones. */
export const KEY = {
  title: "Key lane",
  heading: "Key changes",
  noun: "Change",
  name: "semitones",
  unit: "semitones",
  ink: "key",
  shape: "step",
  scale: new Scale(-REACH, REACH, { step: 0.01 }),
  view: (all) => {
    const values = all.map((point) => point.value);
    return new Scale(Math.min(-4, ...values) - 2, Math.max(4, ...values) + 2, { whole: true });
  },
  above: (value) => Math.min(value + 2, REACH),
  turned: (value, sign, finely) => round(value + sign * (finely ? 0.1 : 1)),
  write: signed,
};

/** The changes that hold: the session's own, else the MIDI file's. */
export function keyPoints({ session, overview }, time) {
  if (session.key) return points.read(session.key, time);
  return points.begun(overview.key.map(([seconds, value]) => ({ seconds: Math.max(seconds, 0), value })));
}

/** What to change in the session for these. */
export function keyEdits({ session }, changed, time) {
  const unit = session.key?.unit ?? points.unitOf(time);
  const written = points.written(changed, unit, time);
  return session.key ? [[["key", "points"], written]] : [[["key"], { points: written, unit }]];
}
