// A program of a project that has installed both packages, without a test runner.
import assert from 'node:assert/strict'
import { createClient, type Client } from '@fonechat/client'
import { startFonechat } from '@fonechat/client/testing'

/** Waits until the client knows something, for at most 20 seconds. */
async function until(client: Client, what: string, holds: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const look = (): void => void (holds() && resolve())
  const timer = setTimeout(() => reject(new Error(`${what}: ${JSON.stringify(client.debug())}`)), 20_000)
  const stop = client.subscribe(look)
  look()
  await promise.finally(() => {
    clearTimeout(timer)
    stop()
  })
}

await using fonechat = await startFonechat()
const tokens = { alice: await fonechat.token('alice'), bob: await fonechat.token('bob') }
const his = await fonechat.openProxy()
const alice = createClient({ url: fonechat.url, identity: 'alice', token: () => tokens.alice })
const bob = createClient({ url: his.url, identity: 'bob', token: () => tokens.bob })
const [hers, other] = await Promise.all([alice.getChannel('general'), bob.getChannel('general')])
const heard: string[] = []
other.on('messageAdded', ({ body }) => void heard.push(body))
await until(bob, 'bob is live', () => bob.getSnapshot().connection.status === 'live')

await hers.sendMessage('sent')
await until(bob, 'what was sent arrives', () => heard.includes('sent'))

fonechat.proxy.cut()
await until(alice, 'the cut is noticed', () => alice.getSnapshot().connection.status !== 'live')
await until(alice, 'the client connects again', () => alice.getSnapshot().connection.status === 'live')

fonechat.proxy.offline()
await until(alice, 'the client is offline', () => alice.getSnapshot().connection.status === 'offline')
const pending = hers.sendMessage('written offline')
fonechat.proxy.online()
await pending
await until(bob, 'what was written offline arrives', () => heard.includes('written offline'))
await hers.sendMessage('last')
await until(bob, 'the last arrives', () => heard.includes('last'))
assert.deepEqual(heard, ['sent', 'written offline', 'last'])

const page = await fetch(fonechat.url)
assert.match(await page.text(), /<div id="root">/)
await Promise.all([alice.close(), bob.close()])
process.stdout.write('all of it\n')
