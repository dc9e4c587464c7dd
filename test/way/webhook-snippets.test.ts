import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express from 'express'
import twilio from 'twilio'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebhookNoticesDocument, type WebhookMethod } from '../../schema/generated/graphql.ts'
import { freePort } from '../support/free-port.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { findRuntime } from '../support/runtime.ts'
import { makeScratch } from '../support/scratch.ts'
import { startServerProcess } from '../support/server-process.ts'
import { waitFor } from '../support/wait.ts'
import { hookService, webhookEnvironment } from '../support/webhooks.ts'

// A runtime may have to be installed first.
vi.setConfig({ testTimeout: 300_000 })

let kit: Kit
beforeAll(async () => {
  kit = await openKit(webhookEnvironment)
})
afterAll(() => kit.close())

const body = 'Draw the owl! “ñ 漢字 🦉” & = + % <b>'

/** Sends a message, which must go through, and waits until the receiver has taken the post-event too. */
async function sendThrough(url: string, method: WebhookMethod) {
  const filters = ['ON_MESSAGE_SEND', 'ON_MESSAGE_SENT'] as const
  const service = await hookService(kit, { url }, { method, preRequired: true, filters: [...filters] })
  const alice = await service.user('alice')
  const channel = await service.channel([alice])
  const message = await alice.send(channel.id, body)
  expect(message.body).toBe(body)
  await waitFor(async () => {
    const { webhookNotices } = await kit.backend.request(WebhookNoticesDocument, { serviceId: service.id })
    return webhookNotices.edges[0]?.node.status === 'DELIVERED'
  })
  return { message: body, to: channel.id, from: alice.identity }
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
      const sent = await sendThrough(`http://127.0.0.1:${port}/ip-msg-webhook`, method)
      const lines = (await readFile(received, 'utf8')).trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([sent])
    } finally {
      await server.end('SIGKILL')
    }
  },
)

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
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const sent = await sendThrough(`http://127.0.0.1:${port}/ip-msg-webhook`, 'POST')
    expect(triggers).toEqual(['onMessageSend', sent, 'onMessageSent'])
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
