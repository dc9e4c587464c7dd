import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  CreateApiKeyDocument,
  EventsDocument,
  HistoryDocument,
  SendMessageDocument,
  UserUpdatedDocument,
  ViewerDocument,
} from '../../schema/generated/graphql.ts'
import type { ChannelId, UserId } from '../../src/model/sid.ts'
import { captureLog, type CapturedLog } from '../support/captured-log.ts'
import { withoutTable } from '../support/hidden-table.ts'
import { openKit, openSocket, record, requestOver, type Kit, type User } from '../support/kit.ts'
import { shutOut } from '../support/refusal.ts'
import { waitFor } from '../support/wait.ts'

let kit: Kit
let alice: User
let channelId: ChannelId
let log: CapturedLog
beforeEach(async () => {
  kit = await openKit()
  alice = await kit.user('alice')
  channelId = (await kit.channel([alice])).id
  log = captureLog(kit.server.app.logger)
})
afterEach(() => kit.close())

const withoutMessages = <Result>(work: () => Promise<Result>): Promise<Result> =>
  withoutTable(kit.store, 'messages', work)

test('a fault of the server shows a reference and nothing more, and the log has the rest', async () => {
  const answers = await withoutMessages(async () => [
    await alice.ask(HistoryDocument, { channelId }),
    await alice.ask(SendMessageDocument, { input: { channelId, body: 'lost' } }),
  ])
  for (const { errors } of answers) {
    expect(errors).toMatchObject([
      {
        message: 'internal error',
        extensions: { code: 'INTERNAL_SERVER_ERROR', reference: expect.any(String) as string },
      },
    ])
    const { reference } = errors![0]!.extensions as unknown as { reference: string }
    expect(reference).toMatch(/^[0-9a-f-]{36}$/)
    expect(log.lines.find((line) => line.includes(reference))).toContain('messages')
    expect(Object.keys(errors![0]!).sort()).toEqual(['extensions', 'locations', 'message', 'path'])
  }
  expect(JSON.stringify(answers)).not.toMatch(/messages\b.*does not exist|select|insert|node_modules|\.ts/i)
  expect((await alice.send(channelId, 'well again')).index).toBe(0)
})

test('over WebSocket a fault shows a reference and nothing more too', async () => {
  const client = alice.connect()
  await requestOver(client, ViewerDocument)
  const [history, events] = await withoutMessages(async () => {
    const recordings = [
      record(client, HistoryDocument, { channelId }),
      record(client, EventsDocument, { channelId }),
    ] as const
    await Promise.all(recordings.map((recording) => recording.ended()))
    return recordings
  })
  expect(history.errors.flat()).toMatchObject([
    {
      message: 'internal error',
      extensions: { code: 'INTERNAL_SERVER_ERROR', reference: expect.any(String) as string },
    },
  ])
  expect(events.errors.flat()).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  expect(JSON.stringify([history.errors, events.errors])).not.toMatch(/does not exist|select|node_modules|\.ts/i)
  await client.dispose()
})

test('a subscription ends when nothing of an event can be read, and says no more than that', async () => {
  const client = alice.connect()
  const { viewer } = await requestOver(client, ViewerDocument)
  const { id: userId } = viewer.user!
  const received = record(client, UserUpdatedDocument)
  await waitFor(() => kit.server.app.userFeeds.get(userId as UserId)?.listenerCount === 2)
  const rename = (friendlyName: string) =>
    kit.backend.request('mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { id } } }', {
      input: { userId, friendlyName },
    })
  await rename('One')
  await received.atLeast(1)
  await withoutTable(kit.store, 'roles', async () => {
    await rename('Two')
    await received.ended()
  })
  expect(received.items).toHaveLength(1)
  expect(received.errors.flat()).toMatchObject([
    { message: 'the subscription failed: internal error', extensions: { code: 'UNAVAILABLE' } },
  ])
  expect(log.text).toContain('internal error')
  await client.dispose()
})

test('no secret is ever logged, whatever goes right or wrong', async () => {
  const { authToken, accountId } = kit.server.account
  const { createApiKey } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  const wrongPassword = 'a-password-that-is-wrong'
  await shutOut(kit.server, { authorization: `Basic ${btoa(`${accountId}:${wrongPassword}`)}` })
  await shutOut(kit.server, { token: `${alice.token}x` })
  const client = openSocket(kit.server, { token: alice.token, deviceId: 'phone' })
  await requestOver(client, ViewerDocument)
  await client.dispose()
  await withoutMessages(async () => {
    await alice.ask(SendMessageDocument, { input: { channelId, body: 'lost' } })
    await kit.backend.ask(SendMessageDocument, { input: { channelId, body: 'lost' } })
  })
  const { orm } = kit.store.db
  await orm.execute('ALTER TABLE api_keys RENAME TO hidden')
  await kit.backend.ask(CreateApiKeyDocument, { input: { friendlyName: 'never made' } })
  kit.server.app.caches.apiKeys.clear()
  await alice.ask(ViewerDocument)
  await orm.execute('ALTER TABLE hidden RENAME TO api_keys')
  expect(log.text).toContain('internal error')
  const secrets = [authToken, createApiKey.secret, wrongPassword, alice.token, alice.token.split('.')[2]!]
  for (const secret of [...secrets, kit.backend.authorization.slice(6)]) expect(log.text).not.toContain(secret)
})

test('credentials are never in an answer, however wrong they are', async () => {
  const password = 'a-password-that-is-wrong'
  const wrong = [
    `Basic ${btoa(`${kit.server.account.accountId}:${password}`)}`,
    `Bearer ${alice.token}x`,
    `Bearer ${password}`,
    `Digest ${password}`,
  ]
  for (const authorization of wrong) {
    const response = await fetch(`${kit.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: '{"query":"{ viewer { kind } }"}',
    })
    const text = await response.text()
    expect(response.status).toBe(401)
    expect(text).toContain('UNAUTHENTICATED')
    expect(text).not.toContain(password)
    expect(text).not.toContain(alice.token)
  }
})
