import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  CreateKeywordRuleDocument,
  DeleteKeywordRuleDocument,
  DryRunRuleDocument,
  FlaggedMessagesDocument,
  HistoryDocument,
  KeywordRulesDocument,
  NodeDocument,
  SendMessageDocument,
  UpdateKeywordRuleDocument,
  UpdateMessageDocument,
  type CreateKeywordRuleInput,
  type FlaggedMessagesQueryVariables,
  type UpdateKeywordRuleInput,
} from '../../../schema/generated/graphql.ts'
import { sendMessage } from '../../../src/domain/chat/send-message.ts'
import { authenticateUser } from '../../../src/domain/chat/sign-in.ts'
import { limits } from '../../../src/model/limits.ts'
import { makeAccount } from '../../support/authority.ts'
import { openKit, type Kit } from '../../support/kit.ts'
import { refusalOf } from '../../support/refusal.ts'
import { waitFor } from '../../support/wait.ts'
import { json, openReceiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment, type HookedService } from '../../support/webhooks.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
})
afterAll(() => kit.close())

/** A service without webhooks. */
const openService = (): Promise<HookedService> => hookService(kit, { url: '' })

async function addRule(service: HookedService, rule: Omit<CreateKeywordRuleInput, 'serviceId' | 'name'>) {
  const input = { serviceId: service.id, name: 'a rule', ...rule }
  return (await kit.backend.request(CreateKeywordRuleDocument, { input })).createKeywordRule.keywordRule
}

const refused = { code: 'FORBIDDEN', chatCode: 50056 }

test('a rule refuses, masks or flags what is sent and what is edited, whoever does it', async () => {
  const service = await openService()
  const alice = await service.user('alice')
  const { id: channelId } = await service.channel([alice])
  await addRule(service, { words: ['worst'], action: 'REFUSE' })
  await addRule(service, { pattern: String.raw`\bd[a4]rn\b`, action: 'MASK' })
  const flag = await addRule(service, { words: ['owl', 'darn'], action: 'FLAG' })
  const plain = await alice.send(channelId, 'plain')
  const input = { channelId, body: 'the worst' }
  expect(await refusalOf(alice, SendMessageDocument, { input })).toEqual(refused)
  expect(await refusalOf(kit.backend, SendMessageDocument, { input })).toEqual(refused)
  expect((await kit.backend.send(channelId, 'D4rn!')).body).toBe('****!')
  const owl = await alice.send(channelId, 'an owl')
  const edit = (body: string) => ({ input: { messageId: plain.id, body } })
  expect(await refusalOf(alice, UpdateMessageDocument, edit('worst'))).toEqual(refused)
  const edited = await alice.request(UpdateMessageDocument, edit('darn owl'))
  expect(edited.updateMessage.message.body).toBe('**** owl')
  const { flaggedMessages } = await kit.backend.request(FlaggedMessagesDocument, { serviceId: service.id })
  expect(flaggedMessages.edges.map(({ node }) => node)).toMatchObject([
    { keywordRuleIds: [flag.id], message: { id: plain.id } },
    { keywordRuleIds: [flag.id], message: { id: owl.id } },
  ])
  const newest = { serviceId: service.id, direction: 'DESC', first: 1 } as const
  const [last] = (await kit.backend.request(FlaggedMessagesDocument, newest)).flaggedMessages.edges
  expect(last!.node.message.id).toBe(owl.id)
  const { channel } = await alice.request(HistoryDocument, { channelId })
  expect(channel!.messages.edges.map(({ node }) => node.body)).toEqual(['**** owl', '****!', 'an owl'])
})

test('what a rule flags keeps its place among what its author sends at once, with webhooks and without', async () => {
  await using receiver = await openReceiver()
  for (const service of [await openService(), await hookService(kit, receiver, { preUrl: null })]) {
    const alice = await service.user('alice')
    const { id: channelId } = await service.channel([alice])
    await addRule(service, { words: ['owl'], action: 'FLAG' })
    const actor = await authenticateUser(kit.server.app, alice.token)
    const bodies = Array.from({ length: 40 }, (_, at) => (at % 4 === 1 || at === 2 ? `${at}` : `${at} owl`))
    await Promise.all(bodies.map((body) => sendMessage(kit.server.app, actor, { channelId, body })))
    const { channel } = await alice.request(HistoryDocument, { channelId, first: 100 })
    expect(channel!.messages.edges.map(({ node }) => node.body)).toEqual(bodies)
    const { flaggedMessages } = await kit.backend.request(FlaggedMessagesDocument, {
      serviceId: service.id,
      first: 100,
    })
    expect(flaggedMessages.edges).toHaveLength(bodies.filter((body) => body.endsWith('owl')).length)
  }
})

