import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSchema, parse, validate } from 'graphql'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { AddMemberDocument, CreateAccessTokenDocument, CreateChannelDocument } from '../../schema/generated/graphql.ts'
import { Backend } from '../faults/backend.ts'
import { startStand, type Stand } from '../faults/stand.ts'
import { Trial, type Outcome } from '../faults/trial.ts'
import { makeScratch } from '../support/scratch.ts'
import { seed } from '../support/seed.ts'
import { seededRandom } from '../support/seeded-random.ts'
import { waitFor } from '../support/wait.ts'
import { ClientProcess } from './client-process.ts'
import { cross, findUnanswered } from './crossing.ts'
import { openFront } from './front.ts'
import { layOutNext } from './next-version.ts'
import { OwnThings } from './own-things.ts'
import { StockReader } from './stock-reader.ts'
import { lastVersion, presentVersion, type Version } from './version.ts'

// What clients of the last version send: a document of today may ask for what that does not have.
vi.mock('../../schema/generated/graphql.ts', async (importOriginal) => {
  const { lastVersion: find } = await import('./version.ts')
  const { path } = await find()
  const released = (await import(/* @vite-ignore */ join(path, 'schema/generated/graphql.ts'))) as object
  return { ...(await importOriginal<object>()), ...released }
})

/** How long a process may take to end in order, which includes what it waits for its clients, in milliseconds. */
const endMilliseconds = 25_000

/** How long all sends of a channel may stay without an acknowledgement while one of two processes is swapped, in milliseconds. */
const silenceLimit = 5000

/** How long readers may take until they have everything after a swap, in milliseconds. */
const catchUpLimit = 5000

/** How many sends a channel has between two stages. */
const flow = 20

const own = new AsyncDisposableStack()
let last: Version
let next: Version
beforeAll(async () => {
  const scratch = own.use(await makeScratch())
  last = await lastVersion()
  next = await layOutNext(scratch.path)
}, 400_000)
afterAll(async () => {
  await own.disposeAsync()
})

interface Stage {
  readonly name: string
  readonly operations: number
  readonly unavailable: number
  readonly lost: number
  /** The longest time in which a channel had no acknowledged send, until readers had everything, and from one process to the other, in milliseconds. */
  readonly silence: number
  readonly catchUp: number
  readonly latencies: readonly number[]
  readonly refusedDocuments: readonly string[]
}

/** Of two versions: both processes are the older, one and then both the newer, one the older again, and both the newer. */
const stages = [
  { swaps: undefined, to: undefined },
  { swaps: 0, to: 'newer' },
  { swaps: 1, to: 'newer' },
  { swaps: 0, to: 'older' },
  { swaps: 0, to: 'newer' },
] as const

const documentsOf = async ({ path }: Version): Promise<string[]> =>
  JSON.parse(await readFile(join(path, 'schema/generated/client-documents.json'), 'utf8')) as string[]

/** The documents of one version's client that the schema of another one has. */
async function documentsFor(client: Version, server: Version): Promise<string[]> {
  const schema = buildSchema(await readFile(join(server.path, 'schema/schema.graphql'), 'utf8'))
  return (await documentsOf(client)).filter((text) => validate(schema, parse(text)).length === 0)
}

