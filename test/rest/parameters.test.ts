import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { openRest, type Rest } from '../support/rest.ts'
import { waitFor } from '../support/wait.ts'
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

let kit: Kit
let rest: Rest
let receiver: Receiver
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
  rest = await openRest(kit)
  receiver = await openReceiver()
})
afterAll(async () => {
  await kit.close()
  await receiver.close()
})

beforeEach(() => {
  receiver.received.length = 0
})

const post = (path: string, form: string, headers = {}) => rest.call('POST', path, form, headers)

test('an empty From, Type or Order is as if it was not sent', async () => {
  const { id } = await kit.channel([], { type: 'PRIVATE' })
  const messages = rest.in(`/Channels/${id}/Messages`)
  for (const form of ['Body=x&From=', 'Body=x&From', 'Body=x']) {
    expect(await post(messages, form)).toMatchObject({ status: 201, body: { from: 'system' } })
  }
  for (const query of ['?Order=', '?Order', '']) {
    const { body } = await rest.get<{ messages: { index: number }[] }>(messages + query)
    expect(body.messages.map(({ index }) => index)).toEqual([0, 1, 2])
  }
  for (const form of ['Type=', 'Type', '']) {
    expect(await post(rest.in('/Channels'), form)).toMatchObject({ status: 201, body: { type: 'public' } })
  }
  const listed = async (query: string): Promise<number> =>
    (await rest.get<{ channels: [] }>(rest.in(`/Channels${query}`))).body.channels.length
  const all = await listed('')
  expect(all).toBe(4)
  expect([await listed('?Type='), await listed('?Type'), await listed('?Type=&Type=private')]).toEqual([all, all, 1])
  expect(await post(rest.in('/Roles'), 'FriendlyName=x&Type=&Permission=sendMessage')).toMatchObject({
    status: 400,
    body: { message: 'Missing required parameter Type in the post body' },
  })
})

test('filters of webhooks can be emptied', async () => {
  const path = `/Services/${rest.serviceId}`
  const set = 'WebhookFilters=onMessageSend&WebhookFilters=onMessageSent'
  for (const empty of ['WebhookFilters=', 'WebhookFilters']) {
    expect((await post(path, set)).body).toMatchObject({ webhook_filters: ['onMessageSend', 'onMessageSent'] })
    expect(await post(path, empty)).toMatchObject({ status: 200, body: { webhook_filters: [] } })
  }
})

test('the format of webhook bodies is no concern of v1: it is not shown, and a change of the rest leaves it', async () => {
  const service = await hookService(kit, receiver, { bodyFormat: 'JSON' })
  const path = `/Services/${service.id}`
  const before = await rest.get<object>(path)
  expect(JSON.stringify(before.body)).not.toMatch(/format|json/i)
  const change = `WebhookMethod=POST&PostWebhookUrl=${receiver.url}&Webhooks.OnMessageSend.Method=POST&FriendlyName=x`
  expect(await post(path, change)).toMatchObject({ status: 200 })
  const { id } = await service.channel()
  await rest.post(`${path}/Channels/${id}/Messages`, { Body: 'hello' })
  const [delivery] = await receiver.atLeast(1, 'onMessageSent')
  expect(delivery!.headers['content-type']).toBe('application/json')
})

