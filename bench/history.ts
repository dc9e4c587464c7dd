import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../src/config/read-config.ts'
import { toCursor } from '../src/model/cursor.ts'
import type { ChannelId } from '../src/model/sid.ts'
import { openStore } from '../src/store/open-store.ts'
import { fillChannel } from '../test/support/filling.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import type { Json } from './answer.ts'
import { ask, end } from './processes.ts'
import { median, percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { credentialsOf, prepareDatabase, productEnvironment, startProduct, type Environment } from './servers.ts'

/**
 * A page of fifty messages, as a client reads it, in a short channel and in a long one: at the head, in the middle and at the
 * start. One reader, one page after the other, in both channels by turns. Every page is looked at.
 */
const isQuick = process.argv.includes('--quick')
const lengths = isQuick ? ([1000, 20_000] as const) : ([1000, 1_000_000] as const)
const rounds = isQuick ? 1 : 5
const pagesOfRound = isQuick ? 50 : 200
const size = 50
const most = 1.3

const query = `query ($id: ID!, $first: Int, $last: Int, $before: String) {
  channel(id: $id) {
    messages(first: $first, last: $last, before: $before) {
      edges { cursor node { id index body attributes authorIdentity createdAt author { id identity } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`

interface Place {
  readonly name: string
  /** The arguments of the page, and the index of its first message. */
  page(channelId: ChannelId, length: number): readonly [variables: object, first: number]
}

const places: readonly Place[] = [
  { name: 'head', page: (_id, length) => [{ last: size }, length - size] },
  {
    name: 'middle',
    page: (id, length) => {
      return [{ last: size, before: toCursor(id, { index: length / 2, seq: 0 }, Date.now()) }, length / 2 - size]
    },
  },
  { name: 'start', page: () => [{ first: size }, 0] },
]

interface Result {
  readonly p50: number
  readonly p99: number
  /** Of the server, for a thousand pages; its database apart. */
  readonly cpu: number
}

async function fill(environment: Environment): Promise<{ readonly id: string; readonly length: number }[]> {
  await prepareDatabase(environment)
  const { child, port } = await startProduct(environment)
  const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization: credentialsOf(environment) })
  const create = { query: 'mutation { createChannel(input: {}) { channel { id } } }' }
  const created = await sender.run(lengths.map(() => create))
  sender.close()
  await end(child, 'SIGTERM')
  const channels = created.map((answer, at) => ({
    id: answer['createChannel'].channel.id as string,
    length: lengths[at]!,
  }))
  const store = await openStore(readConfig(environment))
  for (const { id, length } of channels) await fillChannel(store.db, id, length)
  await store.db.run('VACUUM ANALYZE', [])
  await store.close()
  return channels
}

async function measureEngine(title: string, environment: Environment): Promise<void> {
  process.stderr.write(`${title}: filling channels of ${lengths.join(' and ')} messages\n`)
  const channels = await fill(environment)
  const { child, port } = await startProduct(environment)
  const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization: credentialsOf(environment) })
  const read = async ({ page }: Place, { id, length }: { readonly id: string; readonly length: number }) => {
    const [variables, first] = page(id as ChannelId, length)
    const begun = performance.now()
    const [answer] = await sender.run([{ query, variables: { id, ...variables } }])
    const time = performance.now() - begun
    const indexes = answer!['channel'].messages.edges.map(({ node }: Json) => node.index as number)
    const expected = Array.from({ length: size }, (_, at) => first + at)
    if (String(indexes) !== String(expected)) throw new Error(`not the page from ${first}: ${indexes}`)
    return time
  }
  const results = new Map<string, Result[]>()
  for (let round = -1; round < rounds; round++) {
    for (const place of places) {
      for (const channel of channels) {
        const times: number[] = []
        const before = await ask(child, false)
        for (let page = 0; page < pagesOfRound; page++) times.push(await read(place, channel))
        const after = await ask(child, false)
        const spent = (key: 'user' | 'system'): number =>
          after.process[key] - before.process[key] - (after.workers[key] - before.workers[key])
        const cpu = ((spent('user') + spent('system')) / pagesOfRound) * 1000
        const key = `${place.name} ${channel.length}`
        // The first round is for what a server does only in its first moments.
        if (round < 0) continue
        results.set(key, [...(results.get(key) ?? []), { p50: median(times), p99: percentile(times, 0.99), cpu }])
      }
    }
  }
  sender.close()
  await end(child, 'SIGTERM')
  const of = (place: string, length: number, pick: (result: Result) => number): number =>
    median(results.get(`${place} ${length}`)!.map(pick))
  const [short, long] = lengths
  const rows = places.map(({ name }) => {
    const ratio = of(name, long, ({ p50 }) => p50) / of(name, short, ({ p50 }) => p50)
    const cells = lengths.flatMap((length) => [
      `${of(name, length, ({ p50 }) => p50).toFixed(2)} / ${of(name, length, ({ p99 }) => p99).toFixed(2)}`,
      of(name, length, ({ cpu }) => cpu).toFixed(2),
    ])
    return [name, ...cells, ratio.toFixed(2), ratio <= most ? 'yes' : 'no']
  })
  const header = [
    'page at',
    ...lengths.flatMap((length) => [`p50 / p99 of ${length}, ms`, 's per thousand pages']),
    `${long} ÷ ${short}`,
    `at most ${most}`,
  ]
  process.stdout.write(`### ${title}\n\n${table([header, ...rows])}\n`)
}

const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
try {
  {
    await using server = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
    await measureEngine('Postgres, fsync on', productEnvironment(directory, { DATABASE_URL: server.url() }))
  }
  await measureEngine('Embedded', productEnvironment(join(directory, 'embedded'), {}))
} finally {
  await rm(directory, { recursive: true, force: true })
}