/** Takes two processes through all stages under load. */
async function upgrade(older: Version, newer: Version) {
  await using running = new AsyncDisposableStack()
  const stand = running.use(await startStand({ main: older.main }))
  const { authorization } = stand
  const urls = stand.processes.map(({ url }) => url) as [string, string]
  const front = running.use(await openFront(urls))
  const trial = new Trial('upgrade', stand, { random: seededRandom(seed) })
  const things = new OwnThings({ urls, authorization, tally: trial.tally, sql: (text) => stand.sql(text) })
  running.defer(() => things.abandon())
  const backend = new Backend(urls, authorization)
  const channelId = (await backend.request(CreateChannelDocument, { input: {} })).createChannel.channel.id
  const member = async (name: string): Promise<{ identity: string; token: string }> => {
    const identity = `${name}-${randomUUID()}`
    await backend.request(AddMemberDocument, { input: { channelId, identity } })
    const input = { identity, ttlSeconds: 86_400 }
    return { identity, token: (await backend.request(CreateAccessTokenDocument, { input })).createAccessToken.token }
  }
  const reader = running.use(new StockReader({ ...(await member('stock')), url: front.url, channelId }))
  const clients = await Promise.all(
    // Through the balancer, and of each process alone, to which it has to come back.
    [front.url, ...urls].map(async (url) =>
      running.use(new ClientProcess(older, { ...(await member('client')), url, channelId })),
    ),
  )
  await things.begin()
  const measured: Stage[] = []
  const versions = [older, older]
  const outcome = await trial.run(async () => {
    for (const { swaps, to } of stages) {
      const begun = performance.now()
      const { operations, unavailable, lost } = trial.tally
      if (swaps !== undefined) {
        versions[swaps] = to === 'newer' ? newer : older
        await stand.processes[swaps].swap(versions[swaps]!.main, endMilliseconds)
      }
      const swapped = performance.now()
      const [silence, catchUp] = await Promise.all([awaitFlow(trial, begun), trial.catchUp(swapped)])
      const latencies = [await cross({ urls, authorization }), await cross({ urls: [urls[1], urls[0]], authorization })]
      // Each version once.
      const areNew = measured.length < 2
      const refusedDocuments = areNew ? await findRefusedDocuments(versions, older, newer, stand) : []
      for (const client of clients) {
        const isLive = async () => (await client.report()).status === 'live'
        await waitFor(isLive, { timeout: 30_000 })
      }
      measured.push({
        name: versions.map(({ name }) => name).join(' + '),
        operations: trial.tally.operations - operations,
        unavailable: trial.tally.unavailable - unavailable,
        lost: trial.tally.lost - lost,
        silence,
        catchUp,
        latencies,
        refusedDocuments,
      })
    }
    await things.end()
  })
  for (const client of clients) await client.rest()
  const stored = await stand.sql(
    `SELECT index::int AS index, body FROM messages WHERE channel_id = '${channelId.slice(2)}' ORDER BY index`,
  )
  const faults: string[] = []
  const reports = await Promise.all(
    clients.map(async (client) => {
      const hasAll = async () => (await client.report()).shown.some(({ index }) => index === stored.length - 1)
      await waitFor(hasAll, { timeout: 20_000 }).catch(() => {})
      return client.report()
    }),
  )
  reports.forEach((report, at) => faults.push(...auditClient(`client ${at}`, report, stored)))
  await waitFor(() => reader.indexes.at(-1) === stored.length - 1, { timeout: 20_000 }).catch(() => {})
  faults.push(...reader.findFaults(stored.length))
  const webhooks = await outcome.webhooks
  process.stdout.write(print(`${older.name} to ${newer.name}`, measured, outcome, things, reports))
  return { measured, outcome, faults, webhooks, counts: things.counts, reports }
}

/** Waits until every channel has had some more sends, and answers the longest time in which one had none. */
async function awaitFlow(trial: Trial, since: number): Promise<number> {
  const { channels } = trial.workload
  const goals = channels.map(({ standing }) => standing.length + flow)
  await waitFor(() => channels.every(({ standing }, at) => standing.length >= goals[at]!), { timeout: 60_000 })
  const now = performance.now()
  return Math.max(...channels.map((channel) => channel.longestSilence(since, now)))
}

async function findRefusedDocuments(
  versions: readonly Version[],
  older: Version,
  newer: Version,
  { processes, authorization }: Stand,
): Promise<string[]> {
  const refused = await Promise.all(
    versions.map(async (version, at) => {
      const { url } = processes[at]!
      const isNewer = version === newer
      return [
        // The client of its own version, and that of the last one: both are known by their hash.
        ...(await findUnanswered(url, authorization, await documentsOf(isNewer ? newer : older), 'hash')),
        ...(isNewer ? await findUnanswered(url, authorization, await documentsOf(older), 'hash') : []),
        ...(isNewer ? [] : await findUnanswered(url, authorization, await documentsFor(newer, older), 'text')),
      ].map((fault) => `${version.name} ${fault}`)
    }),
  )
  return refused.flat()
}

