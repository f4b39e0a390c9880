/** The key plan: how much of each melody lies in its singer's range, moved up and down, and what is suggested. */

import * as api from "./api.js";
import { by, clock, el, fill, signed } from "./dom.js";
import { keyEdits, keyPoints } from "./key.js";

const MOST_PLACES = 6;

export class KeyPlan {
  /** `studio` has `view`, `time`, `all()`, `change(changes, at)`, `flush()` and `fail(error)`. */
  constructor(studio) {
    Object.assign(this, { studio });
    by("plan-go").addEventListener("click", () => this.ask());
  }

  async ask() {
    by("plan-go").disabled = true;
    by("plan-told").textContent = "listening to the melodies…";
    try {
      await this.studio.flush();
      const plans = await api.get("session/plan");
      fill(by("plan"), ...plans.map((plan) => this.card(plan)));
    } catch (error) {
      this.studio.fail(error);
    } finally {
      by("plan-told").textContent = "";
      by("plan-go").disabled = false;
    }
  }

  card(plan) {
    const { suggestion: advice, breaks } = plan;
    const moved = advice.transpose_semitones + advice.key_semitones;
    const take = el("button", { type: "button", "data-key": `take ${plan.strip}`, "aria-label": `Take what is suggested for ${plan.strip}`, onclick: () => this.take(plan, take) }, "Take it");
    const song = advice.key_semitones ? `, the song by ${signed(advice.key_semitones)}` : "";
    const places = breaks.slice(0, MOST_PLACES).map((place) =>
      el("li", {}, `${place.bar ? `bar ${place.bar}` : clock(place.start_seconds)}: ${place.above ? "up" : "down"} to ${place.note}`));
    return el("li", { class: "plan" },
      el("div", { class: "voice-head" }, el("strong", {}, plan.strip), el("span", { class: "quiet" }, `by ${plan.singer}`), take),
      el("div", { class: "shares", role: "img", "aria-label": plan.transpositions.map((one) => `${signed(one.semitones)}: ${percent(one.inside)}`).join(", ") },
        ...plan.transpositions.map((one) => this.bar(one, moved))),
      el("p", { class: "help" }, `${moved ? `Transpose the voice by ${signed(advice.transpose_semitones)}${song}` : "Leave it as it is"}: ${advice.reason}`),
      places.length ? el("ul", { class: "help" }, el("li", {}, "Even so it leaves the range here:"), ...places, breaks.length > MOST_PLACES ? el("li", {}, `and ${breaks.length - MOST_PLACES} more`) : null) : null);
  }

  bar({ semitones, inside }, suggested) {
    const filled = el("i", {});
    filled.style.height = percent(inside);
    return el("span", { class: semitones === suggested ? "suggested" : "", title: `${signed(semitones)}: ${percent(inside)} in range` }, filled, semitones % 12 ? null : el("b", {}, signed(semitones)));
  }

  /** Transpose the strip as suggested, and the song's key with it. */
  take({ strip, suggestion: advice }, at) {
    const { studio } = this;
    const found = studio.all().find((one) => one.table === "stems" && one.strip.name === strip);
    if (!found) return;
    const changes = [[["stems", found.strip.number, "transpose"], advice.transpose_semitones]];
    if (advice.key_semitones) {
      const points = keyPoints(studio.view, studio.time).map((point) => ({ ...point, value: point.value + advice.key_semitones }));
      changes.push(...keyEdits(studio.view, points, studio.time));
    }
    studio.change(changes, at);
  }
}

const percent = (share) => `${Math.round(100 * share)}%`;
