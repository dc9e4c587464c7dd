import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureAccount } from '../src/domain/access/account.ts'
import { createSecretBox } from '../src/domain/access/secret.ts'
import { MessageWriter } from '../src/domain/chat/message-writer.ts'
import { newSid, uuidToSid } from '../src/model/sid.ts'
import { openDb, type Db } from '../src/store/engine/db.ts'
import { openEmbedded } from '../src/store/engine/embedded.ts'
import { insertMessages, type NewMessage } from '../src/store/message.ts'
import { migrateDb } from '../src/store/migration.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { percentile, table } from './report.ts'

/**
 * The write alone: sends written together, as the product writes them; one statement for each send, over the same driver; and pgbench
 * with that same statement. One hot channel and a thousand quiet ones, with senders that each wait for their answer. At
 * the end every message is counted: none is missing, doubled or without its number.
 */
const isQuick = process.argv.includes('--quick')
const seconds = isQuick ? 1 : 4
const senderCounts = isQuick ? [1, 64] : [1, 16, 64, 256]
const poolSize = 16
const body = 'x'.repeat(200)

const channelUuid = (number: number): string => `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`

interface Rate {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

type Write = (message: NewMessage) => Promise<{ readonly index: number } | undefined>

async function prepareService(db: Db): Promise<void> {
  await migrateDb(db)
  await ensureAccount(db, createSecretBox('ab'.repeat(32)), {})
}

/** Empties the channels, so that every measurement begins with the same tables. */
async function resetChannels(db: Db, count: number): Promise<void> {
  await db.run('TRUNCATE messages', [])
  await db.run('DELETE FROM channels', [])
  await db.run(
    `INSERT INTO channels (id, service_id, type, created_by)
     SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid, (SELECT id FROM services LIMIT 1), 'public', 'system'
     FROM generate_series(1, $1::int) AS number`,
    [count],
  )
  await db.run('VACUUM ANALYZE channels', [])
}

async function measure(db: Db, channels: number, senders: number, write: Write): Promise<Rate> {
  await resetChannels(db, channels)
  const waits: number[] = []
  const acknowledged = new Set<string>()
  const send = async (sender: number, until: number): Promise<void> => {
    for (let at = sender; performance.now() < until; at += senders) {
      const channelId = uuidToSid('CH', channelUuid(1 + (at % channels)))
      const began = performance.now()
      const message = {
        channelId,
        id: newSid('IM'),
        author: 'system',
        body,
        attributes: '{}',
        clientMessageId: null,
        memberAsOf: 2 ** 53 - 1,
      }
      const written = await write(message)
      waits.push(performance.now() - began)
      acknowledged.add(`${channelId} ${written!.index}`)
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: senders }, (_, sender) => send(sender, began + seconds * 1000)))
  const took = (performance.now() - began) / 1000
  if (acknowledged.size !== waits.length) throw new Error('a number was given twice')
  await checkNumbers(db, waits.length)
  return { perSecond: waits.length / took, p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) }
}

async function checkNumbers(db: Db, expected: number): Promise<void> {
  const [row] = await db.run<{ stored: number; numbered: number }>(
    `SELECT (SELECT count(*) FROM messages) AS stored, (SELECT sum(last_index + 1)::bigint FROM channels) AS numbered`,
    [],
  )
  if (row!.stored !== expected || row!.numbered !== expected) {
    throw new Error(`${expected} were acknowledged, ${row!.stored} are stored, ${row!.numbered} are numbered`)
  }
}

/** The product's own statement, with pgbench's variables in the place of its parameters. */
async function measurePgbench(
  url: string,
  db: Db,
  statement: string,
  channels: number,
  senders: number,
): Promise<Rate | undefined> {
  await resetChannels(db, channels)
  const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
  try {
    const id = `('00000000-0000-7000-8000-' || lpad(to_hex(:channel::int), 12, '0'))::uuid`
    const values = [id, String(2 ** 53 - 1), 'gen_random_uuid()', `'system'`, `'${body}'`, `'{}'`, 'NULL']
    const filled = statement
      .replace(/\$(\d)/g, (_, number: string) => values[Number(number) - 1]!)
      .replaceAll('\n', ' ')
    const script = join(directory, 'send.sql')
    await writeFile(script, `\\set channel random(1, ${channels})\n${filled};\n`)
    const threads = Math.min(senders, cpus().length)
    const { stdout } = await promisify(execFile)('pgbench', [
      '-n',
      '-M',
      'prepared',
      '-f',
      script,
      '-c',
      String(senders),
      '-j',
      String(threads),
      '-T',
      String(seconds),
      url,
    ])
    const of = (pattern: RegExp): number => Number(pattern.exec(stdout)![1])
    await checkNumbers(db, of(/actually processed: (\d+)/))
    return { perSecond: of(/tps = ([\d.]+)/), p50: of(/latency average = ([\d.]+)/), p99: NaN }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  } finally {
    await rm(directory, { recursive: true })
  }
}

