import { once } from 'node:events'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express from 'express'
import twilio from 'twilio'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import {
  SigningSecretDocument,
  WebhookDeliveriesDocument,
  type WebhookSettingsInput,
} from '../../schema/generated/graphql.ts'
import { freePort } from '../support/free-port.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { findRuntime } from '../support/runtime.ts'
import { makeScratch } from '../support/scratch.ts'
import { startServerProcess } from '../support/server-process.ts'
import { waitFor } from '../support/wait.ts'
import { hookService, webhookEnvironment, type HookedService } from '../support/webhooks.ts'

// A runtime may have to be installed first.
vi.setConfig({ testTimeout: 300_000 })

let kit: Kit
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
})
afterAll(() => kit.close())

const body = 'Draw the owl? “ñ 漢字 🦉” & = + % <b> bodySHA256'

/** A service with required pre-events and with post-events of messages. */
async function hookMessages(url: string, webhooks: WebhookSettingsInput): Promise<HookedService> {
  const filters = ['ON_MESSAGE_SEND', 'ON_MESSAGE_SENT'] as const
  return hookService(kit, { url }, { preRequired: true, filters: [...filters], ...webhooks })
}

/** Sends a message, which must go through, and waits until the receiver has taken the post-event too. */
async function sendThrough(url: string, webhooks: WebhookSettingsInput) {
  const service = await hookMessages(url, webhooks)
  const alice = await service.user('alice')
  const channel = await service.channel([alice])
  const message = await alice.send(channel.id, body)
  expect(message.body).toBe(body)
  await delivered(service)
  return { message: body, to: channel.id, from: alice.identity }
}

async function delivered({ id: serviceId }: HookedService): Promise<void> {
  await waitFor(async () => {
    const { webhookDeliveries } = await kit.backend.request(WebhookDeliveriesDocument, { serviceId })
    return webhookDeliveries.edges[0]?.node.status === 'DELIVERED'
  })
}

const receivers = [
  {
    name: 'PHP',
    method: 'POST',
    runtime: { commands: ['php'], args: ['--version'], packages: ['php-cli'] },
    command: (file: string, port: number) => ['-S', `127.0.0.1:${port}`, file],
    file: 'receiver.php',
    ready: 'Development Server',
  },
  {
    name: 'Flask',
    method: 'GET',
    runtime: { commands: ['python3', '/usr/bin/python3'], args: ['-c', 'import flask'], packages: ['python3-flask'] },
    command: (file: string) => [file],
    file: 'receiver.py',
    ready: 'Running on',
  },
  {
    name: 'Sinatra',
    method: 'GET',
    runtime: {
      commands: ['ruby'],
      args: ['-e', 'require "sinatra/base"; require "webrick"'],
      packages: ['ruby-sinatra', 'ruby-webrick'],
    },
    command: (file: string) => [file],
    file: 'receiver.rb',
    ready: 'has taken the stage',
  },
] as const

test.for(receivers)(
  'the $name example of the product page takes webhooks as it is',
  async ({ method, runtime, command, file, ready }, { skip }) => {
    const found = findRuntime(runtime.commands, runtime.args, runtime.packages)
    if (found === undefined) return skip('its runtime is not there, and cannot be installed')
    await using scratch = await makeScratch()
    const port = await freePort()
    const received = join(scratch.path, 'received')
    const server = await startServerProcess({
      scratch,
      command: found,
      args: command(fileURLToPath(new URL(`../receivers/${file}`, import.meta.url)), port),
      ready,
      environment: { PORT: String(port), RECEIVED: received, RACK_ENV: 'production' },
    })
    try {
      const sent = await sendThrough(`http://127.0.0.1:${port}/ip-msg-webhook`, { method })
      const lines = (await readFile(received, 'utf8')).trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([sent])
    } finally {
      await server.end('SIGKILL')
    }
  },
)

/** A receiver on Express, for as long as the test takes. */
async function listenTo(app: express.Express) {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}/ip-msg-webhook`, [Symbol.dispose]: close }
}

test('the Express example of the product page takes webhooks as it is, behind the helper library’s check', async () => {
  const app = express()
  const triggers: unknown[] = []
  app.use(express.urlencoded({ extended: false }))
  app.use(twilio.webhook(kit.server.account.authToken))
  app.post('/ip-msg-webhook', (request, response) => {
    const { trigger } = request.query
    triggers.push(trigger)
    if (trigger === 'onMessageSend') {
      const { message, to, from } = request.query
      triggers.push({ message, to, from })
      response.send('received message')
    } else {
      response.sendStatus(200)
    }
  })
  using receiver = await listenTo(app)
  // One without a value is written in another way by what the library tries last.
  const sent = await sendThrough(`${receiver.url}?own`, { method: 'POST' })
  expect(triggers).toEqual(['onMessageSend', sent, 'onMessageSent'])
})

test('JSON is taken behind the helper library’s check, which compares the raw body', async () => {
  const { authToken } = kit.server.account
  const app = express()
  const received: unknown[] = []
  const keepRaw = (request: object, _response: unknown, raw: Buffer): void => {
    Object.assign(request, { rawBody: raw.toString() })
  }
  app.use(express.json({ limit: '1mb', verify: keepRaw }))
  app.use(twilio.webhook(authToken))
  app.post('/ip-msg-webhook', (request, response) => {
    const { EventType, Body, ChannelSid, From } = request.body as Record<string, string>
    received.push({ EventType, message: Body, to: ChannelSid, from: From })
    response.sendStatus(200)
  })
  using receiver = await listenTo(app)
  const sent = await sendThrough(receiver.url, { bodyFormat: 'JSON' })
  expect(received).toEqual(['onMessageSend', 'onMessageSent'].map((EventType) => ({ EventType, ...sent })))
})

test('the receiver of JSON in WEBHOOKS.md works as it stands there, and refuses what is not signed', async () => {
  await using scratch = await makeScratch()
  const page = await readFile(new URL('../../WEBHOOKS.md', import.meta.url), 'utf8')
  const [, script] = /^```js\n(.*?)^```$/ms.exec(page)!
  await writeFile(join(scratch.path, 'receiver.mjs'), script!)
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(scratch.path, 'node_modules'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/hook`
  const service = await hookMessages(url, { bodyFormat: 'JSON' })
  const keys = await kit.backend.request(SigningSecretDocument, { serviceId: service.id })
  const server = await startServerProcess({
    scratch,
    command: process.execPath,
    args: ['--import', 'data:text/javascript,process.stdout.write("begins")', 'receiver.mjs'],
    ready: 'begins',
    environment: { PORT: String(port), SIGNING_SECRET: keys.service!.webhooks!.signingSecret },
  })
  try {
    const headers = { 'content-type': 'application/json' }
    const forge = () => fetch(url, { method: 'POST', headers, body: '{"EventType":"onMessageSend","Body":"darn"}' })
    const forged = await waitFor(forge)
    expect(forged.status).toBe(403)
    const { id } = await service.channel()
    expect((await kit.backend.send(id, `darn ${body}`)).body).toBe(`**** ${body}`)
    await delivered(service)
  } finally {
    await server.end('SIGKILL')
  }
})
