import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { firstLine } from '../../../test/support/first-line.ts'
import { openSocket } from '../../../test/support/kit.ts'
import { makeScratch } from '../../../test/support/scratch.ts'
import { waitFor } from '../../../test/support/wait.ts'
import { startFonechat, type Fonechat } from '../../src/testing/index.ts'

const server = fileURLToPath(new URL('../../..', import.meta.url))

const send = /* GraphQL */ `
  mutation ($input: SendMessageInput!) {
    sendMessage(input: $input) {
      message {
        index
      }
    }
  }
`

const createChannel = 'mutation { createChannel(input: { uniqueName: "news" }) { channel { id } } }'

const say = (fonechat: Fonechat, body: string) => fonechat.backend(send, { input: { channelId: 'news', body } })

async function ask(url: string, token: string, query = '{ viewer { user { identity } } }'): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  })
  return response.json()
}

test('a server of one’s own: users, the backend, an expired token, faults of the network', async () => {
  await using fonechat = await startFonechat({ server, settings: { PAGE: 'false' } })
  const token = await fonechat.token('alice')
  expect(await ask(fonechat.url, token)).toEqual({ data: { viewer: { user: { identity: 'alice' } } } })
  expect(await ask(fonechat.url, await fonechat.expiredToken('alice'))).toMatchObject({
    errors: [{ message: 'the token has expired', extensions: { chatCode: 20104 } }],
  })
  await expect(fonechat.backend('{ nothing }')).rejects.toThrow('Cannot query field')

  const own = await fonechat.openProxy()
  fonechat.proxy.offline()
  await expect(ask(fonechat.url, token)).rejects.toThrow('fetch failed')
  expect(await ask(own.url, token)).toHaveProperty('data')
  await fonechat.backend(createChannel)
  expect(await say(fonechat, 'past the proxy')).toEqual({ sendMessage: { message: { index: 0 } } })
  expect(await (await fetch(`${own.url}/`)).text()).not.toContain('<script')
  await fonechat.stop()
  await expect(ask(own.url, token)).rejects.toThrow('fetch failed')
  await expect(fonechat.backend('{ viewer { __typename } }')).rejects.toThrow('the server does not run')
}, 240_000)

test('at a gap what was written is lost, and a stream that has seen it says so', async () => {
  await using fonechat = await startFonechat({ server })
  await fonechat.backend(createChannel)
  const token = await fonechat.token('alice')
  await ask(fonechat.url, token, 'mutation { joinChannel(input: { channelId: "news" }) { member { id } } }')
  const seen: { __typename: string; cursor?: string }[] = []
  const client = openSocket(fonechat, { token, deviceId: 'a-device' })
  const follow = (after?: string) =>
    client.subscribe<{ events: { __typename: string; cursor?: string } }>(
      {
        query:
          'subscription ($id: ID!, $after: String) { events(channelId: $id, after: $after) { __typename ... on Gap { cursor } ... on MessageAdded { cursor } } }',
        variables: { id: 'news', after },
      },
      { next: ({ data }) => void (data && seen.push(data.events)), error: () => {}, complete: () => {} },
    )
  await fonechat.gap(async () => {
    follow()
    await waitFor(() => seen.some(({ __typename }) => __typename === 'Ready'))
    await say(fonechat, 'lost')
    await waitFor(() => seen.some(({ __typename }) => __typename === 'MessageAdded'))
  })
  const { cursor } = seen.find(({ __typename }) => __typename === 'MessageAdded')!
  follow(cursor)
  await waitFor(() => seen.some(({ __typename }) => __typename === 'Gap'))
  // The index is free again: the message has gone.
  expect(await say(fonechat, 'after')).toEqual({ sendMessage: { message: { index: 0 } } })
  await client.dispose()
}, 240_000)

test('server and data end with the process that started them, even when it is killed', async () => {
  await using scratch = await makeScratch()
  const script = `
    import { startFonechat } from ${JSON.stringify(import.meta.resolve('../../src/testing/index.ts'))}
    console.log((await startFonechat({ server: ${JSON.stringify(server)} })).url)
  `
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    env: { ...process.env, TMPDIR: scratch.path },
  })
  const url = await firstLine(owner)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(await readdir(scratch.path)).toHaveLength(1)
  owner.kill('SIGKILL')
  await waitFor(async () => (await readdir(scratch.path)).length === 0)
}, 240_000)

test('without the package it says what to install', async () => {
  await expect(startFonechat({ server: '/nowhere' })).rejects.toThrow('fonechat is not installed in /nowhere')
})
