import { limits } from './limits.ts'

/**
 * JSON as the text that was sent. Within other JSON it becomes its value, as `JSON.parse` reads it: numbers are doubles, and of equal keys
 * the last one counts.
 */
export class JsonText {
  readonly raw: string

  constructor(raw: string) {
    this.raw = raw
  }

  /** Reads a stored text. A damaged one becomes `{}`, so that it does not fail the whole page that it is read with. */
  get text(): string {
    return this.#read() === undefined ? '{}' : this.raw
  }

  toJSON(): unknown {
    return this.#read() ?? {}
  }

  /** Undefined for text that cannot have been stored: malformed JSON, null, and what `jsonFault` refuses. */
  #read(): unknown {
    const value = parseJson(this.raw)
    return value === null || jsonFault(value) !== undefined ? undefined : value
  }
}

/** The value of a JSON text; undefined when it is malformed. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Says what is wrong with a value that could not be read back as it was sent; undefined when nothing is. */
export function jsonFault(value: unknown, levels: number = limits.attributesDepth): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return undefined
    case 'number':
      // JSON.stringify writes null in its place.
      return Number.isFinite(value) ? undefined : 'must not contain a number beyond ±1.8e308'
    case 'string':
      return textFault(value)
    case 'object':
      return value === null ? undefined : objectFault(value, levels)
    case 'undefined':
    case 'bigint':
    case 'symbol':
    case 'function':
      return notJson
  }
}

const notJson = 'must be JSON'

/** Bounds the recursion of everything that walks the value. */
function objectFault(value: object, levels: number): string | undefined {
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as null)
  if (!isPlain) return notJson
  if (levels === 0) return `must not be nested deeper than ${limits.attributesDepth} levels`
  for (const [key, inner] of Object.entries(value)) {
    const fault = textFault(key) ?? jsonFault(inner, levels - 1)
    if (fault) return fault
  }
  return undefined
}

/** Postgres cannot hold NUL, and half of a surrogate pair does not come back from UTF-8 as it was. */
export function textFault(text: string): string | undefined {
  if (text.includes('\0')) return 'must not contain the character U+0000'
  if (!text.isWellFormed()) return 'must be well-formed Unicode'
  return undefined
}
