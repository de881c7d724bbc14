// Draws points on a canvas, pixel by pixel: tens of thousands in a few milliseconds, without a graphics card.

import { toRgb } from "./palette.js";

const MARGIN = 0.05;
const DEEPEST = 500;
// the diameter of a point, in CSS pixels, up to so many points
const SIZES = [[3000, 5], [15000, 3], [Infinity, 2.4]];
const LARGEST = 9;
const DIMMED = 0.16;

export class Plot {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.selected = new Set();
    this.highlighted = null;
  }

  show(points) {
    this.points = points;
    this.fit();
  }

  // codes and groups as palette.js makes them
  colour({ codes, groups, isLayered = false }) {
    this.codes = codes;
    this.order = isLayered ? this.points.order.slice().sort((a, b) => codes[a] - codes[b]) : this.points.order;
    this.paper = toRgb("--paper");
    const rgbs = groups.map(({ colour }) => toRgb(colour));
    this.colours = Uint32Array.from(rgbs, pack);
    this.dimmed = Uint32Array.from(rgbs, (rgb) => pack(rgb.map((part, i) => part * DIMMED + this.paper[i] * (1 - DIMMED))));
    this.ink = pack(toRgb("--ink"));
    this.isStale = true;
  }

  // true where the size has changed
  resize() {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight].map((side) => Math.max(1, Math.round(side * ratio)));
    if (this.image?.width === width && this.image.height === height) return false;
    Object.assign(this.canvas, { width, height });
    this.ratio = ratio;
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.isStale = true;
    return true;
  }

  // all points in view
  fit() {
    this.resize();
    const [left, bottom, right, top] = this.points.bounds;
    this.whole = Math.min(this.canvas.width / (right - left || 1), this.canvas.height / (top - bottom || 1)) * (1 - 2 * MARGIN);
    Object.assign(this, { x: (left + right) / 2, y: (bottom + top) / 2, scale: this.whole, isStale: true });
  }

  // positions are in CSS pixels from the canvas's corner
  toPlane(left, top) {
    const { width, height } = this.canvas;
    return [this.x + (left * this.ratio - width / 2) / this.scale, this.y - (top * this.ratio - height / 2) / this.scale];
  }

  toCanvas(x, y) {
    const { width, height } = this.canvas;
    return [((x - this.x) * this.scale + width / 2) / this.ratio, ((this.y - y) * this.scale + height / 2) / this.ratio];
  }

  pan(right, down) {
    this.x -= (right * this.ratio) / this.scale;
    this.y += (down * this.ratio) / this.scale;
    this.isStale = true;
  }

  zoom(factor, left = this.canvas.clientWidth / 2, top = this.canvas.clientHeight / 2) {
    const [x, y] = this.toPlane(left, top);
    this.scale = Math.max(this.whole / 2, Math.min(this.whole * DEEPEST, this.scale * factor));
    const [nowX, nowY] = this.toPlane(left, top);
    Object.assign(this, { x: this.x + x - nowX, y: this.y + y - nowY, isStale: true });
  }

  nearest(left, top, reach) {
    return this.points.nearest(...this.toPlane(left, top), (reach * this.ratio) / this.scale);
  }

  // the points, and over them a line that is drawn and the point that is pointed at
  draw({ line = [], hovered = -1 } = {}) {
    if (this.isStale) this.#paint();
    this.isStale = false;
    this.context.putImageData(this.image, 0, 0);
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.context.strokeStyle = this.context.fillStyle = getComputedStyle(this.canvas).color;
    if (hovered >= 0) this.#ring(hovered);
    if (line.length) this.#outline(line);
    this.context.setTransform(1, 0, 0, 1, 0, 0);
  }

  #paint() {
    this.pixels.fill(pack(this.paper));
    const size = this.#size();
    const disc = discOf(size, this.canvas.width);
    const { order } = this;
    const { count } = this.points;
    if (this.highlighted === null) {
      this.#stamp(order, count, disc, this.colours);
    } else {
      this.#stamp(order, count, disc, this.dimmed);
      this.#stamp(order, count, disc, this.colours, this.highlighted);
    }
    const selected = Uint32Array.from(this.selected);
    this.#stamp(selected, selected.length, discOf(size + 4 * this.ratio, this.canvas.width), null);
    this.#stamp(selected, selected.length, disc, this.colours);
  }

  #size() {
    const [, usual] = SIZES.find(([most]) => this.points.count <= most);
    return Math.min(LARGEST, usual * Math.max(1, Math.sqrt(this.scale / this.whole))) * this.ratio;
  }

  // draws points of one group, or of all, in the colours of their groups, or in ink
  #stamp(rows, count, { offsets, reach }, colours, only = null) {
    const { places } = this.points;
    const { pixels, codes, scale, x, y, ink } = this;
    const { width, height } = this.canvas;
    const [right, bottom] = [width - reach - 1, height - reach - 1];
    for (let i = 0; i < count; i += 1) {
      const row = rows[i];
      const across = Math.round((places[2 * row] - x) * scale + width / 2);
      const down = Math.round((y - places[2 * row + 1]) * scale + height / 2);
      if (across < reach || down < reach || across > right || down > bottom) continue;
      const code = codes[row];
      if (only !== null && code !== only) continue;
      const colour = colours ? colours[code] : ink;
      const middle = down * width + across;
      for (let k = 0; k < offsets.length; k += 1) pixels[middle + offsets[k]] = colour;
    }
  }

  #ring(row) {
    const [left, top] = this.toCanvas(this.points.places[2 * row], this.points.places[2 * row + 1]);
    this.context.lineWidth = 2;
    this.context.beginPath();
    this.context.arc(left, top, this.#size() / this.ratio / 2 + 3, 0, 2 * Math.PI);
    this.context.stroke();
  }

  #outline(line) {
    this.context.lineWidth = 1.5;
    this.context.beginPath();
    for (const [x, y] of line) this.context.lineTo(...this.toCanvas(x, y));
    this.context.closePath();
    this.context.stroke();
    this.context.globalAlpha = 0.12;
    this.context.fill();
    this.context.globalAlpha = 1;
  }
}

const pack = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

// where the pixels of a disc lie, from the one in its middle
function discOf(diameter, width) {
  const reach = Math.ceil(diameter / 2);
  const offsets = [];
  for (let down = -reach; down <= reach; down += 1) {
    for (let across = -reach; across <= reach; across += 1) {
      if (across ** 2 + down ** 2 <= (diameter / 2) ** 2 - 0.2) offsets.push(down * width + across);
    }
  }
  return { offsets: Int32Array.from(offsets), reach };
}
