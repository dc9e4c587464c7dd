import { randomInt } from 'node:crypto'

/** Odd, and another one in every process, so that nobody can make texts whose hashes collide. */
const base = 2 * randomInt(2 ** 30) + 1

/** Beyond every place. */
const never = 2 ** 31 - 1

type OnFound = (sequence: number, start: number, length: number) => void

/**
 * Finds which of many short sequences occur in a long one, by their hashes (Rabin–Karp): one look-up for each place of the long one and each
 * length that there is, however many the sequences. An Aho–Corasick automaton has one for each place, but needs a node with its
 * links for each item of each sequence: some 150 MB, and seconds to build, for the most words that a service may have.
 */
export class SequenceIndex<Item> {
  /** From 1. What is in no sequence has 0. */
  readonly #ids = new Map<Item, number>()
  readonly #byLength = new Map<number, { readonly power: number; readonly byHash: Map<number, number> }>()
  /** Of each sequence: where it begins in `#items`, the next of the same length and hash, who has it. */
  readonly #starts: number[] = []
  readonly #next: (number | undefined)[] = []
  readonly #owners: number[][] = []
  readonly #sequencesOf = new Map<number, number[]>()
  #items = new Int32Array(64)
  #end = 0

  /** About how many bytes it takes. */
  get size(): number {
    return this.#items.byteLength + 200 * this.#starts.length + 100 * this.#ids.size
  }

  add(items: readonly Item[], owner: number): void {
    const { length } = items
    if (length === 0) return
    if (this.#end + length > this.#items.length) {
      const grown = new Int32Array(2 * this.#items.length + length)
      grown.set(this.#items)
      this.#items = grown
    }
    // Written behind the others, where it stays if it is new.
    let hash = 0
    let power = 1
    for (const [at, item] of items.entries()) {
      let id = this.#ids.get(item)
      if (id === undefined) this.#ids.set(item, (id = this.#ids.size + 1))
      this.#items[this.#end + at] = id
      hash = (Math.imul(hash, base) + id) | 0
      power = Math.imul(power, base)
    }
    let ofLength = this.#byLength.get(length)
    if (!ofLength) this.#byLength.set(length, (ofLength = { power, byHash: new Map() }))
    const first = ofLength.byHash.get(hash)
    let sequence = this.#findFrom(first, this.#items, this.#end, length)
    if (sequence === undefined) {
      sequence = this.#starts.push(this.#end) - 1
      this.#end += length
      this.#next.push(first)
      this.#owners.push([])
      ofLength.byHash.set(hash, sequence)
    }
    this.#owners[sequence]!.push(owner)
    const others = this.#sequencesOf.get(owner)
    if (others) others.push(sequence)
    else this.#sequencesOf.set(owner, [sequence])
  }

  get isEmpty(): boolean {
    return this.#starts.length === 0
  }

  hasAnyOf(owner: number): boolean {
    return this.#sequencesOf.has(owner)
  }

  /** What an item of a text is called in `ownersIn` and `forEachOf`. */
  idOf(item: Item): number {
    return this.#ids.get(item) ?? 0
  }

  /** Those of whom at least one sequence occurs. */
  ownersIn(ids: Int32Array): Set<number> {
    const owners = new Set<number>()
    const wantedFrom = new Int32Array(this.#starts.length)
    this.#scan(ids, wantedFrom, (sequence) => {
      wantedFrom[sequence] = never
      for (const owner of this.#owners[sequence]!) owners.add(owner)
    })
    return owners
  }

  /**
   * Calls with every place of every sequence of an owner; those of one sequence come in their order. With `apart`, a sequence is looked for
   * again only behind the place where it was found.
   */
  forEachOf(owner: number, ids: Int32Array, apart: boolean, onFound: (start: number, length: number) => void): void {
    const wantedFrom = new Int32Array(this.#starts.length).fill(never)
    for (const sequence of this.#sequencesOf.get(owner) ?? []) wantedFrom[sequence] = 0
    this.#scan(ids, wantedFrom, (sequence, start, length) => {
      if (apart) wantedFrom[sequence] = start + length
      onFound(start, length)
    })
  }

  #scan(ids: Int32Array, wantedFrom: Int32Array, onFound: OnFound): void {
    const hashes = new Int32Array(ids.length + 1)
    for (let at = 0; at < ids.length; at++) hashes[at + 1] = (Math.imul(hashes[at]!, base) + ids[at]!) | 0
    // No sequence goes across an item that none has.
    for (let start = 0, end = 0; start < ids.length; start = end + 1) {
      end = ids.indexOf(0, start)
      if (end === -1) end = ids.length
      if (end > start) this.#scanPart(ids, hashes, start, end, wantedFrom, onFound)
    }
  }

  #scanPart(
    ids: Int32Array,
    hashes: Int32Array,
    from: number,
    to: number,
    wantedFrom: Int32Array,
    onFound: OnFound,
  ): void {
    for (const [length, { power, byHash }] of this.#byLength) {
      for (let start = from; start + length <= to; start++) {
        const first = byHash.get((hashes[start + length]! - Math.imul(hashes[start]!, power)) | 0)
        if (first === undefined) continue
        // Most often it is the only one with its hash.
        if (this.#next[first] === undefined && start < wantedFrom[first]!) continue
        const sequence = this.#findFrom(first, ids, start, length)
        if (sequence !== undefined && start >= wantedFrom[sequence]!) onFound(sequence, start, length)
      }
    }
  }

  /** Which of those with the same hash is what stands there. */
  #findFrom(first: number | undefined, ids: Int32Array, at: number, length: number): number | undefined {
    for (let sequence = first; sequence !== undefined; sequence = this.#next[sequence]) {
      const start = this.#starts[sequence]!
      let same = 0
      while (same < length && this.#items[start + same] === ids[at + same]) same++
      if (same === length) return sequence
    }
    return undefined
  }
}
