import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ViewerDocument } from '../../../schema/generated/graphql.ts'
import { schema } from '../../../src/graphql/schema.ts'
import { openKit, type Kit } from '../../support/kit.ts'

let kit: Kit
let known: Record<string, string>
beforeAll(async () => {
  kit = await openKit()
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const { id: messageId } = await alice.send(channelId, 'hello')
  const { viewer } = await kit.backend.request(ViewerDocument)
  const { identity } = alice
  known = {
    channelId,
    messageId,
    parentId: messageId,
    quotedMessageId: messageId,
    serviceId: viewer.service.id,
    userId: identity,
    identity,
    words: 'darn',
  }
})
afterAll(() => kit.close())

type Values = Record<string, unknown>

/** What each kind of value must not be. */
const wrong: Record<string, readonly unknown[]> = {
  Int: [-1],
  String: ['\0', '\ud83e'],
  ID: ['\0', '\ud83e'],
  DateTime: [
    '+275760-09-13T00:00:00.000Z',
    '-000001-01-01T00:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
    '1e400',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '1',
    '2026',
    '12/11/2026',
    '2026-01-01',
    '',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01T00:00Z',
    '2026-01-01 00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:59:60Z',
    '2026-01-01T00:00:00+0100',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00.Z',
    ' 2026-01-01T00:00:00Z',
    '\u0660',
  ],
}

/** A value that is right, or right enough to be looked at. */
function rightValue(type: GraphQLInputType, name: string): unknown {
  const inner = getNullableType(type)
  if (isListType(inner)) return [rightValue(inner.ofType as GraphQLInputType, name)]
  if (isInputObjectType(inner)) return rightValues(Object.values(inner.getFields()))
  if (isEnumType(inner)) return inner.getValues()[0]!.name
  const values: Values = { Int: 5, Boolean: true, DateTime: '2026-01-01T00:00:00.000Z', JSON: {} }
  return values[getNamedType(type).name] ?? known[name] ?? 'x'
}

function rightValues(fields: readonly (GraphQLArgument | GraphQLInputField)[]): Values {
  const isNeeded = ({ name, type }: GraphQLArgument | GraphQLInputField): boolean =>
    name in known || isNonNullType(type)
  return Object.fromEntries(fields.filter(isNeeded).map(({ name, type }) => [name, rightValue(type, name)]))
}

interface Wrong {
  readonly value: unknown
  /** Where it stands in what holds it. */
  readonly path: string
}

function wrongValues(type: GraphQLInputType, name: string): Wrong[] {
  const named = getNamedType(type)
  if (!isInputObjectType(named)) return (wrong[named.name] ?? []).map((value) => ({ value, path: name }))
  // Of what stands in a list the list is named.
  const isList = isListType(getNullableType(type))
  return [...withOneWrong(Object.values(named.getFields()))].map(({ value, path }) => ({
    value,
    path: isList ? name : `${name}.${path}`,
  }))
}

/** The arguments with one wrong value in them, for each that there is a place for. */
function* withOneWrong(
  fields: readonly (GraphQLArgument | GraphQLInputField)[],
): Generator<Wrong & { readonly value: Values }> {
  for (const { name, type } of fields) {
    for (const { value, path } of wrongValues(type, name)) {
      const { identity, ...right } = rightValues(fields)
      // A member is named by its SID or by its identity, never by both.
      const isOnlyName = fields.some((other) => other.name === 'identity') && (name === 'memberId' || name === 'id')
      const others = isOnlyName || identity === undefined ? right : { ...right, identity }
      yield { path, value: { ...others, [name]: isListType(getNullableType(type)) ? [value] : value } }
    }
  }
}

type Field = GraphQLField<unknown, unknown>

async function ask(kind: string, field: Field, values: Values, outer?: Field) {
  const used = field.args.filter(({ name }) => name in values)
  const declared = used.map(({ name, type }) => `$${name}: ${String(type)}`)
  const given = used.map(({ name }) => `${name}: $${name}`)
  const selection = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }'
  const own = `${field.name}(${given.join()}) ${selection}`
  const text = outer ? `${outer.name}(id: "${known['channelId']}") { ${own} }` : own
  return kit.backend.ask(`${kind}(${declared.join()}) { ${text} }`, values)
}

const fieldsOf = (type: unknown): Field[] => (isObjectType(type) ? Object.values(type.getFields()) : [])

test('what is wrong is never taken, and never an internal error, wherever it stands, and the refusal names its argument', async () => {
  const places = [
    ...fieldsOf(schema.getQueryType()).map((field) => ['query', field] as const),
    ...fieldsOf(schema.getType('Channel')).map(
      (field) => ['query', field, schema.getQueryType()!.getFields()['channel']] as const,
    ),
    ...fieldsOf(schema.getMutationType()).map((field) => ['mutation', field] as const),
  ]
  let asked = 0
  const named = new Set<string>()
  const faults: unknown[] = []
  for (const [kind, field, outer] of places) {
    for (const { value: values, path } of withOneWrong(field.args)) {
      asked++
      const { errors = [] } = await ask(kind, field, values, outer)
      const isFault = errors.some(({ extensions }) => extensions.code === 'INTERNAL_SERVER_ERROR')
      // What is written must not be taken either.
      if (isFault || (kind === 'mutation' && errors.length === 0)) faults.push([field.name, values])
      for (const { message, extensions } of errors) {
        // GraphQL itself says in the message where a variable is wrong. What does not go over HTTP at all is nobody's fault.
        const isNamed =
          extensions.code !== 'BAD_USER_INPUT' || message.startsWith('Variable ') || field.name === 'renewToken'
        if (extensions.field === undefined ? !isNamed : extensions.field !== path)
          faults.push([field.name, path, extensions, message])
        if (extensions.field !== undefined) named.add(`${field.name} ${path}`)
      }
    }
  }
  expect(faults).toEqual([])
  expect(asked).toBeGreaterThan(200)
  expect(named.size).toBeGreaterThan(60)
})

test('a moment may be written as RFC 3339 has it', async () => {
  const dryRun = 'query ($since: DateTime!) { dryRunRule(input: { words: ["x"] }, since: $since) { __typename } }'
  for (const since of [
    '2026-03-24T21:05:19Z',
    '2026-03-24t21:05:19.1z',
    '2024-02-29T23:59:59.123456789+14:00',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999-00:00',
  ]) {
    expect([since, (await kit.backend.ask(dryRun, { since })).errors]).toEqual([since, undefined])
  }
})