test('rules come before pre-events: there is none for what is refused, and they contain what is masked', async () => {
  await using receiver = await openReceiver()
  const service = await hookService(kit, receiver, { postUrl: null })
  await addRule(service, { words: ['worst'], action: 'REFUSE' })
  await addRule(service, { words: ['darn'], action: 'MASK' })
  const { id: channelId } = await service.channel()
  await refusalOf(kit.backend, SendMessageDocument, { input: { channelId, body: 'worst' } })
  await kit.backend.send(channelId, 'darn')
  expect(receiver.received.map(({ parameters }) => parameters['Body'])).toEqual(['****'])
  receiver.answer = json({ body: 'darn it' })
  expect((await kit.backend.send(channelId, 'x')).body).toBe('darn it')
})

test('a rule is gone once it is deleted', async () => {
  const service = await openService()
  const { id: channelId } = await service.channel()
  const one = await addRule(service, { words: ['worst'], action: 'REFUSE' })
  const other = await addRule(service, { words: ['darn'], action: 'MASK' })
  const rules = async () =>
    (await kit.backend.request(KeywordRulesDocument, { serviceId: service.id })).service!.keywordRules
  expect(await rules()).toEqual([one, other])
  for (const { id: keywordRuleId } of [one, other]) {
    const input = { serviceId: service.id, keywordRuleId }
    await kit.backend.request(DeleteKeywordRuleDocument, { input })
    expect(await refusalOf(kit.backend, DeleteKeywordRuleDocument, { input })).toEqual({ code: 'NOT_FOUND' })
  }
  expect(await rules()).toEqual([])
  await kit.backend.send(channelId, 'the worst')
})

test('a rule that is changed keeps its SID and its place, and applies as it is now', async () => {
  const service = await openService()
  const { id: channelId } = await service.channel()
  const one = await addRule(service, { words: ['darn'], pattern: 'x{3}', action: 'MASK' })
  const other = await addRule(service, { words: ['owl'], action: 'REFUSE' })
  const update = async (input: Omit<UpdateKeywordRuleInput, 'keywordRuleId'>) =>
    (
      await kit.backend.request(UpdateKeywordRuleDocument, {
        input: { serviceId: service.id, keywordRuleId: one.id, ...input },
      })
    ).updateKeywordRule.keywordRule
  const bodyOf = async (body: string) => (await kit.backend.send(channelId, body)).body
  expect(await bodyOf('darn xxx gosh')).toBe('**** *** gosh')
  expect(await update({ words: ['gosh'] })).toEqual({ ...one, words: ['gosh'] })
  expect(await bodyOf('darn xxx gosh')).toBe('darn *** ****')
  expect(await update({ pattern: null, name: 'another' })).toEqual({
    ...one,
    name: 'another',
    words: ['gosh'],
    pattern: null,
  })
  expect(await bodyOf('darn xxx gosh')).toBe('darn xxx ****')
  expect(await update({ action: 'REFUSE' })).toMatchObject({ action: 'REFUSE', words: ['gosh'] })
  const input = { channelId, body: 'gosh' }
  expect(await refusalOf(kit.backend, SendMessageDocument, { input })).toEqual(refused)
  const { service: read } = await kit.backend.request(KeywordRulesDocument, { serviceId: service.id })
  expect(read!.keywordRules!.map(({ id }) => id)).toEqual([one.id, other.id])
  const wrong = { serviceId: service.id, keywordRuleId: one.id }
  const changes: readonly (readonly [Partial<UpdateKeywordRuleInput>, string])[] = [
    [{ words: [] }, 'BAD_USER_INPUT'],
    [{ name: '' }, 'BAD_USER_INPUT'],
    [{ pattern: '(' }, 'BAD_USER_INPUT'],
    [{ keywordRuleId: 'KR' }, 'NOT_FOUND'],
  ]
  for (const [change, code] of changes) {
    const refusal = await refusalOf(kit.backend, UpdateKeywordRuleDocument, { input: { ...wrong, ...change } })
    expect(refusal).toEqual({ code })
  }
})

test('dry runs look at messages in turn, a few milliseconds at a time', async () => {
  const service = await openService()
  const channel = await service.channel()
  const sent = await kit.backend.send(channel.id, 'darn')
  const { app } = kit.server
  const others = Promise.withResolvers<void>()
  void app.dryRuns.run(() => others.promise)
  const asked = kit.backend.request(DryRunRuleDocument, {
    input: { serviceId: service.id, words: ['darn'] },
    since: sent.createdAt,
  })
  await waitFor(() => app.dryRuns.waitingCount === 1)
  others.resolve()
  expect((await asked).dryRunRule).toMatchObject({ scanned: 1, matched: 1, isComplete: true })
})

