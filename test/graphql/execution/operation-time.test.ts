import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sidToUuid, type Sid } from '../../../src/model/sid.ts'
import { openKit, openSocket, type Kit } from '../../support/kit.ts'
import { ok, openReceiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../../support/webhooks.ts'

const milliseconds = 1500

let kit: Kit
beforeAll(async () => {
  kit = await openKit({ ...webhookEnvironment, DATABASE_TOTAL_TIMEOUT: String(milliseconds) })
})
afterAll(() => kit.close())

/** Keeps the channel locked, which on the embedded engine is all there is, while `work` runs. */
async function whileLocked<Result>(channelId: string, work: () => Promise<Result>): Promise<Result> {
  const locked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const held = kit.store.db.transaction(async (tx) => {
    await tx.run('SELECT id FROM channels WHERE id = $1 FOR UPDATE', [sidToUuid(channelId as Sid)])
    locked.resolve()
    await released.promise
  })
  await locked.promise
  try {
    return await work()
  } finally {
    released.resolve()
    await held
  }
}

const unavailable = expect.objectContaining({ extensions: { code: 'UNAVAILABLE', outcome: 'UNKNOWN' } }) as unknown

test('an operation that the database keeps waiting is answered in time, over every way in', async () => {
  const channel = await kit.channel()
  const { url, account } = kit.server
  const authorization = `Basic ${btoa(`${account.accountId}:${account.authToken}`)}`
  const query = `mutation { updateChannel(input: { channelId: "${channel.id}", friendlyName: "late" }) { channel { id } } }`
  // Its credentials are known by now.
  await kit.backend.request('{ viewer { kind } }')
  const client = openSocket(kit.server, { authorization })
  const socket = client.iterate({ query: '{ viewer { kind } }' })
  await socket.next()
  const answers = await whileLocked(channel.id, () =>
    Promise.all([
      post(url, authorization, 'application/json', query),
      post(url, authorization, 'text/event-stream', query),
      client
        .iterate({ query })
        .next()
        .then(({ value }) => value as unknown),
      fetch(`${url}/v1/Services/${account.serviceId}/Channels/${channel.id}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'FriendlyName=late',
      }).then((response) => response.status),
    ]),
  )
  const errors = { errors: [unavailable] }
  expect(answers.slice(0, 3)).toEqual(Array(3).fill(expect.objectContaining(errors)))
  expect(answers[3]).toBe(503)
  await client.dispose()
})

async function post(url: string, authorization: string, accept: string, query: string): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization, accept, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const [, json = ''] = /(\{.*\})/s.exec(await response.text()) ?? []
  return JSON.parse(json) as unknown
}

test('the time of a pre-event is not the database’s', async () => {
  await using receiver = await openReceiver()
  const service = await hookService(kit, receiver)
  const alice = await service.user('alice')
  const channel = await service.channel([alice])
  receiver.answer = async (received, response) => {
    if (received.parameters['EventType'] === 'onMessageSend') await delay(2 * milliseconds)
    ok(received, response)
  }
  expect(await alice.send(channel.id, 'slowly asked for')).toMatchObject({ index: 0 })
})
