/** The page's own controls: buttons, the ruler, dropped files, keys. */

import * as api from "./api.js";
import { by } from "./dom.js";
import { arePresets } from "./presets.js";
import { isVoice } from "./shelf.js";

let studio = null;

/** Listen; `again` opens the studio once more, with the token that was asked for. */
export function wire(given, again) {
  studio = given;
  const on = (id, event, act) => by(id).addEventListener(event, act);
  on("title", "change", () => studio.change([[["title"], by("title").value || null]], by("title")));
  on("banner-away", "click", () => { by("banner").hidden = true; });
  on("undo", "click", () => step("undo"));
  on("redo", "click", () => step("redo"));
  on("save", "click", () => save());
  on("add", "click", () => by("files").click());
  on("choose", "click", () => by("files").click());
  on("found", "click", () => studio.send(() => api.post("session/files", { files: studio.view.found })));
  on("files", "change", () => {
    studio.add([...by("files").files]);
    by("files").value = "";
  });
  on("play", "click", () => studio.transport.toggle());
  on("loop", "click", () => studio.transport.setLoop(!studio.player.loop.on));
  on("loop-from", "change", () => studio.transport.setLoop());
  on("loop-to", "change", () => studio.transport.setLoop());
  on("match", "change", () => { studio.player.match = by("match").checked; studio.player.level(); });
  on("key-add", "click", () => studio.lane.add());
  on("wider", "click", () => zoom(0.5));
  on("narrower", "click", () => zoom(2));
  on("fit", "click", () => { studio.time.fit(); studio.redraw(); });
  for (const radio of document.querySelectorAll("input[name=hear]")) radio.addEventListener("change", () => studio.transport.choose(radio.value));
  ruler();
  drops();
  keys();
  new ResizeObserver(() => studio.redraw()).observe(by("rows"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => studio.redraw());
  by("rows").addEventListener("wheel", wheel, { passive: false });
  by("ask-token").addEventListener("close", () => { api.keep(by("token").value.trim()); again(); });
  window.addEventListener("beforeunload", () => { if (studio.player.playing) studio.player.stop(); });
}

/** Undo or redo; one that comes before the answer to the last waits for it. */
function step(which) {
  return studio.send(() => api.post(`session/${which}`), undefined, true);
}

async function save() {
  await studio.flush();
  await studio.send(() => api.post("session/save"));
}

function zoom(factor) {
  studio.time.zoom(factor, studio.player.now() >= studio.time.first && studio.player.now() <= studio.time.last ? studio.player.now() : undefined);
  studio.redraw();
}

function wheel(event) {
  if (!event.ctrlKey && !event.shiftKey) return;
  event.preventDefault();
  const canvas = by("ruler");
  const at = studio.time.at(event.clientX - canvas.getBoundingClientRect().left, canvas.clientWidth);
  if (event.ctrlKey) studio.time.zoom(event.deltaY > 0 ? 1.25 : 0.8, at);
  else studio.time.pan(((studio.time.last - studio.time.first) * (event.deltaY || event.deltaX)) / 800);
  studio.redraw();
}

/** A click on the ruler goes there; a drag loops the bars that it spans. */
function ruler() {
  const canvas = by("ruler");
  let from = null;
  const at = (event) => studio.time.at(event.offsetX, canvas.clientWidth);
  canvas.addEventListener("pointerdown", (event) => { from = at(event); canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointerup", (event) => {
    const to = at(event);
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    if (studio.time.hasBars && studio.time.x(high - low + studio.time.first, canvas.clientWidth) > 12) {
      by("loop-from").value = Math.max(1, Math.floor(studio.time.bar(low)));
      by("loop-to").value = Math.max(1, Math.floor(studio.time.bar(Math.max(high - 1e-3, 0))));
      studio.transport.setLoop(true);
    } else studio.player.seek(Math.max(low, 0));
    from = null;
  });
}

function drops() {
  const has = (event) => event.dataTransfer?.types.includes("Files");
  let inside = 0;
  const show = () => { by("drop").hidden = inside <= 0; };
  window.addEventListener("dragenter", (event) => { if (has(event)) { inside += 1; show(); } });
  window.addEventListener("dragleave", (event) => { if (has(event)) { inside -= 1; show(); } });
  window.addEventListener("dragover", (event) => { if (has(event)) event.preventDefault(); });
  window.addEventListener("drop", (event) => {
    if (!has(event)) return;
    event.preventDefault();
    inside = 0;
    show();
    dropped(event.dataTransfer).then(take, studio.fail);
  });
}

function take(files) {
  if (studio.train.isOpen) studio.train.add(files);
  else if (isVoice(files)) studio.shelf.offer(files);
  else if (arePresets(files)) studio.presets.load(files);
  else studio.add(files);
}

/** Files that were dropped, and those of folders, through and through. */
async function dropped(transfer) {
  const given = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile()); // gone after this turn
  return (await Promise.all(given.map((one) => (one instanceof File ? [one] : inside(one))))).flat();
}

async function inside(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.filter(({ name }) => !name.startsWith(".")).map(inside))).flat();
}

function keys() {
  window.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (command && (key === "z" || key === "y")) {
      if (event.target.matches("input:not([type=range],[type=checkbox],[type=radio]), textarea")) event.target.blur();
      event.preventDefault();
      step(key === "y" || event.shiftKey ? "redo" : "undo");
      return;
    }
    if (command && key === "s") {
      event.preventDefault();
      save();
      return;
    }
    if (command || event.altKey || event.target.closest("input, select, textarea, button, summary, dialog")) return;
    const acts = {
      " ": () => studio.transport.toggle(), l: () => by("loop").click(), r: () => by("render").click(), "+": () => zoom(0.5), "-": () => zoom(2),
      0: () => by("fit").click(), 1: () => hear("source"), 2: () => hear("result"), 3: () => hear("mix"), x: () => studio.transport.swap(), home: () => studio.player.seek(0),
    };
    if (!acts[key] || !studio.view?.session) return;
    event.preventDefault();
    acts[key]();
  });
}

function hear(kind) {
  const radio = document.querySelector(`input[name=hear][value=${kind}]`);
  if (!radio.disabled) radio.click();
}
