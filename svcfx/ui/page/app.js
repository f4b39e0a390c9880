/** The page: it shows the session that the studio holds, and sends what is changed. All logic is the API's. */

import * as api from "./api.js";
import { wire } from "./controls.js";
import { by, el, fill, typedOut } from "./dom.js";
import * as draw from "./draw.js";
import { Inspector } from "./inspector.js";
import { KEY, keyEdits, keyPoints } from "./key.js";
import { Lane } from "./lane.js";
import { Lanes } from "./lanes.js";
import { Pictures } from "./pictures.js";
import { Meters } from "./meters.js";
import { KeyPlan } from "./plan.js";
import { Player } from "./player.js";
import { Presets } from "./presets.js";
import { Renders } from "./renders.js";
import { Sections } from "./sections.js";
import { Shelf } from "./shelf.js";
import { Strips } from "./strips.js";
import { table } from "./table.js";
import { Tasks } from "./tasks.js";
import { Time } from "./time.js";
import { Train } from "./train.js";
import { Trainings } from "./trainings.js";
import { Transport } from "./transport.js";

const CHECK_AFTER_MS = 700;
const OPENING_EVERY_MS = 2000;

class Studio {
  constructor() {
    this.view = null;
    this.catalog = null;
    this.selected = null;
    this.board = null;
    this.time = new Time();
    this.player = new Player();
    this.pending = Promise.resolve();
    this.fail = (error, at) => this.tellWrong(error, at);
    this.strips = new Strips(by("strips"), this);
    this.inspector = new Inspector(by("inspector"), this);
    this.pictures = new Pictures(this);
    this.lanes = new Lanes(this);
    this.lane = this.begunLane(by("key"), KEY, { commit: (changed) => this.change(keyEdits(this.view, changed, this.time)) });
    this.held = this.lane;
    this.renders = new Renders(this);
    this.shelf = new Shelf(this);
    this.tasks = new Tasks(this);
    this.presets = new Presets(this);
    this.plan = new KeyPlan(this);
    this.sections = new Sections(this);
    this.trainings = new Trainings(this);
    this.train = new Train(this);
    this.meters = new Meters(this);
    this.transport = new Transport(this);
  }

  // -- the session ---------------------------------------------------------------------------------------------

  async open() {
    this.catalog = await api.get("catalog");
    await this.take_in(await api.get("session"));
    this.tasks.look();
    this.trainings.look();
    await this.renders.open();
  }

  /** Ask again what there is to choose from. */
  async learn() {
    this.catalog = await api.get("catalog");
    if (this.view.session) this.inspector.show();
    this.shelf.show();
  }

  /** Show another state of the session. */
  async take_in(view) {
    this.view = view;
    const there = view.session !== null;
    const begins = there && !by("empty").hidden;
    for (const id of ["song", "actions", "transport", "timeline"]) by(id).hidden = !there;
    for (const one of document.querySelectorAll(".of-song")) one.hidden = !there;
    by("empty").hidden = there;
    by("below").hidden = false;
    by("below").classList.toggle("alone", !there);
    if (!there) return this.showEmpty();
    this.time.set(view.overview);
    this.player.seconds = view.overview.seconds;
    if (!this.chosen()) this.selected = this.likeliest(view);
    this.head();
    this.sections.show();
    this.lane.show(keyPoints(view, this.time));
    this.strips.show();
    this.holdOn();
    this.redraw();
    this.transport.show();
    this.pictures.fetch();
    this.fetchBoard();
    this.checkSoon();
    if (begins && document.activeElement === document.body) by("strips").focus({ preventScroll: true });
  }

  /** Every strip, with the table of the session that says it and what stands there: stems, then buses. */
  all() {
    const { overview, session } = this.view;
    const of = (table, strips) => strips.map((strip) => ({ strip, table, model: session[table][strip.number] }));
    return [...of("stems", overview.strips), ...of("buses", overview.buses)];
  }

  /** The one of them that is selected. */
  chosen() {
    return this.all().find(({ strip }) => strip.name === this.selected);
  }

  /** The strip to look at first: a lead, where there is one. */
  likeliest({ overview, session }) {
    const lead = overview.strips.find((strip) => session.stems[strip.number].role === "lead");
    return (lead ?? overview.strips[0])?.name ?? null;
  }