test('a dry run returns what a rule would have matched since a time', async () => {
  const service = await openService()
  const [one, other] = [await service.channel(), await service.channel()]
  const early = await kit.backend.send(one.id, 'darn, too early')
  const since = new Date(Date.parse(early.createdAt) + 1).toISOString()
  for (let at = 0; at < 30; at++) await kit.backend.send(at % 2 === 0 ? one.id : other.id, `darn ${at}`)
  const last = await kit.backend.send(one.id, 'harmless')
  await kit.backend.send((await kit.channel()).id, 'darn, elsewhere')
  const rule = { serviceId: service.id, words: ['darn'] }
  const { dryRunRule } = await kit.backend.request(DryRunRuleDocument, { input: rule, since })
  expect(dryRunRule).toMatchObject({ scanned: 31, matched: 30, isComplete: true })
  expect(dryRunRule.examples).toHaveLength(25)
  const matches = [{ offset: 0, length: 4 }]
  expect(dryRunRule.examples[3]).toMatchObject({ masked: '**** 3', matches, message: { body: 'darn 3' } })
  expect(dryRunRule.scannedUntil).toBe(last.createdAt)
  const none = { ...rule, words: [], pattern: '^none$' }
  expect(await kit.backend.request(DryRunRuleDocument, { input: none, since })).toMatchObject({
    dryRunRule: { scanned: 31, matched: 0, isComplete: true, examples: [] },
  })
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  expect(await kit.backend.request(DryRunRuleDocument, { input: rule, since: tomorrow })).toEqual({
    dryRunRule: { scanned: 0, matched: 0, isComplete: true, scannedUntil: null, examples: [] },
  })
  const several = { ...rule, words: ['darn', 'owl'], pattern: 'n+e' }
  await kit.backend.send(one.id, 'An owl, 🦉 darnnne, owl')
  const { examples } = (await kit.backend.request(DryRunRuleDocument, { input: several, since: last.createdAt }))
    .dryRunRule
  expect(examples.at(-1)!.matches).toEqual([
    { offset: 3, length: 3 },
    { offset: 14, length: 4 },
    { offset: 20, length: 3 },
  ])
})

test.each<[string, Partial<CreateKeywordRuleInput>]>([
  ['nothing to match', {}],
  ['no words', { words: [] }],
  ['an empty word', { words: [''] }],
  ['a word without a letter', { words: ['!?'] }],
  ['a long word', { words: ['x'.repeat(65)] }],
  ['too many words', { words: Array.from({ length: 1001 }, (_, at) => `w${at}`) }],
  ['half a pattern', { pattern: '(' }],
  ['a back-reference', { pattern: String.raw`(a)\1` }],
  ['a look-ahead', { pattern: '(?=a)b' }],
  ['a pattern that matches nothing', { pattern: 'a*' }],
  ['a huge pattern', { pattern: '(a{1000}){1000}' }],
  ['a pattern that is large with its repetitions written out', { pattern: '(a{100}){6}b' }],
  ['a long pattern', { pattern: 'a'.repeat(501) }],
  ['no name', { words: ['a'], name: '' }],
])('a rule with %s is refused', async (_name, rule) => {
  const input = { name: 'bad', action: 'MASK', ...rule } as const
  const { code } = await refusalOf(kit.backend, CreateKeywordRuleDocument, { input })
  expect(code).toBe('BAD_USER_INPUT')
})

test.each<[Partial<CreateKeywordRuleInput>, string]>([
  [{ pattern: '(a' }, 'pattern is no regular expression of RE2: missing closing ): `(a`'],
  [{ pattern: 'a*' }, 'pattern must not match the empty text'],
  [{ words: ['a', '!?'] }, 'a word must have a letter or a digit, and "!?" has none'],
  [{ words: ['a'], name: '' }, 'name must not be empty'],
  [{ words: ['a'], name: 'x'.repeat(65) }, 'name must not be longer than 64 characters'],
])('the refusal of %j says what is wrong with what was sent', async (rule, message) => {
  const input = { name: 'bad', action: 'MASK', ...rule } as const
  const { errors } = await kit.backend.ask(CreateKeywordRuleDocument, { input })
  expect(errors).toMatchObject([{ message }])
})

test('a text that a mask takes too long for is refused', async () => {
  const service = await openService()
  const { id: channelId } = await service.channel()
  await addRule(service, { pattern: '.*b|a', action: 'MASK' })
  const input = { channelId, body: 'a'.repeat(32 * 1024) }
  expect(await refusalOf(kit.backend, SendMessageDocument, { input })).toEqual(refused)
  expect((await kit.backend.send(channelId, 'aac')).body).toBe('**c')
})

