// Numbers that look random and are the same for the same seed (mulberry32).

/// Several lanes of one run draw from generators of their own, so that what one draws does not depend on the others' pace.
export class Random {
  #state;

  constructor(seed, lane = '') {
    this.#state = [...lane].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), seed ^ 0x811c9dc5) >>> 0;
  }

  /// At least 0, below 1.
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = this.#state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  between(low, high) { return low + this.next() * (high - low); }
  whole(low, high) { return Math.floor(this.between(low, high + 1)); }
  chance(probability) { return this.next() < probability; }
  pick(list) { return list[Math.floor(this.next() * list.length)]; }

  shuffle(list) {
    const shuffled = [...list];
    for (let i = shuffled.length - 1; i > 0; --i) {
      const j = this.whole(0, i);
      [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
    }
    return shuffled;
  }
}
