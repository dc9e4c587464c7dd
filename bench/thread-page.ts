import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../src/config/read-config.ts'
import { toCursor } from '../src/model/cursor.ts'
import { sidToUuid, type ChannelId } from '../src/model/sid.ts'
import type { Db } from '../src/store/engine/db.ts'
import { openStore } from '../src/store/open-store.ts'
import { fillChannel } from '../test/support/filling.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import type { Json } from './answer.ts'
import { ask, end } from './processes.ts'
import { median, percentile, table } from './report.ts'
import { Sender } from './sender.ts'
import { credentialsOf, prepareDatabase, productEnvironment, startProduct, type Environment } from './servers.ts'

/**
 * A page of fifty messages in a channel without replies, and in one in which of a hundred messages 99 are replies that it does not show: as it is, and
 * with what others have added to each message. One reader, one page after the other, all kinds by turns. Every page is looked at.
 */
const isQuick = process.argv.includes('--quick')
const shown = isQuick ? 500 : 10_000
const rounds = isQuick ? 1 : 5
const pagesOfRound = isQuick ? 50 : 200
const size = 50
const runLength = 100

const fields = 'id index body attributes authorIdentity createdAt author { id identity }'
const additions = {
  reactions: 'reactions { reaction count }',
  repliers: 'replyCount lastReplyAt repliers { identity }',
  quote: 'quote { messageId message { id body authorIdentity } }',
  'replies(last: 3)': 'replies(last: 3) { nodes { id index body authorIdentity } }',
}

interface Kind {
  readonly name: string
  /** How far apart the messages of the page stand. */
  readonly distance: 1 | typeof runLength
  readonly selection: string
  readonly isAtHead?: boolean
}

const kinds: readonly Kind[] = [
  { name: 'no replies', distance: 1, selection: fields },
  { name: '99 of 100 are hidden replies', distance: runLength, selection: fields },
  { name: 'no replies, at the head', distance: 1, selection: fields, isAtHead: true },
  { name: '99 of 100 are hidden replies, at the head', distance: runLength, selection: fields, isAtHead: true },
  ...Object.entries(additions).map(([name, selection]) => ({
    name: `with ${name}`,
    distance: runLength as typeof runLength,
    selection: `${fields} ${selection}`,
  })),
  { name: 'with all of it', distance: runLength, selection: `${fields} ${Object.values(additions).join(' ')}` },
]

const queryOf = (selection: string): string => `query ($id: ID!, $last: Int, $before: String) {
  channel(id: $id) {
    messages(last: $last, before: $before) {
      edges { cursor node { ${selection} } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`

/** As if each hundredth message had 99 replies of ten users, quoted the one before, and had three kinds of reactions. */
async function addThreads(db: Db, channelId: string): Promise<void> {
  const channel = sidToUuid(channelId as ChannelId)
  await db.run(
    `UPDATE messages SET parent_index = index / $2::int * $2::int, uncounted = index - index / $2::int, hidden_run = index / $2::int
     WHERE channel_id = $1::uuid AND index % $2::int > 0`,
    [channel, runLength],
  )
  await db.run(
    `UPDATE messages SET quoted_id = quoted.id FROM messages quoted
     WHERE messages.channel_id = $1::uuid AND messages.index % $2::int = 0 AND quoted.channel_id = $1::uuid AND quoted.index = messages.index - $2::int`,
    [channel, runLength],
  )
  await db.run(
    `INSERT INTO message_extras (channel_id, index, seq, reactions_seq, reactions, thread_seq, reply_count, last_reply_index, last_reply_at, repliers)
     SELECT channel_id, index, seq + $2::int - 1, seq + $2::int - 1,
       '[{"reaction":"👍","count":10},{"reaction":"🎉","count":3},{"reaction":"party","count":1}]',
       seq + $2::int - 1, $2::int - 1, index + $2::int - 1, now(), ARRAY['replier 1', 'replier 2', 'replier 3']
     FROM messages WHERE channel_id = $1::uuid AND index % $2::int = 0`,
    [channel, runLength],
  )
  await db.run(
    `UPDATE channels SET uncounted_index = last_index, hidden_reply_index = last_index, shown_index = last_index - $2::int + 1 WHERE id = $1::uuid`,
    [channel, runLength],
  )
}

