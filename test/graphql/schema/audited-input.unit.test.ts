import { getNamedType, isInputObjectType, type GraphQLArgument, type GraphQLInputField } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../../src/graphql/schema.ts'
import { auditedInput } from '../../../src/graphql/schema/audited-input.ts'

const mutations = schema.getMutationType()!.getFields()

interface Leaf {
  /** `updateService.webhooks.preUrl`. */
  readonly path: string
  readonly type: string
  readonly field: GraphQLArgument | GraphQLInputField
}

/** All that is given to mutations, at any depth. */
const leaves = Object.values(mutations).flatMap(({ name, args }) =>
  args.flatMap((argument) => leavesOf(name, argument)),
)

function leavesOf(path: string, field: GraphQLArgument | GraphQLInputField): Leaf[] {
  const type = getNamedType(field.type)
  const own = field.name === 'input' ? path : `${path}.${field.name}`
  if (!isInputObjectType(type)) return [{ path: own, type: type.name, field }]
  return Object.values(type.getFields()).flatMap((inner) => leavesOf(own, inner))
}

const texts = leaves.filter(({ type }) => type === 'String' || type === 'JSON')

test('an input that speaks of a secret is marked as one', () => {
  const speaks = /secret|password|token|credential|certificate|\bkey\b|api ?key|private|authorization|header|one-time/i
  const found = texts.filter(({ path, field }) => speaks.test(`${path.split('.').at(-1)!} ${field.description ?? ''}`))
  const unmarked = found.filter(({ field }) => field.extensions['isSecret'] !== true).map(({ path }) => path)
  // Whom a token is for, and addresses that must have none.
  expect(unmarked).toEqual(['createAccessToken.identity', 'createUser.avatarUrl', 'updateUser.avatarUrl'])
  expect(found.length - unmarked.length).toBeGreaterThanOrEqual(9)
})

test('what people write to others is marked, and nothing else', () => {
  const free = texts.filter(({ path, type }) => type === 'JSON' || /\.(?:body|text)$/.test(path))
  const kept = free.filter(({ field }) => field.extensions['isContent'] !== true).map(({ path }) => path)
  // Of channels, and of users, from whose entries they go with them.
  expect(kept).toEqual([
    'createChannel.attributes',
    'createUser.attributes',
    'createUser.status.text',
    'updateChannel.attributes',
    'updateUser.attributes',
    'updateUser.status.text',
  ])
})

const inputOf = (mutation: string, input: Record<string, unknown>) => auditedInput(mutations[mutation]!.args, { input })

test('an input is kept with the names of the API, and what must not be kept is named', () => {
  const sendAt = new Date(0)
  expect(
    inputOf('scheduleMessage', { channelId: 'CH1', body: 'é!', attributes: { a: 1 }, mentions: null, sendAt }),
  ).toEqual({
    channelId: 'CH1',
    body: '(not kept: 3 bytes)',
    attributes: '(not kept: 7 bytes)',
    mentions: null,
    sendAt,
  })
  // As a resolver has it: with the values behind the names of enums.
  expect(inputOf('createCredential', { type: 'fcm', secret: 'planted', sandbox: undefined })).toEqual({
    type: 'FCM',
    secret: '(secret, not kept)',
  })
  expect(
    inputOf('updateService', { serviceId: 'IS1', webhooks: { postUrl: null, filters: ['onMessageSent'] } }),
  ).toEqual({ serviceId: 'IS1', webhooks: { postUrl: null, filters: ['ON_MESSAGE_SENT'] } })
  expect(auditedInput(mutations['rotateSigningKey']!.args, {})).toEqual({})
})