type Row = {
  readonly channels: number
  readonly senders: number
  readonly together: Rate
  readonly single: Rate
  readonly pgbench: Rate | undefined
}

async function measureEngine(db: Db, statement: () => string, url?: string): Promise<Row[]> {
  const rows: Row[] = []
  for (const channels of [1, 1000]) {
    for (const senders of senderCounts) {
      const writer = new MessageWriter(db, { insert: async () => {} })
      const together = await measure(db, channels, senders, (message) => writer.write(message))
      const single = await measure(db, channels, senders, async (message) => (await insertMessages(db, [message]))[0])
      const pgbench = url === undefined ? undefined : await measurePgbench(url, db, statement(), channels, senders)
      rows.push({ channels, senders, together, single, pgbench })
      process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`)
    }
  }
  return rows
}

const rate = (value: Rate | undefined): string =>
  value
    ? `${Math.round(value.perSecond)} (${value.p50.toFixed(1)}${Number.isNaN(value.p99) ? '' : ` / ${value.p99.toFixed(1)}`})`
    : '–'

function report(title: string, rows: readonly Row[]): void {
  const header = ['channels', 'senders', 'together: messages/s (p50 / p99, ms)', 'one statement each', 'pgbench (mean)']
  const cells = rows.map(({ channels, senders, together, single, pgbench }) => [
    String(channels),
    String(senders),
    rate(together),
    rate(single),
    rate(pgbench),
  ])
  process.stdout.write(`### ${title}\n\n${table([header, ...cells])}\n`)
}

{
  await using server = await startPostgresServer({ fsync: 'on', synchronous_commit: 'on', max_connections: '400' })
  let statement = ''
  const single = openDb(server.url(), { poolSize: 1 })
  await prepareService(single)
  await single.close()
  const db = openDb(server.url(), {
    poolSize,
    onStatement: (text) => {
      if (text.includes('INSERT INTO messages') && text.includes('$7')) statement ||= text
    },
  })
  const [{ fsync }] = (await db.run<{ fsync: string }>('SHOW fsync', [])) as [{ fsync: string }]
  const rows = await measureEngine(db, () => statement, server.url())
  await db.close()
  report(`Postgres, fsync ${fsync}, pool of ${poolSize}`, rows)
  const row = (channels: number, senders: number): Row =>
    rows.find((each) => each.channels === channels && each.senders === senders)!
  const hot = row(1, 64)
  const goals: [string, string, number, boolean][] = []
  const atLeast = (goal: string, value: number, least: number): void =>
    void goals.push([goal, `at least ${least}`, value, value >= least])
  const atMost = (goal: string, value: number, most: number): void =>
    void goals.push([goal, `at most ${most}`, value, value <= most])
  atLeast('hot channel, 64 senders: together ÷ one statement each', hot.together.perSecond / hot.single.perSecond, 8)
  const peer = row(1000, 64).pgbench
  if (peer)
    atLeast('hot channel, 64 senders ÷ pgbench over 1,000 channels', hot.together.perSecond / peer.perSecond, 0.5)
  atMost(
    '1 sender, one channel: one statement each ÷ together',
    row(1, 1).single.perSecond / row(1, 1).together.perSecond,
    1.2,
  )
  process.stdout.write(
    `${table([['goal', '', 'measured', 'met'], ...goals.map(([goal, bound, value, met]) => [goal, bound, value.toFixed(2), met ? 'yes' : 'no'])])}\n`,
  )
}
{
  const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
  try {
    const { db, close } = await openEmbedded(directory)
    await prepareService(db)
    report('Embedded', await measureEngine(db, () => ''))
    await close()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
