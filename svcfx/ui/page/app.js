/** The page: it shows the session that the studio holds, and sends what is changed. All logic is the API's. */

import * as api from "./api.js";
import { changes as table } from "./changes.js";
import { wire } from "./controls.js";
import { by, clock, el, fill, round, signed } from "./dom.js";
import * as draw from "./draw.js";
import { Inspector } from "./inspector.js";
import { KeyLane } from "./lane.js";
import { Player } from "./player.js";
import { Renders } from "./renders.js";
import { Strips } from "./strips.js";
import { Time } from "./time.js";

const CHECK_AFTER_MS = 700;

class Studio {
  constructor() {
    this.view = null;
    this.catalog = null;
    this.selected = null;
    this.board = null;
    this.job = null;
    this.time = new Time();
    this.player = new Player();
    this.peaks = new Map();
    this.pitches = new Map();
    this.pending = Promise.resolve();
    this.fail = (error, at) => this.tellWrong(error, at);
    this.strips = new Strips(by("strips"), this);
    this.inspector = new Inspector(by("inspector"), this);
    this.lane = new KeyLane(by("key"), this.time, {
      commit: (points) => this.changeKey(points),
      tell: (text) => { by("told").textContent = text; },
      playhead: () => this.player.now(),
      snap: () => by("snap").value,
    });
    this.renders = new Renders(this);
    this.player.onchange = () => this.transport();
  }

  // -- the session ---------------------------------------------------------------------------------------------

  async open() {
    this.catalog = await api.get("catalog");
    await this.take_in(await api.get("session"));
    await this.renders.refresh();
    const last = this.renders.jobs.find((job) => job.state === "done");
    if (last) this.renders.choose(last);
    const running = this.renders.jobs.find((job) => job.state === "running" || job.state === "queued");
    if (running) {
      this.renders.current = running.number;
      this.renders.watch(running.number);
    }
  }

  /** Show another state of the session. */
  async take_in(view) {
    this.view = view;
    const there = view.session !== null;
    for (const id of ["song", "actions", "transport", "timeline", "below"]) by(id).hidden = !there;
    by("empty").hidden = there;
    if (!there) return this.showEmpty();
    this.time.set(view.overview);
    this.player.seconds = view.overview.seconds;
    if (!this.all().some(({ strip }) => strip.name === this.selected)) this.selected = this.likeliest(view);
    this.head();
    this.lane.show(this.keyPoints());
    this.strips.show();
    this.redraw();
    this.transport();
    this.fetchPictures();
    this.fetchBoard();
    this.checkSoon();
  }

  /** Every strip, with the table of the session that says it and what stands there: stems, then buses. */
  all() {
    const { overview, session } = this.view;
    const of = (table, strips) => strips.map((strip) => ({ strip, table, model: session[table][strip.number] }));
    return [...of("stems", overview.strips), ...of("buses", overview.buses)];
  }

  /** The strip to look at first: a lead, where there is one. */
  likeliest({ overview, session }) {
    const lead = overview.strips.find((strip) => session.stems[strip.number].role === "lead");
    return (lead ?? overview.strips[0])?.name ?? null;
  }

  showEmpty() {
    by("folder").textContent = this.view.folder;
    const { found } = this.view;
    by("found").hidden = !found.length;
    by("found").textContent = found.length === 1 ? `Begin with ${found[0]}` : `Begin with the ${found.length} files that are there`;
  }

  head() {
    const { view } = this;
    by("banner").hidden = true;
    const title = by("title");
    if (document.activeElement !== title) title.value = view.session.title;
    by("saved").textContent = view.is_saved ? "saved" : "not saved";
    by("saved").classList.toggle("unsaved", !view.is_saved);
    by("undo").disabled = !view.can_undo;
    by("redo").disabled = !view.can_redo;
    by("save").disabled = view.is_saved;
    by("command").textContent = view.command;
    by("text").textContent = view.text;
    document.title = `${view.is_saved ? "" : "• "}${view.session.title || view.folder} – svcfx studio`;
    if (view.overview.error) this.banner(view.overview.error, view.overview.hint);
    this.tempo();
  }