async function fill(environment: Environment): Promise<ReadonlyMap<number, string>> {
  await prepareDatabase(environment)
  const { child, port } = await startProduct(environment)
  const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization: credentialsOf(environment) })
  const create = { query: 'mutation { createChannel(input: {}) { channel { id } } }' }
  const user = (at: number) => ({
    query: `mutation { createUser(input: { identity: "replier ${at}" }) { user { id } } }`,
  })
  const distances = [1, runLength]
  const created = await sender.run([...distances.map(() => create), user(1), user(2), user(3)])
  sender.close()
  await end(child, 'SIGTERM')
  const channels = new Map(
    distances.map((distance, at) => [distance, created[at]!['createChannel'].channel.id as string]),
  )
  const store = await openStore(readConfig(environment))
  for (const [distance, id] of channels) await fillChannel(store.db, id, shown * distance)
  await addThreads(store.db, channels.get(runLength)!)
  await store.db.run('VACUUM ANALYZE', [])
  await store.close()
  return channels
}

interface Result {
  readonly p50: number
  readonly p99: number
  /** Of the server, for a thousand pages; its database apart. */
  readonly cpu: number
}

async function measureEngine(title: string, environment: Environment): Promise<void> {
  process.stderr.write(`${title}: filling channels of ${shown} and ${shown * runLength} messages\n`)
  const channels = await fill(environment)
  const { child, port } = await startProduct(environment)
  const sender = await Sender.open(`ws://127.0.0.1:${port}/graphql`, { authorization: credentialsOf(environment) })
  const read = async ({ distance, selection, isAtHead }: Kind) => {
    const id = channels.get(distance) as ChannelId
    const end = isAtHead ? shown : shown / 2
    const before = isAtHead ? null : toCursor(id, { index: end * distance, seq: 0 }, Date.now())
    const begun = performance.now()
    const [answer] = await sender.run([{ query: queryOf(selection), variables: { id, last: size, before } }])
    const time = performance.now() - begun
    const nodes = answer!['channel'].messages.edges.map(({ node }: Json) => node) as Json[]
    const indexes = nodes.map(({ index }) => index as number)
    const expected = Array.from({ length: size }, (_, at) => (end - size + at) * distance)
    if (String(indexes) !== String(expected)) throw new Error(`not the page before ${end}: ${indexes.join()}`)
    const wrong = nodes.find(
      ({ replies, reactions, repliers, quote }) =>
        (replies && replies.nodes.length !== 3) ||
        (reactions && reactions.length !== 3) ||
        (repliers && repliers.length !== 3) ||
        (quote && !quote.message),
    )
    if (wrong) throw new Error(`not what was added: ${JSON.stringify(wrong)}`)
    return time
  }
  const results = new Map<Kind, Result[]>(kinds.map((kind) => [kind, []]))
  for (let round = -1; round < rounds; round++) {
    for (const kind of kinds) {
      const times: number[] = []
      const before = await ask(child, false)
      for (let page = 0; page < pagesOfRound; page++) times.push(await read(kind))
      const after = await ask(child, false)
      const spent = (key: 'user' | 'system'): number =>
        after.process[key] - before.process[key] - (after.workers[key] - before.workers[key])
      const cpu = ((spent('user') + spent('system')) / pagesOfRound) * 1000
      // The first round is for what a server does only in its first moments.
      if (round >= 0) results.get(kind)!.push({ p50: median(times), p99: percentile(times, 0.99), cpu })
    }
  }
  sender.close()
  await end(child, 'SIGTERM')
  const of = (kind: Kind, pick: (result: Result) => number): number => median(results.get(kind)!.map(pick))
  const rows = kinds.map((kind) => {
    const plain = kinds.find(({ isAtHead, distance }) => isAtHead === kind.isAtHead && distance === 1)!
    return [
      kind.name,
      `${of(kind, ({ p50 }) => p50).toFixed(2)} / ${of(kind, ({ p99 }) => p99).toFixed(2)}`,
      of(kind, ({ cpu }) => cpu).toFixed(2),
      (of(kind, ({ p50 }) => p50) / of(plain, ({ p50 }) => p50)).toFixed(2),
    ]
  })
  const header = ['a page of 50', 'p50 / p99, ms', 's per thousand pages', '÷ no replies']
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
