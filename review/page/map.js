// The map of all rows: colours, a legend, what a point is, and the rows that a drawn line selects.

import { pickRows, readPoints } from "./api.js";
import { byId, chance, el, number, redraw } from "./dom.js";
import { errorProb } from "./forecast.js";
import { listen } from "./gestures.js";
import { idOf } from "./ids.js";
import { clearError, fail } from "./messages.js";
import { choices, group } from "./palette.js";
import { Plot } from "./plot.js";
import { Points } from "./points.js";
import { labels, small } from "./show.js";

const HOW = { pca: "PCA", tsne: "t-SNE" };
// how far from a point a pointer may be, in CSS pixels
const REACH = { mouse: 8, pen: 12, touch: 20 };
const ZOOM_STEP = 1.6;
const ASK_AFTER_MS = 60;
const RENEWED_EVERY_MS = 250;

class MapView {
  constructor(page) {
    this.page = page;
    this.plot = new Plot(byId("map-canvas"));
    this.by = "given";
    // of the rows that were pointed at
    this.known = new Map();
    this.hovered = -1;
    this.line = [];
    this.pinned = null;
    this.said = "";
    this.asked = 0;
  }

  get model() { return this.page.model; }

  connect() {
    listen(this.plot.canvas, {
      isSelecting: () => byId("map-select").getAttribute("aria-pressed") === "true",
      pan: (right, down) => this.move(() => this.plot.pan(right, down)),
      zoom: (factor, left, top) => this.move(() => this.plot.zoom(factor, left, top)),
      drawn: (line) => this.move(() => (this.line = line.map((place) => this.plot.toPlane(...place)))),
      closed: (line) => this.select(line.map((place) => this.plot.toPlane(...place))),
      hover: (place) => this.hover(place),
      click: (place, type) => this.open(this.plot.nearest(...place, REACH[type] ?? REACH.mouse)),
    });
    const click = (id, act) => (byId(id).onclick = act);
    click("map-select", ({ currentTarget: button }) => button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true")));
    click("map-in", () => this.move(() => this.plot.zoom(ZOOM_STEP)));
    click("map-out", () => this.move(() => this.plot.zoom(1 / ZOOM_STEP)));
    click("map-fit", () => this.move(() => this.plot.fit()));
    byId("map-colour").onchange = ({ target }) => {
      this.by = target.value;
      this.pinned = null;
      // so that keys decide again
      target.blur();
      this.renew();
    };
    byId("map-controls").onsubmit = (event) => event.preventDefault();
    new ResizeObserver(() => this.plot.points && !byId("map").hidden && this.plot.resize() && this.render()).observe(this.plot.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.renew());
  }

  // after anything has changed that the page shows
  async show() {
    this.points ??= await this.#load();
    if (!this.points || byId("map").hidden) return;
    // what is hidden has no size to fit them in
    if (!this.plot.points) this.plot.show(this.points);
    const options = choices(this.model);
    if (!options.some(([name]) => name === this.by)) this.by = "given";
    redraw(byId("map-colour"), options.map(([value, text]) => el("option", { value }, text)));
    byId("map-colour").value = this.by;
    this.plot.selected = new Set([...this.model.selected].map(({ row }) => row));
    this.say(this.said);
    this.renew();
  }

  #load() {
    this.loading ??= readPoints(this.model.stamp).then((packed) => new Points(packed, this.model.total)).catch((error) => {
      this.loading = null;
      fail(error);
    });
    return this.loading;
  }

  // what is coloured by decisions or chances changes with them
  renew() {
    if (!this.plot.points) return;
    this.grouped = group(this.by, this.points, this.model);
    this.plot.resize();
    this.plot.colour(this.grouped);
    this.drawLegend();
    this.highlight(this.pinned);
  }