  showEmpty() {
    this.shelf.show();
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
    const { session } = this.view;
    const ratio = () => el("label", { title: "Of the tempo that was recorded" }, field("ratio", session.tempo?.ratio ?? 1, { min: 0.5, max: 2, step: 0.01 }), " × tempo");
    const played = () => (session.tempo?.to ? el("span", { class: "quiet" }, `as in ${session.tempo.to}`) : ratio());
    const field = (name, value, properties) => {
      const input = el("input", { type: "number", value: value ?? "", "data-key": name, ...properties,
        onchange: () => this.change([[["tempo", name], input.value === "" ? null : input.valueAsNumber]], input) });
      return input;
    };
    if (session.midi) {
      fill(by("tempo"), el("span", { class: "quiet", id: "tempo-now", title: `At the playhead, as ${session.midi.file} says` }), played());
      return;
    }
    fill(
      by("tempo"),
      el("label", {}, field("bpm", session.tempo?.bpm, { min: 20, max: 400, step: 0.1 }), " bpm"),
      el("label", {}, field("beats_per_bar", session.tempo?.beats_per_bar ?? 4, { min: 1, max: 32, step: 1 }), " beats"),
      played(),
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
        this.hint("");
        const view = await call();
        await typedOut();
        await this.take_in(view);
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

  /** A lane of this page. */
  begunLane(canvas, spec, acts) {
    return new Lane(canvas, this.time, spec, {
      tell: (text) => { by("told").textContent = text; },
      playhead: () => this.player.now(),
      snap: () => by("snap").value,
      held: (lane) => lane !== this.held && this.hold(lane),
      ...acts,
    });
  }

  /** Take a lane in hand: its points stand in the table. */
  hold(lane) {
    this.held = lane;
    table(lane, this.time);
  }

  /** Keep the lane that is in hand where it is still shown, else take the key's. */
  holdOn() {
    this.hold(this.held.canvas.isConnected ? this.held : this.lane);
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

  /** Take files: a song by itself, where nothing is there yet, may be one to take apart. */
  add(files) {
    const [only, ...more] = files;
    if (only && !more.length && !this.view.session && !isMidi(only)) return this.tasks.offerSong({ file: only });
    return this.addStems(files);
  }

  async addStems(files) {
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

  /** Say what happened, to who sees and to who does not. */
  say(text) {
    this.hint(text);
    by("told").textContent = text;
  }

  hint(text) {
    by("hint").textContent = text;
    if (!by("empty").hidden) by("empty-title").textContent = text || "Drop the stems of a song here";
  }

  // -- pictures ------------------------------------------------------------------------------------------------

  redraw() {
    this.shelf.draw();
    this.trainings.draw();
    if (!this.view?.overview) return;
    draw.ruler(by("ruler"), this.time, this.view.overview, this.player.loop);
    this.lane.draw();
    this.lanes.draw();
    this.strips.draw();
    this.transport.place();
  }

  // -- the selected strip --------------------------------------------------------------------------------------

  async select(name) {
    this.selected = name;
    this.strips.show();
    this.holdOn();
    this.pictures.fetchPitch();
    await this.fetchBoard();
    await this.transport.load();
  }

  async fetchBoard() {
    const name = this.selected;
    const { revision } = this.view;
    if (this.board?.strip !== name) this.board = null;
    this.inspector.show();
    this.shelf.show();
    const passed = () => name !== this.selected || revision !== this.view.revision;
    const waiting = setInterval(() => this.tellOpening(waiting).catch(() => {}), OPENING_EVERY_MS);
    this.waiting = waiting;
    try {
      const board = name ? await api.get(`session/${api.strip(name)}/board`) : null;
      await typedOut();
      if (passed()) return;
      this.board = board;
    } catch (error) {
      if (passed()) return;
      const before = this.board?.strip === name ? this.board : { nodes: [], lanes: [] };
      this.board = { ...before, strip: name, error: error.message, hint: error.hint };
    } finally {
      clearInterval(waiting);
      if (this.opening) this.hint("");
      if (this.waiting === waiting) this.waiting = this.opening = null;
    }
    this.inspector.show();
    this.lanes.learn();
    this.sections.show();
    this.shelf.show();
    if (!by("changes").contains(document.activeElement)) this.hold(this.held); // nothing is typed there now
  }

  /** Say for which plug-in the page waits: some open for minutes. */
  async tellOpening(waiting) {
    const found = await api.get("session/opening");
    if (!found || this.waiting !== waiting) return;
    if (this.opening !== found.plugin) by("told").textContent = `${found.plugin} is being opened`;
    this.opening = found.plugin;
    this.hint(`${found.plugin} is being opened, ${Math.round(found.seconds)} s so far`);
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
    fill(by("notes"), ...(rows.length ? rows : [el("li", { class: "quiet" }, "Nothing stands in the way of a render.")]));
  }

  /** A sentence of the session with strips by name in place of numbers. */
  named(text) {
    const all = this.view?.overview ? this.all() : [];
    const name = (whole, table, number) => all.find((one) => one.table === table && one.strip.number === number - 1)?.strip.name ?? whole;
    return text.replace(/^(session )?'[^']*\.toml': /, "").replace(/(stems|buses)\[(\d+)\]/g, name);
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
    if (!by("banner").hidden && by("banner-said").textContent === error + hint) return; // it is said already
    by("banner").hidden = false;
    fill(by("banner-said"), error, hint ? el("span", { class: "hint" }, hint) : null);
  }
}

const isMidi = (file) => /\.(mid|midi|kar|rmi)$/i.test(file.name);

function clearWrong(at) {
  by("banner").hidden = true;
  document.querySelectorAll(".wrong.at").forEach((told) => told.remove());
  at?.removeAttribute?.("aria-invalid");
  at?.removeAttribute?.("aria-describedby");
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
