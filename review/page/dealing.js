// Which rows are whose, where several people share them out. dealing.py gives each row its place.

export class Dealing {
  constructor({ part, parts, overlap, isTaken = false }) {
    Object.assign(this, { part, parts, overlap, isTaken });
  }

  // for everybody: each says what they think without having seen what others said
  isShared(row) {
    return row.deal < this.overlap;
  }

  isMine(row) {
    if (!this.parts || this.isShared(row)) return true;
    return Math.floor(((row.deal - this.overlap) / (1 - this.overlap)) * this.parts) + 1 === this.part;
  }
}
