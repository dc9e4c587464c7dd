/** What is counted, and by which words. */
export interface Labelled<Item> {
  readonly labels: Readonly<Record<string, string>>
  readonly item: Item
}

/** The words that each label may be. They are fixed, so that there are never more items than their combinations. */
type Words = Readonly<Record<string, readonly string[]>>

type Combination<Of extends Words> = { readonly [Label in keyof Of]: Of[Label][number] }

/** One item for each combination of words that has occurred. */
export class ByWords<Of extends Words, Item> {
  readonly words: Of
  readonly #create: () => Item
  readonly #items = new Map<string, Labelled<Item>>()

  constructor(words: Of, create: () => Item) {
    this.words = words
    this.#create = create
  }

  of(labels: Combination<Of>): Item {
    let key = ''
    for (const label in this.words) key += `${labels[label]} `
    let found = this.#items.get(key)
    if (!found)
      this.#items.set(key, (found = { labels: { ...labels } as Record<string, string>, item: this.#create() }))
    return found.item
  }

  /** Makes the items of all words of a label: rates that begin with the first count would miss it. */
  fill<Label extends keyof Of & string>(label: Label, others: Omit<Combination<Of>, Label>): this {
    for (const word of this.words[label]!) this.of({ ...others, [label]: word } as unknown as Combination<Of>)
    return this
  }

  get items(): Iterable<Labelled<Item>> {
    return this.#items.values()
  }
}

/** A number that only grows. */
export class Count {
  value = 0
}

export class Counts<Of extends Words> extends ByWords<Of, Count> {
  constructor(words: Of) {
    super(words, () => new Count())
  }

  add(labels: Combination<Of>, times = 1): void {
    this.of(labels).value += times
  }
}
