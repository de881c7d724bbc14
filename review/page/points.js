// The rows as points on a plane: where they lie, which is nearest to a place, and which lie within a drawn line.

const CELLS = 128;
export const NO_CLASS = 0xffff;

export class Points {
  // as review/map.py packs them
  constructor(packed, count) {
    this.count = count;
    this.places = new Float32Array(packed, 0, 2 * count);
    this.prob = new Float32Array(packed, 8 * count, count);
    this.given = new Uint16Array(packed, 12 * count, count);
    this.suggested = new Uint16Array(packed, 14 * count, count);
    this.bounds = boundsOf(this.places);
    this.order = shuffled(count);
    this.#sort();
  }

  // the number of the row that is nearest to a place, no farther from it than reach; or -1
  nearest(x, y, reach) {
    const [left, bottom, right, top] = [...this.#cellOf(x - reach, y - reach), ...this.#cellOf(x + reach, y + reach)];
    let found = -1;
    let least = reach * reach;
    for (let line = bottom; line <= top; line += 1) {
      const [start, end] = [this.starts[line * CELLS + left], this.starts[line * CELLS + right + 1]];
      for (let place = start; place < end; place += 1) {
        const row = this.sorted[place];
        const square = (this.places[2 * row] - x) ** 2 + (this.places[2 * row + 1] - y) ** 2;
        if (square <= least) [least, found] = [square, row];
      }
    }
    return found;
  }

  // the numbers of the rows within a closed line, which is an array of [x, y]
  within(line) {
    const [left, bottom, right, top] = boundsOf(line.flat());
    const rows = [];
    for (let row = 0; row < this.count; row += 1) {
      const [x, y] = [this.places[2 * row], this.places[2 * row + 1]];
      if (x >= left && x <= right && y >= bottom && y <= top && isWithin(line, x, y)) rows.push(row);
    }
    return rows;
  }

  // rows by the cell that they lie in, so that few are looked at
  #sort() {
    const cells = new Uint16Array(this.count);
    this.starts = new Uint32Array(CELLS * CELLS + 1);
    for (let row = 0; row < this.count; row += 1) {
      const [column, line] = this.#cellOf(this.places[2 * row], this.places[2 * row + 1]);
      cells[row] = line * CELLS + column;
      this.starts[cells[row] + 1] += 1;
    }
    for (let cell = 0; cell < CELLS * CELLS; cell += 1) this.starts[cell + 1] += this.starts[cell];
    const next = this.starts.slice();
    this.sorted = new Uint32Array(this.count);
    for (let row = 0; row < this.count; row += 1) this.sorted[next[cells[row]]++] = row;
  }

  #cellOf(x, y) {
    const [left, bottom, right, top] = this.bounds;
    const cell = (value, low, high) => Math.max(0, Math.min(CELLS - 1, Math.floor(((value - low) / (high - low || 1)) * CELLS)));
    return [cell(x, left, right), cell(y, bottom, top)];
  }
}

function boundsOf(places) {
  let [left, bottom, right, top] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < places.length; i += 2) {
    left = Math.min(left, places[i]);
    right = Math.max(right, places[i]);
    bottom = Math.min(bottom, places[i + 1]);
    top = Math.max(top, places[i + 1]);
  }
  return [left, bottom, right, top];
}

// so that of points on one another no class is always on top; the same each time
function shuffled(count) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let seed = 1;
  for (let i = count - 1; i > 0; i -= 1) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((seed / 2 ** 32) * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

// whether a ray from the place to the right crosses the line an odd number of times
function isWithin(line, x, y) {
  let inside = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i, i += 1) {
    const [[x1, y1], [x2, y2]] = [line[i], line[j]];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