test('a SID is one in any case, in paths and parameters', async () => {
  const alice = await kit.user('alice')
  const { id } = await kit.channel([alice])
  const mixed = (sid: string): string => sid.slice(0, 1).toLowerCase() + sid.slice(1).toUpperCase()
  const inService = (path: string): string => `/Services/${mixed(rest.serviceId)}${path}`
  const { body: role } = await rest.post<{ sid: string }>(rest.in('/Roles'), {
    FriendlyName: uniqueName('role'),
    Type: 'channel',
    Permission: ['sendMessage'],
  })
  const { body: members } = await rest.get<{ members: { sid: string }[] }>(inService(`/Channels/${mixed(id)}/Members`))
  const member = inService(`/Channels/${mixed(id)}/Members/${mixed(members.members[0]!.sid)}`)
  expect(await post(member, `RoleSid=${mixed(role.sid)}`)).toMatchObject({ status: 200, body: { role_sid: role.sid } })
  const { body: user } = await rest.get<{ sid: string }>(rest.in(`/Users/${alice.identity}`))
  const { body: message } = await rest.post<{ sid: string }>(inService(`/Channels/${mixed(id)}/Messages`), {
    Body: 'x',
  })
  const all: readonly [path: string, sid: string][] = [
    [`/Channels/${mixed(id)}`, id],
    [`/Channels/${mixed(id)}/Messages/${mixed(message.sid)}`, message.sid],
    [`/Users/${mixed(user.sid)}`, user.sid],
    [`/Roles/${mixed(role.sid)}`, role.sid],
  ]
  for (const [path, sid] of all) {
    expect(await rest.get(inService(path))).toMatchObject({ status: 200, body: { sid } })
  }
  expect(await rest.get(`/Services/${mixed(rest.serviceId)}`)).toMatchObject({ body: { sid: rest.serviceId } })
})

test('X-Twilio-Webhook-Enabled: true has post-events sent where the service sends none of the backend', async () => {
  const service = await hookService(kit, receiver, { apiEnabled: false })
  const { id } = await service.channel()
  const send = (text: string, headers = {}) =>
    rest.call('POST', `/Services/${service.id}/Channels/${id}/Messages`, { Body: text }, headers)
  await send('unheard')
  await send('sent', { 'x-twilio-webhook-enabled': 'true' })
  await kit.backend.with({ 'x-twilio-webhook-enabled': 'True' }).send(id, 'sent too')
  await service.set({ enabled: false })
  await send('off', { 'x-twilio-webhook-enabled': 'true' })
  await service.set({ enabled: true })
  await send('last', { 'x-twilio-webhook-enabled': 'true' })
  const bodies = () => receiver.of('onMessageSent').map(({ parameters }) => parameters['Body'])
  await waitFor(() => bodies().includes('last'))
  expect(bodies()).toEqual(['sent', 'sent too', 'last'])
  expect(receiver.of('onMessageSend')).toEqual([])
})

test('an address that could never be called is refused when it is set', async () => {
  const path = `/Services/${rest.serviceId}`
  const wrong = [
    'http://10.0.0.1/hook',
    'http://[::1]/hook',
    'http://169.254.169.254/',
    'http://example.com:0/',
    'http://a..example.com/',
    `http://${'x'.repeat(64)}.example.com/`,
    'http://0x0a000001/',
  ]
  for (const url of wrong) {
    for (const name of ['PreWebhookUrl', 'PostWebhookUrl', 'Webhooks.OnMessageSend.Url']) {
      const answer = await rest.post(path, { [name]: url })
      expect([url, name, answer.status, answer.body['message']]).toEqual([
        url,
        name,
        400,
        expect.stringContaining("can't be called"),
      ])
    }
  }
  for (const url of ['http://127.0.0.1:1/hook', 'http://localhost/hook', 'https://example.com:8443/hook']) {
    expect(await rest.post(path, { PreWebhookUrl: url })).toMatchObject({ status: 200 })
  }
  const { port } = await kit.another({ WEBHOOK_NETWORKS: '10.0.0.0/8' })
  for (const [host, status] of [
    ['localhost', 400],
    ['x.localhost', 400],
    ['127.0.0.1', 400],
    ['10.1.2.3', 200],
  ] as const) {
    const response = await fetch(`http://127.0.0.1:${port}/v1${path}`, {
      method: 'POST',
      headers: { authorization: kit.backend.authorization },
      body: new URLSearchParams({ PreWebhookUrl: `http://${host}/` }),
    })
    expect([host, response.status]).toEqual([host, status])
  }
})