  drawLegend() {
    const { codes, groups } = this.grouped;
    const counts = new Uint32Array(groups.length);
    codes.forEach((code) => (counts[code] += 1));
    redraw(byId("map-legend"), groups.map((each, code) => counts[code] ? this.#entry(each, code, counts[code]) : null));
  }

  #entry({ name, colour }, code, count) {
    const swatch = el("i", { "aria-hidden": "true", style: { background: colour.startsWith("--") ? `var(${colour})` : colour } });
    const pin = () => {
      this.pinned = this.pinned === code ? null : code;
      this.highlight(this.pinned);
    };
    const shown = { onpointerenter: () => this.highlight(code), onpointerleave: () => this.highlight(this.pinned) };
    return el("li", { key: code }, el("button", { "data-group": code, "aria-pressed": "false", title: "show these alone", onclick: pin, ...shown },
      swatch, el("bdi", {}, name), " ", el("span", { class: "muted" }, number(count))));
  }

  highlight(code) {
    for (const button of byId("map-legend").querySelectorAll("button")) button.setAttribute("aria-pressed", String(this.pinned === Number(button.dataset.group)));
    this.move(() => Object.assign(this.plot, { highlighted: code, isStale: true }));
  }

  // once for all that happens before the screen is drawn
  move(change) {
    if (!this.plot.points) return;
    change();
    this.frame ??= requestAnimationFrame(() => this.render());
  }

  render() {
    this.frame = null;
    if (!byId("map").hidden) this.plot.draw({ line: this.line, hovered: this.hovered });
  }

  hover(place) {
    const row = place && this.plot.points ? this.plot.nearest(...place, REACH.mouse) : -1;
    if (row === this.hovered) return;
    this.move(() => (this.hovered = row));
    this.#mark(row < 0 ? null : this.grouped.codes[row]);
    byId("map-hover").hidden = true;
    clearTimeout(this.asking);
    if (row >= 0) this.asking = setTimeout(() => this.#describe(row, place), this.known.has(row) ? 0 : ASK_AFTER_MS);
  }

  // the group of the point under the pointer, in the legend
  #mark(code) {
    for (const button of byId("map-legend").querySelectorAll("button")) button.classList.toggle("under", Number(button.dataset.group) === code);
    const marked = byId("map-legend").querySelector(".under")?.parentElement;
    if (marked) byId("map-legend").scrollTop = marked.offsetTop - byId("map-legend").clientHeight / 2;
  }

  async #describe(number, place) {
    const [row] = await this.#rows([number]);
    if (!row || this.hovered !== number) return;
    const { model } = this;
    const blind = this.page.isBlind(row);
    const prob = blind ? null : errorProb(model, row);
    const status = model.status(row) === "undecided" ? null : el("span", { class: `badge ${model.status(row)}` }, model.verdict(row));
    const card = byId("map-hover");
    card.replaceChildren(small(model, row), labels(row, blind), idOf(model, row, blind),
      ...[prob === null ? null : el("span", { class: "muted" }, `wrong: ${chance(prob)}`), status].filter(Boolean));
    card.hidden = false;
    const { clientWidth: width, clientHeight: height } = this.plot.canvas;
    card.style.left = `${Math.max(0, Math.min(place[0] + 14, width - card.offsetWidth))}px`;
    card.style.top = `${place[1] + 14 + card.offsetHeight > height ? Math.max(0, place[1] - 14 - card.offsetHeight) : place[1] + 14}px`;
  }

  async #rows(numbers) {
    const unknown = numbers.filter((row) => !this.known.has(row));
    if (unknown.length) {
      const answer = await pickRows(unknown).catch(fail);
      if (!answer) return [];
      clearError();
      answer.rows.forEach((row) => this.known.set(row.row, row));
    }
    return numbers.map((row) => this.known.get(row));
  }

  async open(number) {
    if (number < 0) return;
    const [row] = await this.#rows([number]);
    if (!row) return;
    const { tab } = this.model;
    if (!tab.rows.includes(row)) tab.pick([...tab.rows, row]);
    this.page.open(row);
  }

  // all at once or none: nothing is decided on a row that is not shown
  async select(line) {
    const numbers = this.points.within(line);
    const { most } = this.model.map;
    this.line = [];
    const asked = (this.asked += 1);
    if (numbers.length > most) this.said = `${number(numbers.length)} rows lie in it: draw around ${number(most)} at most.`;
    else this.said = "";
    const rows = numbers.length > most ? [] : await this.#rows(numbers);
    if (asked !== this.asked || this.model.tab.name !== "map") return;
    this.model.tab.pick([...rows].sort((a, b) => a.rank - b.rank));
    this.model.selected = new Set(this.model.tab.rows);
    this.page.draw();
  }

  say(said) {
    const { method } = this.model.map;
    const about = `${number(this.model.total)} rows by ${HOW[method]}. `;
    redraw(byId("map-said"), about + (said || (this.model.selected.size ? `${number(this.model.selected.size)} are selected.` : "")));
    this.plot.canvas.setAttribute("aria-label", `Map of ${about}`);
  }
}

let view = null;

export function connectMap(page) {
  if (!page.model.map) return;
  view = new MapView(page);
  view.connect();
}

export function drawMap(page) {
  byId("map").hidden = page.view !== "grid" || page.model.tab.name !== "map";
  if (!byId("map").hidden) view.show();
}

let renewing = null;

// what is expected has changed, which colours by chance show
export function renewMap() {
  if (view?.by === "prob" && !byId("map").hidden) renewing ??= setTimeout(() => {
    renewing = null;
    view.renew();
  }, RENEWED_EVERY_MS);
}