  tempo() {
    const { session, overview } = this.view;
    if (session.midi) {
      fill(by("tempo"), el("span", { class: "quiet", title: `From ${session.midi.file}` }, overview.tempos.map((tempo) => tempo.text).slice(0, 2).join(", ")));
      return;
    }
    const field = (name, value, properties) => {
      const input = el("input", { type: "number", value: value ?? "", "data-key": name, ...properties,
        onchange: () => this.change([[["tempo", name], input.value === "" ? null : input.valueAsNumber]], input) });
      return input;
    };
    fill(
      by("tempo"),
      el("label", {}, field("bpm", session.tempo?.bpm, { min: 20, max: 400, step: 0.1 }), " bpm"),
      el("label", {}, field("beats_per_bar", session.tempo?.beats_per_bar ?? 4, { min: 1, max: 32, step: 1 }), " beats"),
    );
  }

  /** Send changes by key path; what is refused is told at `at`, and the page shows what holds. */
  change(changes, at) {
    return this.send(() => api.patch("session", { changes: changes.map(([key, value]) => ({ key, value })) }), at, true);
  }

  send(call, at, rendersToo = false) {
    const done = this.pending.then(async () => {
      try {
        clearWrong(at);
        await this.take_in(await call());
        if (rendersToo && by("auto").checked) this.renders.ask();
      } catch (error) {
        this.fail(error, at);
        if (at?.isConnected === false || !at) return;
        this.strips.draw();
      }
    });
    this.pending = done.catch(() => {});
    return done;
  }

  /** Wait for what was changed last, in a field that still has the keyboard too. */
  async flush() {
    document.activeElement?.blur?.();
    await this.pending;
  }

  keyPoints() {
    const { session, overview } = this.view;
    if (session.key) {
      const bars = session.key.unit === "bars" && this.time.hasBars;
      const points = session.key.points.map(([at, value]) => ({ seconds: bars ? this.time.ofBar(at) : at, value }));
      return begun(points);
    }
    return begun(overview.key.map(([seconds, value]) => ({ seconds: Math.max(seconds, 0), value })));
  }

  changeKey(points) {
    const { session } = this.view;
    const bars = session.key ? session.key.unit === "bars" : this.time.hasBars;
    const at = (point, index) => (index === 0 ? (bars ? 1 : 0) : bars ? round(this.time.bar(point.seconds), 5) : round(point.seconds, 4));
    const written = points.map((point, index) => [at(point, index), point.value]);
    const edits = session.key ? [[["key", "points"], written]] : [[["key"], { points: written, unit: bars ? "bars" : "seconds" }]];
    return this.change(edits);
  }

  /** Take a strip out; what went or was sent to it goes to the master. */
  take({ strip, table }) {
    const freed = this.all().flatMap(({ strip: other, table: theirs, model }) => {
      const changes = [];
      if (table === "buses" && model.to === strip.name) changes.push([[theirs, other.number, "to"], null]);
      const kept = model.sends.filter((send) => send.bus !== strip.name);
      if (table === "buses" && kept.length < model.sends.length) changes.push([[theirs, other.number, "sends"], kept.length ? kept : null]);
      return changes;
    });
    return this.change([...freed, [[table, strip.number], null]]);
  }

  // -- files ---------------------------------------------------------------------------------------------------

  async add(files) {
    const kept = [];
    for (const [index, file] of [...files].entries()) {
      this.hint(`copying ${index + 1} of ${files.length}: ${file.name}`);
      try {
        kept.push(...(await api.upload(file)).files);
      } catch (error) {
        this.hint("");
        this.fail(error);
        return;
      }
    }
    this.hint("");
    if (kept.length) await this.send(() => api.post("session/files", { files: kept }));
  }

  hint(text) {
    by("hint").textContent = text;
    if (!by("empty").hidden) by("empty-title").textContent = text || "Drop the stems of a song here";
  }

  // -- pictures ------------------------------------------------------------------------------------------------

  async fetchPictures() {
    for (const strip of this.view.overview.strips) {
      const id = this.file(strip);
      if (strip.error || this.peaks.has(id)) continue;
      this.peaks.set(id, null);
      try {
        this.peaks.set(id, await api.get(`${api.strip(strip.name)}/peaks`));
      } catch (error) {
        this.peaks.delete(id);
        this.fail(error);
      }
      this.strips.draw();
    }
    this.fetchPitch();
  }

