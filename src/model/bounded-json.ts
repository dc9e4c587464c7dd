type Fields = Readonly<Record<string, unknown>>

/** Beyond it nothing is walked: what a caller nests without end would exhaust the stack. */
const maxLevels = 20

/** How much is kept of a text, and of a list or an object, where the whole would be too long. The first with which it fits is taken. */
const cuts = [
  { bytes: 2048, items: 100 },
  { bytes: 512, items: 30 },
  { bytes: 128, items: 10 },
] as const

/**
 * Fields as JSON text of a bounded size, which can be stored and read back: what is long, deep or has many items is cut, and ends with
 * “… (cut: …)”. Passwords within addresses are left out.
 */
export function toBoundedJson(fields: Fields, maxBytes: number): string {
  for (const { bytes, items } of [{ bytes: maxBytes, items: maxBytes }, ...cuts]) {
    const text = JSON.stringify(new Cut(bytes, items, maxBytes).value(fields))
    if (Buffer.byteLength(text) <= maxBytes) return text
  }
  // Many small values: each field is cut as a whole.
  const { bytes, items } = cuts.at(-1)!
  const small = new Cut(bytes, items, maxBytes).value(fields) as Fields
  for (let room = maxBytes / 8; ; room = Math.floor(room / 2)) {
    const each = Object.entries(small).map(([name, value]) => [name, cutWhole(room, value)] as const)
    const text = JSON.stringify(Object.fromEntries(each))
    if (Buffer.byteLength(text) <= maxBytes) return text
  }
}

class Cut {
  readonly #bytes: number
  readonly #items: number
  /** How many values are walked in all. Each has a byte at least: with more, the whole would not fit. */
  #left: number

  constructor(bytes: number, items: number, values: number) {
    this.#bytes = bytes
    this.#items = items
    this.#left = values
  }

  value(value: unknown, levels = maxLevels): unknown {
    if (this.#left-- <= 0) return '… (cut: too many values)'
    if (typeof value === 'string') return cutText(this.#bytes, value)
    if (typeof value !== 'object' || value === null) return value
    // Times, and texts of JSON.
    if ('toJSON' in value && typeof value.toJSON === 'function') return this.value(value.toJSON(), levels)
    if (levels === 0) return '… (cut: nested too deeply)'
    if (Array.isArray(value)) {
      const kept = value.slice(0, this.#items).map((item) => this.value(item, levels - 1))
      return value.length > kept.length ? [...kept, `… (cut: ${value.length - kept.length} more)`] : kept
    }
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
    const kept = entries
      .slice(0, this.#items)
      .map(([name, inner]) => [cutText(this.#bytes, name), this.value(inner, levels - 1)] as const)
    const more = entries.length - kept.length
    return Object.fromEntries(more > 0 ? [...kept, ['…', `(cut: ${more} more)`]] : kept)
  }
}

function cutWhole(bytes: number, value: unknown): unknown {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return Buffer.byteLength(text) <= bytes ? value : cutText(bytes, text)
}

function cutText(bytes: number, given: string): string {
  const length = Buffer.byteLength(given)
  const text = withoutPassword(given.slice(0, maxInspected))
  // A sign takes 4 bytes at most, and half a sign is not stored.
  const kept = length <= bytes ? text : `${text.slice(0, Math.floor(bytes / 4))}… (cut: ${length} bytes)`
  return kept.toWellFormed().replaceAll('\0', '\uFFFD')
}

/** Of a text, in characters: longer than what is kept of any, with the password that it may begin with. */
const maxInspected = 32 * 1024

/**
 * `https://name:password@host` is an address of a webhook that some receivers ask for. What is refused has one, too: with a space before it, or with signs in
 * the password that end the host of an address. The length bounds what is looked at again and again.
 */
const withoutPassword = (text: string): string =>
  text.replace(/(:\/\/)(?:[^\s/?#]*|[^\s/?#:]*:(?!\d+(?:[/?#]|$))\S{0,512})@/g, '$1…@')
