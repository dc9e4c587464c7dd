import { openDb, type Db } from '../src/store/engine/db.ts'
import { migrateDb } from '../src/store/migration.ts'
import { copyMigrations } from '../test/support/migrations.ts'
import { startPostgresServer } from '../test/support/postgres-server.ts'
import { makeScratch } from '../test/support/scratch.ts'
import { table } from './report.ts'

/**
 * What an upgrade costs those who send meanwhile. A database as it was before messages had extras, threads, mentions, streams and their present
 * unique index is filled and migrated, while senders lock a channel's row and insert a message, as a send does, again and again. The longest of
 * these is the pause that a send met.
 */
const isQuick = process.argv.includes('--quick')
const count = Number(optionOf('--messages') ?? (isQuick ? 200_000 : 10_000_000))
const channels = 2000
const members = 5
const senders = 4
/** The first migration that is measured. */
const first = 21
/** What a send may wait at most, in milliseconds. */
const goal = 1000

function optionOf(name: string): string | undefined {
  const at = process.argv.indexOf(name)
  return at === -1 ? undefined : process.argv[at + 1]
}

const channelId = `('00000000-0000-7000-8000-' || lpad(to_hex(channel), 12, '0'))::uuid`

/** Every twentieth message was edited, every hundredth deleted, and half of them have a `clientMessageId`. */
async function fill(db: Db): Promise<void> {
  const perChannel = Math.ceil(count / channels)
  await db.runScript(`
    INSERT INTO accounts (id, auth_token) VALUES (gen_random_uuid(), 'unused');
    INSERT INTO services (id, account_id, friendly_name, default_service_role_id, default_channel_role_id, default_channel_creator_role_id)
      SELECT gen_random_uuid(), id, 'bench', gen_random_uuid(), gen_random_uuid(), gen_random_uuid() FROM accounts;
    INSERT INTO roles (id, service_id, friendly_name, type, permissions)
      SELECT default_channel_role_id, id, 'member', 'channel', '{sendMessage,editAnyMessage}' FROM services;
    INSERT INTO users (id, service_id, identity, role_id)
      SELECT gen_random_uuid(), services.id, 'user-' || number, roles.id FROM services, roles, generate_series(1, ${channels}) AS number;
    INSERT INTO channels (id, service_id, type, created_by, last_index, last_seq, messages_count)
      SELECT ${channelId}, services.id, 'public', 'system', ${perChannel - 1}, ${perChannel}, ${perChannel}
      FROM services, generate_series(1, ${channels}) AS channel;
    INSERT INTO members (channel_id, id, user_id, identity, role_id, seq, joined_seq, user_seq, left_at)
      SELECT channels.id, gen_random_uuid(), users.id, users.identity, users.role_id, 0, 0, 0,
        CASE WHEN right(users.identity, 1) = '7' THEN now() END
      FROM channels, LATERAL (SELECT * FROM users ORDER BY hashtext(users.id::text || channels.id::text) LIMIT ${members}) AS users`)
  // In the order in which messages come: all channels grow together.
  const atOnce = Math.max(1, Math.floor(500_000 / channels))
  for (let from = 0; from < perChannel; from += atOnce) {
    const to = Math.min(from + atOnce, perChannel) - 1
    await db.runScript(`
      INSERT INTO messages (channel_id, index, id, seq, author, body, client_message_id, created_at, updated_at, last_updated_by, deleted_at)
      SELECT ${channelId}, index, gen_random_uuid(), index + 1, 'user-' || index % ${members}, repeat('words ', 20),
        CASE WHEN index % 2 = 0 THEN md5(index::text || channel::text) END, now(), now(),
        CASE WHEN index % 20 = 0 THEN 'user-1' END, CASE WHEN index % 100 = 1 THEN now() END
      FROM generate_series(${from}, ${to}) AS index, generate_series(1, ${channels}) AS channel`)
  }
  await db.runScript('VACUUM ANALYZE')
}

interface Pause {
  readonly at: number
  readonly milliseconds: number
}

/** Sends without an end: the channel's counters move under its lock, and a message is inserted. */
async function send(db: Db, signal: AbortSignal, pauses: Pause[]): Promise<void> {
  while (!signal.aborted) {
    const at = performance.now()
    await db.run(
      `WITH counters AS (
         UPDATE channels SET last_index = last_index + 1, last_seq = last_seq + 1, messages_count = messages_count + 1
         WHERE id = ('00000000-0000-7000-8000-' || lpad(to_hex($1::int), 12, '0'))::uuid RETURNING id, last_index, last_seq)
       INSERT INTO messages (channel_id, index, id, seq, author, body, client_message_id, created_at, updated_at)
       SELECT id, last_index, gen_random_uuid(), last_seq, 'sender', 'hello', gen_random_uuid()::text, now(), now() FROM counters`,
      [1 + Math.floor(Math.random() * channels)],
    )
    pauses.push({ at, milliseconds: performance.now() - at })
  }
}

await using server = await startPostgresServer({ fsync: 'on', shared_buffers: '256MB', max_wal_size: '4GB' })
const patient = { statement: 0, lock: 2000, total: 3_600_000, pool: 3_600_000 }
const db = openDb(server.url(), { poolSize: 1, timeouts: patient })
{
  await using scratch = await makeScratch()
  await migrateDb(db, { folder: await copyMigrations(scratch.path, first) })
}
const filledAt = performance.now()
await fill(db)
process.stdout.write(
  `${count} messages in ${channels} channels, filled in ${((performance.now() - filledAt) / 1000).toFixed(0)} s\n`,
)

const sending = openDb(server.url(), { poolSize: senders, timeouts: { ...patient, lock: 60_000 } })
const ended = new AbortController()
const pauses: Pause[] = []
const all = Promise.all(Array.from({ length: senders }, () => send(sending, ended.signal, pauses)))
const steps: { readonly name: string; readonly from: number; readonly to: number }[] = []
let begunAt = 0
await migrateDb(db, {
  open: () => ({
    session: openDb(server.url(), { poolSize: 1, timeouts: patient }),
    watch: openDb(server.url(), { poolSize: 1 }),
  }),
  onStep: (name, milliseconds) => {
    if (milliseconds === undefined) begunAt = performance.now()
    else steps.push({ name, from: begunAt, to: performance.now() })
  },
})
ended.abort()
await all
await Promise.all([db.close(), sending.close()])

/** The longest send that was under way during a step, in milliseconds, and how many there were. */
const during = ({ from, to }: { readonly from: number; readonly to: number }) => {
  const met = pauses.filter(({ at, milliseconds }) => at < to && at + milliseconds > from)
  return { longest: met.reduce((most, { milliseconds }) => Math.max(most, milliseconds), 0), sends: met.length }
}
const rows = steps.map((step) => {
  const { longest, sends } = during(step)
  return [step.name, ((step.to - step.from) / 1000).toFixed(2), String(sends), longest.toFixed(0)]
})
process.stdout.write(`\n${table([['step', 'seconds', 'sends meanwhile', 'longest send, ms'], ...rows])}`)
const longest = pauses.reduce((most, { milliseconds }) => Math.max(most, milliseconds), 0)
const seconds = (steps.at(-1)!.to - steps[0]!.from) / 1000
process.stdout.write(
  `\nAll steps took ${seconds.toFixed(1)} s. The longest pause that a send met: ${longest.toFixed(0)} ms.\n`,
)
if (longest > goal) {
  process.stdout.write(`That is more than ${goal} ms.\n`)
  process.exitCode = 1
}
