import type { JsonText } from '../model/json-text.ts'
import { sidPattern, type JsonSchema } from './form.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** What a resource does not know of itself: the beginning of its addresses, and where it belongs. */
export interface LinkContext {
  /** `https://host/v1` */
  readonly root: string
  readonly accountId: string
  /** Empty outside of a service. */
  readonly serviceId: string
}

export interface Field<Source> {
  readonly schema: JsonSchema
  of(source: Source, context: LinkContext): Json
}

/** A resource: its fields, in the order they are sent. Each is always there. */
export interface Resource<Source> {
  readonly name: string
  readonly fields: Readonly<Record<string, Field<Source>>>
}

export function present<Source>({ fields }: Resource<Source>, source: Source, context: LinkContext) {
  const values: Record<string, Json> = {}
  for (const name in fields) values[name] = fields[name]!.of(source, context)
  return values
}

type Of<Source, Value extends Json> = (source: Source, context: LinkContext) => Value

export function field<Source, Value extends Json>(schema: JsonSchema, of: Of<Source, Value>): Field<Source> {
  return { schema, of }
}

export function nullable({ type, ...schema }: JsonSchema): JsonSchema {
  return { ...schema, type: [type, 'null'] }
}

/** An object that always has all of its properties and no others. */
export function closed(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}

const sidSchema = (prefix: string): JsonSchema => ({ type: 'string', pattern: sidPattern(prefix, false) })
const textSchema: JsonSchema = { type: 'string' }
export const textListSchema: JsonSchema = { type: 'array', items: textSchema }
const integerSchema: JsonSchema = { type: 'integer', format: 'int64', minimum: 0 }
const dateSchema: JsonSchema = {
  type: 'string',
  format: 'date-time',
  pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`,
}
const urlSchema: JsonSchema = { type: 'string', format: 'uri' }

export function sid<Source>(prefix: string, of: Of<Source, string>): Field<Source> {
  return field(sidSchema(prefix), of)
}

export function sidOrNull<Source>(prefix: string, of: Of<Source, string | null>): Field<Source> {
  return field(nullable(sidSchema(prefix)), of)
}

export function text<Source>(of: Of<Source, string>): Field<Source> {
  return field(textSchema, of)
}

export function textOrNull<Source>(of: Of<Source, string | null>): Field<Source> {
  return field(nullable(textSchema), of)
}

export function integer<Source>(of: Of<Source, number>): Field<Source> {
  return field(integerSchema, of)
}

export function integerOrNull<Source>(of: Of<Source, number | null>): Field<Source> {
  return field(nullable(integerSchema), of)
}

export function flag<Source>(of: Of<Source, boolean>): Field<Source> {
  return field({ type: 'boolean' }, of)
}

export function flagOrNull<Source>(of: Of<Source, boolean | null>): Field<Source> {
  return field({ type: ['boolean', 'null'] }, of)
}

/** Any JSON, as the text that was sent, which GraphQL's JSON scalar gives in process. */
export function json<Source>(of: (source: Source) => unknown): Field<Source> {
  return field({ type: 'string', contentMediaType: 'application/json' }, (source) => (of(source) as JsonText).text)
}

/** In whole seconds. */
export function date<Source>(of: Of<Source, string>): Field<Source> {
  return field(dateSchema, (source, context) => toSeconds(of(source, context)))
}

export function dateOrNull<Source>(of: Of<Source, string | null>): Field<Source> {
  return field(nullable(dateSchema), (source, context) => {
    const moment = of(source, context)
    return moment === null ? null : toSeconds(moment)
  })
}

function toSeconds(moment: string): string {
  return `${moment.slice(0, 19)}Z`
}

/** One of GraphQL's words, in REST's small letters. */
export function oneOf<Source>(words: readonly string[], of: Of<Source, string>): Field<Source> {
  return field({ type: 'string', enum: words }, (source, context) => of(source, context).toLowerCase())
}

/** The address of the resource, below the root. */
export function url<Source>(of: Of<Source, string>): Field<Source> {
  return field(urlSchema, (source, context) => context.root + of(source, context))
}

/** Addresses of what belongs to the resource; null where there is nothing yet. */
export function links<Source>(all: Readonly<Record<string, Of<Source, string | null>>>): Field<Source> {
  const names = Object.keys(all)
  return field(closed(Object.fromEntries(names.map((name) => [name, nullable(urlSchema)]))), (source, context) => {
    const values: Record<string, string | null> = {}
    for (const name of names) {
      const path = all[name]!(source, context)
      values[name] = path === null ? null : context.root + path
    }
    return values
  })
}

/** What everything in a service begins with. */
export const accountSid: Field<unknown> = sid('AC', (_source, context) => context.accountId)
export const serviceSid: Field<unknown> = sid('IS', (_source, context) => context.serviceId)
