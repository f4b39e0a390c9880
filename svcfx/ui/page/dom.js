/** Elements, made without markup: nothing that a file or a name says is ever read as HTML. */

const LOOK_MS = 50;

export const by = (id) => document.getElementById(id);

/** An element with properties (`on…` are listeners, `data-…` and `aria-…` attributes) and children. */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name.includes("-") || name === "for" || name === "role" || name === "list") made.setAttribute(name, value);
    else if (name === "class") made.className = value;
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** A paragraph that says what is wrong, and how to mend it. */
export function wrong({ error, hint }) {
  return el("p", { class: "wrong" }, error, hint ? el("span", { class: "hint" }, hint) : null);
}

/** Put `children` in place of what an element holds; whoever had the keyboard keeps it, by `data-key`. */
export function fill(parent, ...children) {
  const active = document.activeElement;
  const key = parent.contains(active) ? active.dataset.key : undefined;
  parent.replaceChildren(...children.filter(Boolean));
  if (key) parent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

let typed = null; // the field that was typed into and not left since
document.addEventListener("input", ({ target }) => { typed = target; });
document.addEventListener("change", () => { typed = null; });

/** Return once nothing is typed that would be lost if its field were made anew. */
export async function typedOut() {
  while (typed?.dataset.key && document.activeElement === typed) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

/** A canvas at the screen's resolution: its context, width and height in CSS pixels. */
export function surface(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const scale = window.devicePixelRatio || 1;
  const wide = Math.max(1, Math.round(width * scale));
  const high = Math.max(1, Math.round(height * scale));
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const signed = (value) => (value > 0 ? `+${round(value)}` : `${round(value)}`).replace("-", "−");
export const round = (value, digits = 2) => Number(value.toFixed(digits));
export const words = (name) => name.replaceAll("_", " ");

/** What the library says in passing, as a sentence. */
export const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}`.replace(/([^.!?])$/, "$1.");

export function clock(seconds) {
  const whole = Math.max(0, seconds);
  return `${Math.floor(whole / 60)}:${(whole % 60).toFixed(1).padStart(4, "0")}`;
}
