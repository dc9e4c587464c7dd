import { limits } from './limits.ts'

/**
 * JSON as the text that was sent, number for number. Where it becomes part of other JSON it is its value, which has gone through
 * `JSON.parse`: numbers are doubles, and of equal keys the last one counts.
 */
export class JsonText {
  readonly raw: string

  constructor(raw: string) {
    this.raw = raw
  }

  /** Of a stored text. One that cannot be read is `{}`: a damaged row must not fail all that is read together with it. */
  get text(): string {
    return this.#read() === undefined ? '{}' : this.raw
  }

  toJSON(): unknown {
    return this.#read() ?? {}
  }

  /** Undefined for what is never stored: what is no JSON, null, and whatever `jsonFault` refuses. */
  #read(): unknown {
    const value = parseJson(this.raw)
    return value === null || jsonFault(value) !== undefined ? undefined : value
  }
}

/** Undefined when the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** What is wrong with a value that would not be read as it was written; undefined when nothing is. */
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

/** Whoever walks such a value, to write it down or to show it, takes a level of the stack for each of its levels. */
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
