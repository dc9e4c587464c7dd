import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { MessageAddedDocument } from '../../schema/generated/graphql.ts'
import { subscribeOverEvents } from '../support/event-stream.ts'
import { record, type Recording } from '../support/kit.ts'
import { waitFor } from '../support/wait.ts'
import { idleSeconds, prepareProxies, startHaproxyWith, startNginx, type Proxy } from './proxies.ts'
import { sendFrom, sendOverHttp2 } from './requests.ts'
import { Stand } from './stand.ts'

const own = new AsyncDisposableStack()
let stand: Stand
let addresses: readonly [string, string]
beforeAll(async () => {
  prepareProxies()
  stand = own.use(await Stand.open(inject('cluster')!))
  addresses = [await stand.start(), await stand.start()]
}, 120_000)
afterAll(() => own.disposeAsync())

/** Milliseconds from the answer to a send until its event is there, at most, for most of them. */
const eventMilliseconds = 100

/** nginx does not ask who stops: a request that comes in the moment in which the listener closes meets a reset, and is not sent again. */
describe.each([
  ['nginx', startNginx, 2],
  ['HAProxy', startHaproxyWith, 0],
] as const)('behind %s with its reference settings', (_name, start, maxUnknown) => {
  let proxy: Proxy
  beforeAll(async () => {
    proxy = own.use(await start({ addresses, certificate: stand.certificate }))
  })

  test('clients speak HTTP/2, and plain HTTP is sent to HTTPS with its method', async () => {
    const headers = { ':method': 'POST', ':path': '/graphql', 'content-type': 'application/json' }
    const { status, body } = await sendOverHttp2(
      proxy.url,
      { ...headers, authorization: stand.authorization },
      JSON.stringify({ query: '{ viewer { kind } }' }),
    )
    expect([status, JSON.parse(body)]).toEqual([200, { data: { viewer: { kind: 'BACKEND' } } }])
    const plain = await fetch(`${proxy.plainUrl}/v1/Services?a=b`, { method: 'POST', redirect: 'manual' })
    expect(plain.status).toBe(308)
    expect(plain.headers.get('location')).toMatch(/^https:\/\/127\.0\.0\.1(:\d+)?\/v1\/Services\?a=b$/)
  })

  test('links of /v1 lead back to the address that the client called', async () => {
    const { status, body } = await sendFrom('127.0.0.9', `${proxy.url}/v1/Services`, {
      headers: {
        authorization: stand.authorization,
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'ftp',
      },
    })
    expect(status).toBe(200)
    expect((JSON.parse(body) as { meta: { url: string } }).meta.url).toMatch(`${proxy.url}/v1/Services?`)
  })

  test('a client has its own address, whatever addresses it names', async () => {
    await guess(proxy.url, '127.0.0.7')
    const log = () => addresses.map((address) => stand.process(address).output()).join('\n')
    await waitFor(() => log().includes('an address keeps sending wrong passwords'))
    const named = [...log().matchAll(/"address":"([^"]+)"/g)].map(([, address]) => address)
    expect(new Set(named)).toEqual(new Set(['127.0.0.7']))
  })

  test('a body above 1 MiB is refused with 413, with and without its length', async () => {
    const headers = { 'content-type': 'application/json' }
    const url = `${proxy.url}/graphql`
    const chunk = 'x'.repeat(64 * 1024)
    const chunks = Array.from({ length: 24 }, () => chunk)
    const sized = { ...headers, 'content-length': String(chunk.length * chunks.length) }
    expect((await sendFrom('127.0.0.1', url, { method: 'POST', headers: sized, chunks })).status).toBe(413)
    expect((await sendFrom('127.0.0.1', url, { method: 'POST', headers, chunks })).status).toBe(413)
    // One below the limit reaches fonechat.
    const { status } = await sendFrom('127.0.0.1', url, { method: 'POST', headers, chunks: chunks.slice(0, 15) })
    expect(status).toBe(400)
  })

  test('events come as they happen, and silent connections stay open for longer than the proxy keeps them', async () => {
    const { channelId, user } = await stand.room(proxy.url, 'alice')
    const client = user.connect()
    const recordings: readonly Recording<object>[] = [
      record(client, MessageAddedDocument, { channelId }),
      await subscribeOverEvents(user, MessageAddedDocument, { channelId }),
    ]
    // Both are there once the first message has come.
    await waitFor(async () => {
      await user.send(channelId, 'first')
      return recordings.every(({ items }) => items.length > 0)
    })
    const delays: number[] = []
    const sendAndSee = async (body: string): Promise<void> => {
      const seen = (): boolean => recordings.every(({ items }) => JSON.stringify(items.at(-1)).includes(body))
      await user.send(channelId, body)
      const sent = performance.now()
      await waitFor(seen, { interval: 2 })
      delays.push(performance.now() - sent)
    }
    for (let number = 0; number < 20; number++) await sendAndSee(`message ${number};`)
    // A proxy that collects events sends none of these until it has some kilobytes. One delay may be the machine's.
    expect(delays.sort((one, other) => one - other)[10]).toBeLessThan(eventMilliseconds)
    const silentUntil = performance.now() + (idleSeconds + 10) * 1000
    await waitFor(() => performance.now() > silentUntil || recordings.some(({ errors }) => errors.length > 0), {
      timeout: (idleSeconds + 20) * 1000,
      interval: 500,
    })
    await sendAndSee('after the silence')
    expect(recordings.map(({ errors, isComplete }) => [errors, isComplete])).toEqual([
      [[], false],
      [[], false],
    ])
    for (const { stop } of recordings) stop()
    await client.dispose()
  })

  test('both processes are replaced under load: nothing is refused but for that moment of nginx, and nothing is lost', async () => {
    const { channelId, user } = await stand.room(proxy.url, 'bob')
    const client = user.connect({ deviceId: 'phone', retryAttempts: 100, shouldRetry: () => true })
    const recording = record(client, MessageAddedDocument, { channelId })
    await waitFor(async () => {
      await user.send(channelId, 'first')
      return recording.items.length > 0
    })
    let isOver = false
    const failures: unknown[] = []
    const sent = new Set<number>()
    const load = Array.from({ length: 4 }, async (_, sender) => {
      for (let number = 0; !isOver; number++) {
        try {
          sent.add((await user.send(channelId, `${sender} ${number}`)).index)
        } catch (error) {
          failures.push(error)
        }
      }
    })
    for (const address of addresses) {
      await stand.restart(address)
      // As docs/proxies.md says: the next one stops when the proxy sends requests to this one again.
      const began = await startTimeOf(`http://${address}`)
      await waitFor(async () => (await startTimeOf(proxy.url)) === began)
      const before = sent.size
      await waitFor(() => sent.size > before + 200)
    }
    isOver = true
    await Promise.all(load)
    const isUnknown = (failure: unknown): boolean => String(failure).includes('the answer is no JSON: 502 ')
    expect(failures.filter((failure) => !isUnknown(failure))).toEqual([])
    expect(failures.length).toBeLessThanOrEqual(maxUnknown)
    expect(sent.size).toBeGreaterThan(400)
    const received = () => new Set(recording.items.map(({ messageAdded }) => messageAdded.index))
    await waitFor(() => [...sent].every((index) => received().has(index)))
    await client.dispose()
  })
})