/** Paths with what is really there in the slots, so that a wrong text is what is looked at. */
async function openPaths(): Promise<(path: string) => string> {
  const alice = await kit.user('alice')
  const { id } = await kit.channel([alice])
  const { body: message } = await rest.post<{ sid: string }>(rest.in(`/Channels/${id}/Messages`), { Body: 'x' })
  const { body: members } = await rest.get<{ members: { sid: string }[] }>(rest.in(`/Channels/${id}/Members`))
  const { body: role } = await rest.post<{ sid: string }>(rest.in('/Roles'), {
    FriendlyName: uniqueName('role'),
    Type: 'channel',
    Permission: ['sendMessage'],
  })
  const { body: credential } = await rest.post<{ sid: string }>('/Credentials', { Type: 'fcm', Secret: 'x' })
  const { body: guest } = await rest.post<{ identity: string }>(rest.in('/Users'), { Identity: uniqueName('guest') })
  const { body: invite } = await rest.post<{ sid: string }>(rest.in(`/Channels/${id}/Invites`), {
    Identity: guest.identity,
  })
  const known: Record<string, string> = {
    Services: rest.serviceId,
    Channels: id,
    Members: members.members[0]!.sid,
    Messages: message.sid,
    Users: alice.identity,
    Roles: role.sid,
    Credentials: credential.sid,
    Invites: invite.sid,
  }
  return (path) => path.replace(/(\w+)\/\{\w+\}/g, (_slot, kind: string) => `${kind}/${known[kind]!}`)
}

test('text that cannot be stored is refused in every path, query and form, and is no fault of the server', async () => {
  const fill = await openPaths()
  const { document, parameters } = rest.description
  const texts = ['%00', 'x%00', '%ED%A0%80', '%FF']
  const wrong: unknown[] = []
  let asked = 0
  const send = async (method: string, path: string, body?: string): Promise<void> => {
    const response = await fetch(`${kit.server.url}/v1${path}`, {
      method,
      headers: {
        authorization: kit.backend.authorization,
        ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(body !== undefined && { body }),
    })
    asked++
    const isFine = response.status >= 400 && response.status < 500
    if (!isFine) wrong.push([method, path, body, response.status])
    await response.body?.cancel()
  }
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, { operationId }] of Object.entries(item)) {
      if (operationId === undefined) continue
      const verb = method.toUpperCase()
      for (const text of texts) {
        const slots = [...path.matchAll(/\{(\w+)\}/g)]
        for (const [slot] of slots)
          await send(verb, fill(path.replace(slot, text)), verb === 'POST' ? 'Body=x' : undefined)
        for (const name of parameters[operationId]!) {
          const pair = `${name}=${text}`
          if (verb === 'POST') await send(verb, fill(path), pair)
          else if (name !== 'PageToken' || text !== '%00') await send(verb, `${fill(path)}?${pair}`)
        }
      }
    }
  }
  expect(wrong).toEqual([])
  expect(asked).toBeGreaterThan(500)
})

test('the description has bounds, formats, refusals and the header of webhooks', () => {
  const { paths } = rest.description.document as unknown as {
    paths: Record<
      string,
      Record<string, { operationId?: string; parameters?: { name: string; in: string }[]; responses: object }>
    >
  }
  for (const item of Object.values(paths)) {
    for (const [method, { operationId, parameters = [], responses }] of Object.entries(item)) {
      if (operationId === undefined) continue
      const statuses = Object.keys(responses)
      for (const status of ['400', '401', '500', '503', 'default'])
        expect([operationId, statuses]).toEqual([operationId, expect.arrayContaining([status])])
      const hasSwitch = parameters.some(({ name }) => name === 'X-Twilio-Webhook-Enabled')
      expect([operationId, hasSwitch]).toEqual([operationId, method !== 'get'])
    }
  }
  const text = JSON.stringify(rest.description.document)
  for (const part of ['"format":"date-time"', '"format":"uri"', '"maximum":1000', '"maxLength":32768'])
    expect(text).toContain(part)
})