function auditClient(
  name: string,
  { status, sent, shown, refused }: Awaited<ReturnType<ClientProcess['report']>>,
  stored: readonly Record<string, unknown>[],
): string[] {
  const faults = refused.map((why) => `${name} was refused a send: ${why}`)
  if (status !== 'live') faults.push(`${name} is ${status}`)
  for (const { index, body } of sent) {
    const times = stored.filter((row) => row['body'] === body).length
    if (stored[index]?.['body'] !== body) faults.push(`${name} was acknowledged ${index} ${body}, which is lost`)
    if (times !== 1) faults.push(`${body} stands ${times} times`)
  }
  const order = sent.map(({ index }) => index)
  if (order.some((index, at) => at > 0 && index < order[at - 1]!)) faults.push(`the sends of ${name} are out of order`)
  for (const { index, body } of shown) {
    if (stored[index]?.['body'] !== body) faults.push(`${name} shows ${body} as ${index}`)
  }
  if (shown.at(-1)?.index !== stored.length - 1) faults.push(`${name} shows ${shown.at(-1)?.index} as the newest`)
  return faults
}

test.each([
  ['the last version and the present one', () => [last, presentVersion] as const],
  ['the present version and a next one with more migrations, hints and events', () => [presentVersion, next] as const],
])('P1 P2 P3 P4 P6 P7 P14: %s are one server, and are swapped under load', async (_what, pair) => {
  const { measured, outcome, faults, webhooks, counts, reports } = await upgrade(...pair())
  const some = (list: readonly string[]) => list.slice(0, 10)
  expect({
    untrue: some(outcome.untrue),
    internal: some(outcome.internal),
    deaths: some(outcome.deaths),
    unanswered: outcome.unanswered,
    faults: some(faults),
    webhooks: some(webhooks.faults),
    refusedDocuments: measured.flatMap(({ refusedDocuments }) => refusedDocuments),
  }).toEqual({
    untrue: [],
    internal: [],
    deaths: [],
    unanswered: 0,
    faults: [],
    webhooks: [],
    refusedDocuments: [],
  })
  expect(measured.filter(({ silence }) => silence > silenceLimit)).toEqual([])
  expect(measured.filter(({ catchUp }) => catchUp > catchUpLimit)).toEqual([])
  // What nobody did says nothing.
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(10)
  expect(Math.min(...reports.map(({ sent }) => sent.length))).toBeGreaterThan(10)
})

function print(
  title: string,
  measured: readonly Stage[],
  { operations, unavailable, lost }: Outcome,
  { counts }: OwnThings,
  reports: readonly { readonly longestAway: number; readonly sent: readonly unknown[] }[],
): string {
  const width = Math.max(...measured.map(({ name }) => name.length))
  const line = (name: string, cells: readonly (string | number)[]): string =>
    `${name.padEnd(width)} ${cells.map((cell) => String(cell).padStart(10)).join('')}`
  const rows = measured.map((stage) =>
    line(stage.name, [
      stage.operations,
      stage.unavailable,
      stage.lost,
      ...[stage.silence, stage.catchUp, ...stage.latencies].map(Math.round),
    ]),
  )
  const header = line('', ['calls', 'unavail.', 'lost', 'silence', 'catch-up', '0 to 1', '1 to 0'])
  const clients = reports.map(({ longestAway, sent }) => `${sent.length} sends, away ${Math.round(longestAway)} ms`)
  const things = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  return `\n${title}, SEED=${seed}
${header}
${rows.join('\n')}
${operations} calls, ${unavailable} unavailable, ${lost} lost with their connection; ${things.join(', ')}
clients of the older version: ${clients.join('; ')}
`
}
