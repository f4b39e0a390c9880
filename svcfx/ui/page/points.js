/** Points of a lane as the session writes them, in bars or seconds, and as they are drawn, in seconds. */

import { round } from "./dom.js";

/** The points of a session's lane; the first is where the song begins and holds until the second. */
export function read({ points, unit }, time) {
  const bars = unit === "bars" && time.hasBars;
  return begun(points.map(([at, value]) => ({ seconds: bars ? time.ofBar(at) : time.played(at), value })));
}

/** The same back again, for the session. */
export function written(points, unit, time) {
  const bars = unit === "bars";
  const at = ({ seconds }, index) => {
    if (index === 0) return bars ? 1 : 0;
    return bars ? round(time.bar(seconds), 5) : round(time.recorded(seconds), 4);
  };
  return points.map((point, index) => [at(point, index), point.value]);
}

/** Points with one at the beginning. */
export function begun(points) {
  const first = points[0] ?? { seconds: 0, value: 0 };
  const before = points.findLast((point) => point.seconds <= 0.01);
  return [{ seconds: 0, value: (before ?? first).value }, ...points.filter((point) => point.seconds > 0.01)];
}

/** The unit that new points are counted in. */
export const unitOf = (time) => (time.hasBars ? "bars" : "seconds");
