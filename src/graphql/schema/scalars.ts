import { GraphQLError, Kind, type ValueNode } from 'graphql'
import { builder } from './builder.ts'

builder.scalarType('DateTime', {
  description:
    'A time as in RFC 3339: `2026-03-24T21:05:19.123Z`. The server returns UTC with milliseconds, and accepts any offset or `Z`, ' +
    'cut to milliseconds. The year is from 1 to 9999; leap seconds are not accepted.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const date = typeof value === 'string' ? parseMoment(value) : undefined
    if (!date) throw new GraphQLError('expected a date as RFC 3339 writes it, such as 2026-03-24T21:05:19.123Z')
    return date
  },
})

const moment = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3])(?::[0-5]\d){2}(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i

function parseMoment(text: string): Date | undefined {
  const [, day] = moment.exec(text) ?? []
  // `Date` reads the 30th of February as a day in March.
  if (day === undefined || new Date(`${day}T00:00Z`).getUTCDate() !== Number(day.slice(8))) return undefined
  const date = new Date(text.toUpperCase())
  const year = date.getUTCFullYear()
  // ISO 8601 writes other years with a sign, which Postgres does not read.
  return year >= 1 && year <= 9999 ? date : undefined
}

builder.scalarType('JSON', {
  description:
    'Any JSON value, at most 100 levels deep, without U+0000 and unpaired surrogates. Numbers are IEEE 754 doubles: digits beyond ' +
    'their precision are rounded (9007199254740993 to 9007199254740992), a number beyond ±1.8e308 is refused, and -0 becomes 0. A ' +
    'value that must keep all digits is a string, or is sent and read over REST, which keeps the text. A literal in a document ' +
    'may have objects, lists, strings, numbers, booleans and null; a variable without a value is left out of an object and null ' +
    'in a list.',
  // In process the text stays; its value is written when the answer becomes JSON.
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => parseJsonLiteral(node, variables ?? {}),
})

function parseJsonLiteral(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.NULL:
      return null
    case Kind.LIST:
      return node.values.map((value) => parseJsonLiteral(value, variables) ?? null)
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields
          .map((field) => [field.name.value, parseJsonLiteral(field.value, variables)] as const)
          .filter(([, value]) => value !== undefined),
      )
    case Kind.VARIABLE:
      return Object.hasOwn(variables, node.name.value) ? variables[node.name.value] : undefined
    case Kind.ENUM:
      throw new GraphQLError(`expected JSON, found the name ${node.value}`, { nodes: node })
  }
}