  /** The selected strip's line of pitch, and that of its result. */
  async fetchPitch() {
    const strip = this.view.overview.strips.find((one) => one.name === this.selected);
    if (!strip || strip.error || !["lead", "backing", "harmony"].includes(this.view.session.stems[strip.number].role)) return;
    const wanted = [[this.file(strip), `${api.strip(strip.name)}/pitch`]];
    if (this.job?.strips.includes(strip.name)) wanted.push([`${this.job.number} ${strip.name}`, `jobs/${this.job.number}/${api.strip(strip.name)}/pitch`]);
    for (const [id, path] of wanted) {
      if (this.pitches.has(id)) continue;
      this.pitches.set(id, null);
      try {
        this.pitches.set(id, await api.get(path));
      } catch {
        this.pitches.delete(id); // a picture less; the strip itself says what is wrong with its file
      }
      this.strips.draw();
    }
  }

  file(strip) {
    return this.view.session.stems[strip.number].file;
  }

  /** What is drawn of a strip: its waveform, and where it is selected its pitch before and after. */
  pictures(strip) {
    const peaks = this.peaks.get(this.file(strip));
    if (strip.name !== this.selected) return { peaks, lines: [] };
    const source = this.pitches.get(this.file(strip));
    const result = this.job && this.pitches.get(`${this.job.number} ${strip.name}`);
    const there = [source, result].filter(Boolean);
    by("legend").hidden = !result;
    if (!there.length) return { peaks, lines: [] };
    const [low, high] = draw.span(there);
    const lines = [];
    if (source) lines.push({ view: source, start: strip.start_seconds, ink: "pitch-source", low, high });
    if (result) lines.push({ view: result, start: this.job.start_seconds, ink: "pitch-result", low, high });
    return { peaks, lines };
  }

  redraw() {
    if (!this.view?.overview) return;
    draw.ruler(by("ruler"), this.time, this.view.overview, this.player.loop);
    this.lane.draw();
    table(this.lane, this.time);
    this.strips.draw();
    this.place();
  }

  // -- the selected strip --------------------------------------------------------------------------------------

  async select(name) {
    this.selected = name;
    this.strips.show();
    this.fetchPitch();
    await this.fetchBoard();
    await this.loadSounds();
  }

  async fetchBoard() {
    const name = this.selected;
    const { revision } = this.view;
    if (this.board?.strip !== name) this.board = null;
    this.inspector.show();
    try {
      const board = name ? await api.get(`session/${api.strip(name)}/board`) : null;
      if (name !== this.selected || revision !== this.view.revision) return;
      this.board = board;
    } catch (error) {
      this.board = { nodes: this.board?.strip === name ? this.board.nodes : [], strip: name, error: error.message, hint: error.hint };
    }
    this.inspector.show();
  }

  checkSoon() {
    clearTimeout(this.checking);
    this.checking = setTimeout(() => this.check(), CHECK_AFTER_MS);
  }

  async check() {
    try {
      const { notes } = await api.get("session/check");
      this.notes(notes);
    } catch (error) {
      this.notes([], error);
    }
  }

  notes(notes, error) {
    const rows = notes.map((note) => el("li", { class: note.is_warning ? "warning" : "" }, note.text));
    if (error) rows.unshift(el("li", { class: "wrong" }, this.named(error.message), error.hint ? el("span", { class: "hint" }, error.hint) : null));
    fill(by("notes"), ...(rows.length ? rows : [el("li", { class: "quiet" }, "Nothing to say.")]));
  }

  /** A sentence of the session with strips by name in place of numbers. */
  named(text) {
    const all = this.view?.overview ? this.all() : [];
    const name = (whole, table, number) => all.find((one) => one.table === table && one.strip.number === number - 1)?.strip.name ?? whole;
    return text.replace(/^session '[^']*': /, "").replace(/(stems|buses)\[(\d+)\]/g, name);
  }

  // -- sound ---------------------------------------------------------------------------------------------------

  async heard(job) {
    this.job = job;
    this.fetchPitch();
    this.strips.draw();
    this.transport();
    if (this.wantsSound) await this.loadSounds();
    by("told").textContent = `Render ${job.number} is done.`;
  }

  async loadSounds() {
    if (!this.wantsSound) return;
    const strip = this.view.overview.strips.find((one) => one.name === this.selected);
    const { job, player } = this;
    const levels = job?.levels;
    const here = (path, start, lufs) => ({ path, start, lufs: typeof lufs === "number" ? lufs : null });
    const wanted = {
      source: strip && !strip.error ? here(`${api.strip(strip.name)}/audio`, strip.start_seconds, levels?.sources[strip.name]) : undefined,
      result: strip && job?.strips.includes(strip.name) ? here(`jobs/${job.number}/${api.strip(strip.name)}/audio`, job.start_seconds, levels.results[strip.name]) : undefined,
      mix: job ? here(`jobs/${job.number}/mix`, job.start_seconds, levels.mix) : undefined,
    };
    try {
      await Promise.all(Object.entries(wanted).map(([kind, given]) => player.load(kind, given)));
    } catch (error) {
      this.fail(error);
    }
  }

