import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureAccount } from '../src/domain/access/account.ts'
import { createSecretBox } from '../src/domain/access/secret.ts'
import { MessageWriter } from '../src/domain/chat/message-writer.ts'
import { ReactionWriter } from '../src/domain/chat/reaction-writer.ts'
import { newSid, uuidToSid } from '../src/model/sid.ts'
import { openDb, type Db } from '../src/store/engine/db.ts'
import { openEmbedded } from '../src/store/engine/embedded.ts'
import { migrateDb } from '../src/store/migration.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { percentile, table } from './report.ts'

/**
 * What reactions cost the sends of their channel: 16 senders that each wait for their answer, without reactions and with 500 people a second
 * who react to one message of the same channel, in turns. At the end the counter of the message is compared with its rows.
 */
const isQuick = process.argv.includes('--quick')
const seconds = isQuick ? 1 : 3
const rounds = isQuick ? 3 : 5
const senders = 16
const reactionsPerSecond = 500

const channelId = uuidToSid('CH', '00000000-0000-7000-8000-000000000001')
const memberAsOf = 2 ** 53 - 1

async function prepare(db: Db): Promise<void> {
  await migrateDb(db)
  await ensureAccount(db, createSecretBox('ab'.repeat(32)), {})
  await db.run(
    `INSERT INTO channels (id, service_id, type, created_by)
     VALUES ('00000000-0000-7000-8000-000000000001', (SELECT id FROM services LIMIT 1), 'public', 'system')`,
    [],
  )
}

interface Round {
  readonly perSecond: number
  readonly waits: readonly number[]
}

async function measure(db: Db) {
  const messages = new MessageWriter(db, { insert: async () => {} } as never)
  let events = 0
  const reactions = new ReactionWriter(db, () => events++)
  const send = () => {
    const message = { channelId, id: newSid('IM'), author: 'system', body: 'x'.repeat(200), attributes: '{}' }
    return messages.write({ ...message, clientMessageId: null, memberAsOf })
  }
  const first = (await send())!
  let people = 0
  const reactionWaits: number[] = []
  const react = async (): Promise<void> => {
    const began = performance.now()
    await reactions.write({
      channelId,
      index: first.index,
      messageId: first.id,
      identity: `person ${people++}`,
      reaction: '👍',
      isAdded: true,
      memberAsOf,
    })
    reactionWaits.push(performance.now() - began)
  }
  const round = async (isReacting: boolean): Promise<Round> => {
    const waits: number[] = []
    const until = performance.now() + seconds * 1000
    const reacting: Promise<void>[] = []
    const timer = isReacting
      ? setInterval(() => {
          for (let one = 0; one < reactionsPerSecond / 100; one++) reacting.push(react())
        }, 10)
      : undefined
    await Promise.all(
      Array.from({ length: senders }, async () => {
        while (performance.now() < until) {
          const began = performance.now()
          await send()
          waits.push(performance.now() - began)
        }
      }),
    )
    clearInterval(timer)
    await Promise.all(reacting)
    return { perSecond: waits.length / seconds, waits }
  }
  await round(true)
  const [without, amid]: [Round[], Round[]] = [[], []]
  events = 0
  people = 0
  await db.run('DELETE FROM reactions', [])
  await db.run('DELETE FROM message_extras', [])
  for (let number = 0; number < rounds; number++) {
    without.push(await round(false))
    amid.push(await round(true))
  }
  const [row] = await db.run<{ rows: number; reactions: string }>(
    'SELECT (SELECT count(*) FROM reactions) AS rows, reactions FROM message_extras',
    [],
  )
  const [counted] = JSON.parse(row!.reactions) as { count: number }[]
  if (row!.rows !== people || counted!.count !== people)
    throw new Error(`${people} have reacted, not ${row!.reactions}`)
  return { without, amid, events, people, reactionWaits }
}

const middle = (numbers: readonly number[]): number => percentile(numbers, 0.5)

function show(name: string, { without, amid, events, people, reactionWaits }: Awaited<ReturnType<typeof measure>>) {
  const rate = (all: readonly Round[]): number => middle(all.map(({ perSecond }) => perSecond))
  const wait = (all: readonly Round[], share: number): string =>
    percentile(
      all.flatMap(({ waits }) => waits),
      share,
    ).toFixed(1)
  const [before, after] = [rate(without), rate(amid)]
  return [
    name,
    `${Math.round(before)}/s`,
    `${Math.round(after)}/s`,
    `${((after / before - 1) * 100).toFixed(1)} %`,
    `${wait(without, 0.5)} / ${wait(without, 0.99)} ms`,
    `${wait(amid, 0.5)} / ${wait(amid, 0.99)} ms`,
    `${middle(reactionWaits).toFixed(0)} ms`,
    `${people} in ${events} events`,
  ]
}

const rows: string[][] = []
{
  await using server = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on' })
  const db = openDb(server.url(), { poolSize: 16 })
  await prepare(db)
  rows.push(show('Postgres', await measure(db)))
  await db.close()
}
const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
try {
  const { db, close } = await openEmbedded(directory)
  await prepare(db)
  rows.push(show('embedded', await measure(db)))
  await close()
} finally {
  await rm(directory, { recursive: true, force: true })
}
const header = [
  'engine',
  'sends alone',
  'amid reactions',
  'change',
  'p50 / p99 alone',
  'amid',
  'reaction p50',
  'reactions',
]
process.stdout.write(table([header, ...rows]))
