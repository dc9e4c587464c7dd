import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql'

type Fields = Readonly<Record<string, unknown>>

/**
 * What was given to a mutation, as an audit entry keeps it: with the names of the API, and without what an input field says is secret (`isSecret`) or
 * what people have written (`isContent`), since an entry outlives a message.
 */
export function auditedInput(definitions: readonly GraphQLArgument[], args: Fields): Fields {
  const given = auditedFields(definitions, args)
  // All that have any arguments have this one.
  return (given['input'] as Fields | undefined) ?? given
}

type Definition = GraphQLArgument | GraphQLInputField

const auditedFields = (definitions: readonly Definition[], values: Fields): Fields =>
  Object.fromEntries(
    definitions
      .filter(({ name }) => values[name] !== undefined)
      .map((definition) => [definition.name, auditedField(definition, values[definition.name])]),
  )

function auditedField({ type, extensions }: Definition, value: unknown): unknown {
  // That it was removed says nothing of what it was.
  if (value === null) return null
  if (extensions['isSecret'] === true) return '(secret, not kept)'
  if (extensions['isContent'] === true) return `(not kept: ${sizeOf(value)} bytes)`
  return auditedValue(type, value)
}

function auditedValue(outer: GraphQLInputType, value: unknown): unknown {
  const type = getNullableType(outer)
  if (value === null) return null
  if (isListType(type)) return (value as readonly unknown[]).map((item) => auditedValue(type.ofType, item))
  if (isInputObjectType(type)) return auditedFields(Object.values(type.getFields()), value as Fields)
  return isEnumType(type) ? type.serialize(value) : value
}

/** What is nested without end is no text, and is refused later. */
function sizeOf(value: unknown): number | string {
  try {
    return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value))
  } catch {
    return 'very many'
  }
}