test.each(['2', '127.0.0.1', '127.0.0.1/32,10.0.0.0/8'])(
  'behind HAProxy before nginx, TRUST_PROXY=%s reads the address of the client',
  async (trusted) => {
    const address = await stand.start({ TRUST_PROXY: trusted })
    const { certificate } = stand
    await using nginx = await startNginx({ addresses: [address, address], certificate })
    const inner = new URL(nginx.url).host
    await using haproxy = await startHaproxyWith({ addresses: [inner, inner], certificate, isTls: true })
    await waitFor(async () => (await fetch(`${haproxy.url}/readyz`)).ok)
    await guess(haproxy.url, '127.0.0.7')
    const { output } = stand.process(address)
    await waitFor(() => output().includes('an address keeps sending wrong passwords'))
    expect(/"address":"([^"]+)"/.exec(output())?.[1]).toBe('127.0.0.7')
  },
)

/** Tells processes apart: when the one that answers was started. */
async function startTimeOf(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: stand.authorization } })
  return /^process_start_time_seconds (\S+)/m.exec(await response.text())?.[1]
}

/** Sends wrong passwords from this address, with addresses of others in several headers, until the log names who sends them. */
async function guess(url: string, localAddress: string): Promise<void> {
  const replies = Array.from({ length: 12 }, (_, number) =>
    sendFrom(localAddress, `${url}/metrics`, {
      headers: {
        authorization: `Basic ${btoa(`${stand.accountId}:wrong ${number}`)}`,
        'x-forwarded-for': [`203.0.113.${number}`, `198.51.100.${number}, 127.0.0.1`],
        forwarded: 'for=203.0.113.9',
        'x-real-ip': '203.0.113.9',
      },
    }),
  )
  for (const { status } of await Promise.all(replies)) expect([401, 429]).toContain(status)
}