  async toggle() {
    if (this.player.playing) return this.player.stop();
    this.wantsSound = true;
    by("play").disabled = true;
    await this.loadSounds();
    by("play").disabled = false;
    await this.player.play();
    requestAnimationFrame(() => this.tick());
  }

  tick() {
    if (!this.player.playing) return;
    const now = this.player.now();
    if (now >= this.player.seconds) this.player.stop();
    if (now > this.time.last || now < this.time.first) {
      this.time.pan(now - this.time.first);
      this.redraw();
    }
    this.place();
    requestAnimationFrame(() => this.tick());
  }

  seek(seconds) {
    this.player.seek(seconds);
  }

  transport() {
    const { player, job } = this;
    by("play").textContent = player.playing ? "Stop" : "Play";
    by("play").setAttribute("aria-pressed", String(player.playing));
    for (const radio of document.querySelectorAll("input[name=hear]")) {
      const there = radio.value === "source" || (radio.value === "mix" ? Boolean(job) : Boolean(job?.strips.includes(this.selected)));
      radio.disabled = !there;
      if (!there && radio.checked) document.querySelector("input[name=hear][value=source]").click();
    }
    this.place();
  }

  place() {
    if (!this.view?.overview) return;
    const now = this.player.now();
    const ruler = by("ruler");
    const x = this.time.x(now, ruler.clientWidth);
    const head = by("playhead");
    head.hidden = x < 0 || x > ruler.clientWidth;
    head.style.transform = `translateX(${ruler.offsetLeft + x}px)`;
    by("at-bar").textContent = this.time.hasBars ? this.time.name(now).replace(/(:\d+)\..*/, "$1") : "";
    by("at-time").textContent = clock(now);
    const held = this.lane.points.findLast((point) => point.seconds <= now + 0.001) ?? this.lane.points[0];
    by("key-now").textContent = `${signed(held.value)} st`;
  }

  setLoop(on = this.player.loop.on) {
    const [from, to] = [by("loop-from"), by("loop-to")].map((input) => Math.max(1, Math.round(input.valueAsNumber || 1)));
    const there = this.time.hasBars && to >= from;
    this.player.loop = there ? { on, from: this.time.ofBar(from), to: this.time.ofBar(to + 1) } : { on: false, from: 0, to: 0 };
    by("loop").setAttribute("aria-pressed", String(this.player.loop.on));
    this.player.swap();
    this.redraw();
  }

  // -- what is wrong -------------------------------------------------------------------------------------------

  tellWrong(error, at) {
    if (!(error instanceof api.ApiError)) throw error;
    if (error.status === 401) {
      by("ask-token").showModal();
      return;
    }
    const said = this.named(error.message);
    const place = at?.isConnected ? at : at?.dataset?.key && document.querySelector(`[data-key="${CSS.escape(at.dataset.key)}"]`);
    if (!place) {
      this.banner(said, error.hint);
      return;
    }
    clearWrong(place);
    const told = el("p", { class: "wrong at", id: "wrong-at", role: "alert" }, said, error.hint ? el("span", { class: "hint" }, error.hint) : null);
    place.setAttribute("aria-invalid", "true");
    place.setAttribute("aria-describedby", "wrong-at");
    (place.closest(".knob, .field, .fader, td, label") ?? place).append(told);
  }

  banner(error, hint = "") {
    fill(by("banner"), error, hint ? el("span", { class: "hint" }, hint) : null);
    by("banner").hidden = false;
  }
}

function clearWrong(at) {
  by("banner").hidden = true;
  document.querySelectorAll(".wrong.at").forEach((told) => told.remove());
  at?.removeAttribute?.("aria-invalid");
  at?.removeAttribute?.("aria-describedby");
}

/** Points with one at the beginning, which holds until the first change. */
function begun(points) {
  const first = points[0] ?? { seconds: 0, value: 0 };
  const before = points.findLast((point) => point.seconds <= 0.01);
  return [{ seconds: 0, value: (before ?? first).value }, ...points.filter((point) => point.seconds > 0.01)];
}

const studio = new Studio();

async function start() {
  try {
    if (!api.token()) by("ask-token").showModal();
    else await studio.open();
  } catch (error) {
    studio.fail(error);
  }
}

wire(studio, start);
start();
