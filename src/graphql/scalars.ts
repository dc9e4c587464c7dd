import { GraphQLError, Kind, type ValueNode } from 'graphql'
import { builder } from './builder.ts'

builder.scalarType('DateTime', {
  description: 'A moment in UTC with milliseconds, as ISO 8601: `2026-03-24T21:05:19.123Z`.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const date = new Date(typeof value === 'string' ? value : Number.NaN)
    if (Number.isNaN(date.getTime())) throw new GraphQLError('expected a date such as 2026-03-24T21:05:19.123Z')
    return date
  },
})

builder.scalarType('JSON', {
  description:
    'Any JSON value, at most 100 levels deep. As a literal in a document: objects, lists, strings, numbers, booleans and null.',
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
      return node.values.map((value) => parseJsonLiteral(value, variables))
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map((field) => [field.name.value, parseJsonLiteral(field.value, variables)]),
      )
    case Kind.VARIABLE:
      return variables[node.name.value]
    case Kind.ENUM:
      throw new GraphQLError(`expected JSON, found the name ${node.value}`, { nodes: node })
  }
}
