import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreateApiKeyDocument, MessageAddedDocument } from '../../../schema/generated/graphql.ts'
import { openKit, record, type Kit } from '../../support/kit.ts'
import { waitFor } from '../../support/wait.ts'
import { openReceiver } from '../../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../../support/webhooks.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
})
afterAll(() => kit.close())

const ask = (authorization?: string, method = 'GET'): Promise<Response> =>
  fetch(`${kit.server.url}/metrics`, { method, headers: authorization === undefined ? {} : { authorization } })

/** Values by name and labels, as they are written. */
async function read(): Promise<Readonly<Record<string, number>>> {
  const lines = (await (await ask(kit.backend.authorization)).text()).split('\n')
  const samples = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/ (?=\S+$)/))
  return Object.fromEntries(samples.map(([name, value]) => [name, Number(value)]))
}

test('metrics are the backend’s: for the account and for API keys, and for nobody else', async () => {
  const { createApiKey: key } = await kit.backend.request(CreateApiKeyDocument, { input: {} })
  for (const authorization of [kit.backend.authorization, `Basic ${btoa(`${key.apiKey.id}:${key.secret}`)}`]) {
    const answer = await ask(authorization)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await answer.text()).toMatch(/^# HELP process_cpu_seconds_total /m)
  }
  const alice = await kit.user('alice')
  for (const authorization of [undefined, `Basic ${btoa(`${key.apiKey.id}:wrong`)}`, alice.authorization, 'Basic x']) {
    const answer = await ask(authorization)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /)
    expect(await answer.json()).toMatchObject({ code: 20003, status: 401 })
  }
  expect((await ask(kit.backend.authorization, 'POST')).status).toBe(404)
})

test('they count connections, subscriptions and messages', async () => {
  const alice = await kit.user('alice')
  const { id: channelId } = await kit.channel([alice])
  const before = await read()
  const client = alice.connect()
  const recording = record(client, MessageAddedDocument, { channelId })
  await waitFor(async () => (await read())['fonechat_subscriptions{transport="websocket"}'] === 1)
  expect(await read()).toMatchObject({ 'fonechat_connections{transport="websocket"}': 1, fonechat_present_users: 1 })
  for (let at = 0; at < 3; at++) await alice.send(channelId, `message ${at}`)
  await recording.atLeast(3)
  const sent = 'fonechat_messages_sent_total'
  expect((await read())[sent]).toBe(before[sent]! + 3)
  recording.stop()
  await client.dispose()
  await waitFor(async () => (await read())['fonechat_connections{transport="websocket"}'] === 0)
  expect(await read()).toMatchObject({ 'fonechat_subscriptions{transport="websocket"}': 0, fonechat_present_users: 0 })
})

test('they count webhooks, without any address', async () => {
  await using receiver = await openReceiver()
  const service = await hookService(kit, receiver)
  const { id: channelId } = await service.channel()
  const requests = (kind: string, outcome: string): string =>
    `fonechat_webhook_request_seconds_count{kind="${kind}",outcome="${outcome}"}`
  const before = await read()
  const since = async (name: string): Promise<number> => (await read())[name]! - (before[name] ?? 0)
  await kit.backend.send(channelId, 'one')
  await receiver.atLeast(2)
  await waitFor(async () => (await read())['fonechat_webhook_deliveries_waiting'] === 0)
  expect(await since(requests('pre', 'accepted'))).toBe(1)
  expect(await since(requests('post', 'accepted'))).toBe(1)
  expect(await since('fonechat_messages_sent_total')).toBe(1)
  receiver.answer = (_received, response) => response.writeHead(500).end()
  await kit.backend.ask('mutation($id: ID!) { sendMessage(input: {channelId: $id, body: "two"}) { message { id } } }', {
    id: channelId,
  })
  expect(await since(requests('pre', 'refused'))).toBe(1)
  receiver.answer = ({ parameters }, response) =>
    response.writeHead(parameters['EventType'] === 'onMessageSent' ? 500 : 200).end()
  await kit.backend.send(channelId, 'three')
  await kit.backend.send(channelId, 'four')
  await waitFor(async () => (await read())[requests('post', 'refused')]! > (before[requests('post', 'refused')] ?? 0))
  await waitFor(async () => (await read())['fonechat_webhook_deliveries_waiting'] === 2)
  expect(await (await ask(kit.backend.authorization)).text()).not.toMatch(/127\.0\.0\.1|ip-msg-webhook/)
})

test('an endpoint that is left alone shows', async () => {
  await using receiver = await openReceiver()
  receiver.answer = () => {}
  const service = await hookService(kit, receiver, { postUrl: null, preTimeoutMilliseconds: 100 })
  const { id: channelId } = await service.channel()
  const openings = 'fonechat_webhook_circuit_openings_total'
  const skipped = 'fonechat_pre_events_skipped_total'
  const timeouts = 'fonechat_webhook_request_seconds_count{kind="pre",outcome="timeout"}'
  const before = await read()
  expect(before).toMatchObject({ fonechat_webhook_circuits_open: 0 })
  await Promise.all(
    Array.from({ length: 8 }, (_, at) => kit.backend.send(channelId, `message ${at}`, { authorIdentity: `a${at}` })),
  )
  await kit.backend.send(channelId, 'unasked')
  const after = await read()
  expect(after).toMatchObject({ fonechat_webhook_circuits_open: 1 })
  expect(after[openings]! - before[openings]!).toBe(1)
  // Those that were under way when the fifth timed out do so too; the others are skipped.
  const timedOut = after[timeouts]! - (before[timeouts] ?? 0)
  expect(timedOut).toBeGreaterThanOrEqual(5)
  expect(after[skipped]! - before[skipped]!).toBe(9 - timedOut)
  expect(timedOut).toBeLessThan(9)
})
