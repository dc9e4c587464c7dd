import { decodePercent } from '../http/http.ts'
import { JsonText, parseJson } from '../model/json-text.ts'
import { limits } from '../model/limits.ts'
import type { SidPrefix } from '../model/sid.ts'
import { RestError } from './errors.ts'
import { readSid } from './slot.ts'

/** JSON Schema, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * Names and values as they were sent. A name without `=` has the value null, and one with nothing after `=` the empty text.
 */
export type Form = ReadonlyMap<string, readonly (string | null)[]>

/** Reads `application/x-www-form-urlencoded`, of a body or a query. A percent sign that begins no escape stands for itself. */
export function parseForm(text: string): Form {
  const form = new Map<string, (string | null)[]>()
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    const value = equals === -1 ? null : decode(pair.slice(equals + 1))
    const values = form.get(name)
    if (values) values.push(value)
    else form.set(name, [value])
  }
  return form
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  try {
    return decodePercent(spaced)
  } catch {
    throw new RestError(400, 20001, 'Parameters must be UTF-8')
  }
}

/** A parameter: how its text becomes a value, and its schema in OpenAPI. */
export interface Parameter<Value, Required extends boolean = boolean> {
  readonly schema: JsonSchema
  readonly isRequired: Required
  /** Whether a repeated name has several values. Otherwise the last one counts. */
  readonly isList: boolean
  /** Treats the empty text as not sent. Helper libraries send it for null. */
  readonly isEmptyAbsent: boolean
  /** The value of the text; undefined when it has none. */
  read(text: string | null): Value | undefined
  readonly expected: string
  /** The code of the error when the text has no value. */
  readonly code: number
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>

/** The values of parameters. Undefined means not sent, unlike null and the empty text. */
export type Values<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends Parameter<infer Value, infer Required>
    ? true extends Required
      ? NonNullable<Value>
      : Value | undefined
    : never
}

function parameter<Value>(
  schema: JsonSchema,
  expected: string,
  read: (text: string | null) => Value | undefined,
  code = 20001,
): Parameter<Value, false> {
  return { schema, expected, read, code, isRequired: false, isList: false, isEmptyAbsent: false }
}

export function text(description: string, schema: JsonSchema = {}): Parameter<string | null, false> {
  return parameter({ type: 'string', description, ...schema }, 'a text', (value) => value)
}

export function sid(prefix: SidPrefix, description: string): Parameter<string | null, false> {
  const schema = { type: 'string', description, pattern: sidPattern(prefix) }
  return parameter(schema, 'a SID', (value) => value && readSid(prefix, value))
}

/** The pattern of a SID as the server writes it or, if any case is allowed, as it accepts it. */
export function sidPattern(prefix: string, isTaken = true): string {
  const anyCase = prefix.replace(/./g, (letter) => `[${letter}${letter.toLowerCase()}]`)
  return isTaken ? `^${anyCase}[0-9A-Fa-f]{32}$` : `^${prefix}[0-9a-f]{32}$`
}

/** A URL. The empty text removes it. */
export function url(description: string): Parameter<string | null, false> {
  return text(description, { anyOf: [{ format: 'uri', maxLength: limits.webhookUrlLength }, { maxLength: 0 }] })
}

export function emptyIsAbsent<Value, Required extends boolean>(
  described: Parameter<Value, Required>,
): Parameter<Value, Required> {
  return { ...described, isEmptyAbsent: true }
}

/** Treats the empty text as null. Helper libraries send it for null. */
export function integer(description: string, code?: number, bounds: JsonSchema = {}): Parameter<number | null, false> {
  const read = (value: string | null): number | null | undefined => {
    if (value === null || value === '') return null
    const number = /^-?\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    return number === Math.trunc(number) && Math.abs(number) < 2 ** 31 ? number : undefined
  }
  return parameter({ type: 'integer', format: 'int32', description, ...bounds }, 'a whole number', read, code)
}

export function flag(description: string): Parameter<boolean | null, false> {
  const words: Readonly<Record<string, boolean | null>> = { true: true, false: false, '': null }
  return parameter({ type: 'boolean', description }, 'true or false', (value) => words[(value ?? '').toLowerCase()])
}

/** JSON, kept as the text that was sent. The empty text is null. */
export function json(description: string, bytes: number, code?: number): Parameter<JsonText | null, false> {
  const read = (value: string | null): JsonText | null | undefined => {
    if (value === null || value === '') return null
    return parseJson(value) === undefined ? undefined : new JsonText(value)
  }
  const schema = { type: 'string', description, contentMediaType: 'application/json', maxLength: bytes }
  return parameter(schema, 'JSON', read, code)
}

/** One of a few words, each with its value in GraphQL. */
export function oneOf<Word extends string, Value extends string>(
  description: string,
  words: Readonly<Record<Word, Value>>,
  code?: number,
): Parameter<Value, false> {
  const names = Object.keys(words)
  const read = (value: string | null): Value | undefined =>
    value !== null && Object.hasOwn(words, value) ? words[value as Word] : undefined
  return emptyIsAbsent(parameter({ type: 'string', enum: names, description }, names.join(' or '), read, code))
}

/** A name that can be repeated, once for each value. */
export function list<Value>({ schema, ...item }: Parameter<Value>): Parameter<NonNullable<Value>[], false> {
  const { description, ...items } = schema
  return {
    ...(item as unknown as Parameter<NonNullable<Value>[], false>),
    schema: { type: 'array', items, description },
    isRequired: false,
    isList: true,
  }
}

export function required<Value>(optional: Parameter<Value, false>): Parameter<Value, true> {
  return { ...optional, isRequired: true }
}

/** Reads the values of these parameters and ignores all others. `where` names the form in errors. */
export function readParameters(parameters: Parameters, form: Form, where: 'post body' | 'query'): object {
  const values: Record<string, unknown> = {}
  for (const [name, described] of Object.entries(parameters)) {
    const sent = form.get(name)
    const isAbsent = (value: string | null | undefined): boolean =>
      value == null || (described.isEmptyAbsent && value === '')
    if (described.isRequired && isAbsent(sent?.at(-1))) {
      throw new RestError(400, 20001, `Missing required parameter ${name} in the ${where}`)
    }
    if (sent === undefined) continue
    const read = (value: string | null): unknown => {
      const result = described.read(value)
      if (result === undefined) {
        throw new RestError(400, described.code, `Invalid parameter ${name}: expected ${described.expected}`)
      }
      return result
    }
    if (described.isList) values[name] = sent.filter((value) => !isAbsent(value)).map(read)
    else if (!described.isEmptyAbsent || !isAbsent(sent.at(-1))) values[name] = read(sent.at(-1)!)
  }
  return values
}
