import { randomInt } from 'node:crypto'

/** Odd and different in every process, so that nobody can construct texts whose hashes collide. */
const base = 2 * randomInt(2 ** 30) + 1

/** Beyond the end of every text. */
const nowhere = 2 ** 31 - 1

type OnMatch = (sequence: number, start: number, length: number) => void

/**
 * Finds which of many short sequences occur in a text, by their hashes (Rabin–Karp). It takes one lookup for each offset of the text and
 * each length of sequences, however many sequences there are. An Aho–Corasick automaton takes one for each offset, but needs a node with
 * links for each item of each sequence: 150 MB, and seconds to build, for the largest number of words that a service may have.
 */
export class SequenceIndex<Item> {
  /** From 1. An item of no sequence has 0. */
  readonly #ids = new Map<Item, number>()
  readonly #byLength = new Map<number, { readonly power: number; readonly byHash: Map<number, number> }>()
  /** For each sequence: where it begins in `#items`, the next of the same length and hash, and its owners. */
  readonly #starts: number[] = []
  readonly #next: (number | undefined)[] = []
  readonly #owners: number[][] = []
  readonly #sequencesOf = new Map<number, number[]>()
  #items = new Int32Array(64)
  #end = 0

  /** Approximate memory, in bytes. */
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
    // Written behind the others. If the sequence is not new, the next one overwrites it.
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

  /** Of the longest sequence. */
  get maxLength(): number {
    return Math.max(0, ...this.#byLength.keys())
  }

  hasAnyOf(owner: number): boolean {
    return this.#sequencesOf.has(owner)
  }

  /** The number of an item for `ownersIn` and `forEachOf`. */
  idOf(item: Item): number {
    return this.#ids.get(item) ?? 0
  }

  /** The owners of at least one sequence that occurs. */
  ownersIn(ids: Int32Array): Set<number> {
    const owners = new Set<number>()
    const searchFrom = new Int32Array(this.#starts.length)
    this.#scan(ids, searchFrom, (sequence) => {
      searchFrom[sequence] = nowhere
      for (const owner of this.#owners[sequence]!) owners.add(owner)
    })
    return owners
  }

  /**
   * Calls back for every occurrence of every sequence of an owner; those of one sequence come in order. With `withoutOverlap`, the search for
   * a sequence goes on behind its last occurrence.
   */
  forEachOf(
    owner: number,
    ids: Int32Array,
    withoutOverlap: boolean,
    onMatch: (start: number, length: number) => void,
  ): void {
    const searchFrom = new Int32Array(this.#starts.length).fill(nowhere)
    for (const sequence of this.#sequencesOf.get(owner) ?? []) searchFrom[sequence] = 0
    this.#scan(ids, searchFrom, (sequence, start, length) => {
      if (withoutOverlap) searchFrom[sequence] = start + length
      onMatch(start, length)
    })
  }

  #scan(ids: Int32Array, searchFrom: Int32Array, onMatch: OnMatch): void {
    const hashes = new Int32Array(ids.length + 1)
    for (let at = 0; at < ids.length; at++) hashes[at + 1] = (Math.imul(hashes[at]!, base) + ids[at]!) | 0
    // No sequence extends over an item that none contains.
    for (let start = 0, end = 0; start < ids.length; start = end + 1) {
      end = ids.indexOf(0, start)
      if (end === -1) end = ids.length
      if (end > start) this.#scanPart(ids, hashes, start, end, searchFrom, onMatch)
    }
  }

  #scanPart(
    ids: Int32Array,
    hashes: Int32Array,
    from: number,
    to: number,
    searchFrom: Int32Array,
    onMatch: OnMatch,
  ): void {
    for (const [length, { power, byHash }] of this.#byLength) {
      for (let start = from; start + length <= to; start++) {
        const first = byHash.get((hashes[start + length]! - Math.imul(hashes[start]!, power)) | 0)
        if (first === undefined) continue
        // Mostly it is the only one with its hash, and need not be compared to be skipped.
        if (this.#next[first] === undefined && start < searchFrom[first]!) continue
        const sequence = this.#findFrom(first, ids, start, length)
        if (sequence !== undefined && start >= searchFrom[sequence]!) onMatch(sequence, start, length)
      }
    }
  }

  /** Which of the sequences with this hash occurs at an offset. */
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