test('a service has at most a hundred rules, also when two are made at the same moment', async () => {
  const service = await openService()
  for (let made = 1; made < limits.keywordRules; made++) await addRule(service, { words: ['darn'], action: 'FLAG' })
  const input = { serviceId: service.id, name: 'a rule', words: ['darn'], action: 'FLAG' as const }
  const answers = await Promise.all([1, 2].map(() => kit.backend.ask(CreateKeywordRuleDocument, { input })))
  expect(answers.flatMap(({ errors = [] }) => errors)).toMatchObject([{ extensions: { code: 'CONFLICT' } }])
})

test('flagged messages go page by page, backwards too, and by rule', async () => {
  const service = await openService()
  const { id: channelId } = await service.channel()
  const rule = await addRule(service, { words: ['darn'], action: 'FLAG' })
  const other = await addRule(service, { words: ['owl'], action: 'FLAG' })
  const bodies = ['darn 1', 'owl 2', 'darn owl 3', 'darn 4']
  for (const body of bodies) await kit.backend.send(channelId, body)
  const read = async (args: FlaggedMessagesQueryVariables) => {
    const given = { serviceId: service.id, ...args }
    const { edges, pageInfo } = (await kit.backend.request(FlaggedMessagesDocument, given)).flaggedMessages
    return {
      bodies: edges.map(({ node }) => node.message.body),
      cursors: edges.map(({ cursor }) => cursor),
      hasMore: [pageInfo.hasPreviousPage, pageInfo.hasNextPage],
    }
  }
  const { cursors } = await read({})
  expect(await read({ first: 2 })).toMatchObject({ bodies: ['darn 1', 'owl 2'], hasMore: [false, true] })
  expect(await read({ first: 2, after: cursors[0]! })).toMatchObject({
    bodies: ['owl 2', 'darn owl 3'],
    hasMore: [true, true],
  })
  expect(await read({ last: 2, before: cursors[3]! })).toMatchObject({
    bodies: ['owl 2', 'darn owl 3'],
    hasMore: [true, true],
  })
  expect((await read({ keywordRuleId: rule.id, after: cursors[0]! })).bodies).toEqual(['darn owl 3', 'darn 4'])
  expect((await read({ keywordRuleId: other.id })).bodies).toEqual(['owl 2', 'darn owl 3'])
})

test('rules are the backend’s', async () => {
  const service = await openService()
  const alice = await service.user()
  const rule = await addRule(service, { words: ['darn'], action: 'MASK' })
  const forbidden = { code: 'FORBIDDEN', chatCode: 50107 }
  const input: CreateKeywordRuleInput = { name: 'mine', words: ['a'], action: 'MASK' }
  expect(await refusalOf(alice, CreateKeywordRuleDocument, { input })).toEqual(forbidden)
  expect(await refusalOf(alice, DeleteKeywordRuleDocument, { input: { keywordRuleId: rule.id } })).toEqual(forbidden)
  const change = { keywordRuleId: rule.id, name: 'mine' }
  expect(await refusalOf(alice, UpdateKeywordRuleDocument, { input: change })).toEqual(forbidden)
  expect(await refusalOf(alice, FlaggedMessagesDocument, {})).toEqual(forbidden)
  const since = new Date().toISOString()
  expect(await refusalOf(alice, DryRunRuleDocument, { input: { words: ['a'] }, since })).toEqual(forbidden)
  expect(await alice.request(KeywordRulesDocument, {})).toEqual({ service: { keywordRules: null } })
})

test('a rule is a node for the backend of its account, as long as it stands', async () => {
  const service = await openService()
  const [first, second] = [
    await addRule(service, { words: ['first'], action: 'FLAG' }),
    await addRule(service, { words: ['second'], action: 'MASK' }),
  ]
  const find = async (caller: Pick<typeof kit.backend, 'request'>, id: string) =>
    (await caller.request(NodeDocument, { id })).node
  for (const { id } of [first, second]) {
    expect(await find(kit.backend, id)).toEqual({ __typename: 'KeywordRule', id })
  }
  const found = await kit.backend.request(`{ node(id: "${second.id}") { ... on KeywordRule { words action } } }`)
  expect(found).toEqual({ node: { words: ['second'], action: 'MASK' } })
  const { backend: stranger } = await makeAccount(kit)
  for (const caller of [stranger, await service.user('alice')]) expect(await find(caller, first.id)).toBeNull()
  await kit.backend.request(DeleteKeywordRuleDocument, { input: { serviceId: service.id, keywordRuleId: first.id } })
  expect(await find(kit.backend, first.id)).toBeNull()
  expect(await find(kit.backend, second.id)).not.toBeNull()
})
