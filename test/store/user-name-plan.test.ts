import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sidToUuid, uuidToSid, type ServiceId, type UserId } from '../../src/model/sid.ts'
import { searchUserNames, type FoundName, type NameSearch } from '../../src/store/user-name.ts'
import { readUsersOfIdentities, readUsersSharing } from '../../src/store/user.ts'
import { engineName } from '../support/engine.ts'
import { openKit, type Kit } from '../support/kit.ts'
import { plansOf } from '../support/plan.ts'

/** Users whose names all begin with the same word. */
const userCount = engineName === 'cluster' ? 100_000 : 20_000
/** Beside many without members. */
const channelCount = 20
const membersOfChannel = 50
const size = 25

let kit: Kit
let serviceId: ServiceId
let caller: UserId

beforeAll(async () => {
  kit = await openKit()
  const { maintenance: db } = kit.store
  serviceId = kit.server.account.serviceId
  const service = sidToUuid(serviceId)
  await db.run(
    `INSERT INTO users (id, service_id, identity, role_id)
     SELECT gen_random_uuid(), $1::uuid, 'user' || n, (SELECT default_service_role_id FROM services WHERE id = $1::uuid)
     FROM generate_series(1, $2::int) AS n`,
    [service, userCount],
  )
  await db.run(
    `INSERT INTO user_names (user_id, service_id, token)
     SELECT id, service_id, token FROM users, unnest(ARRAY['common', 'common' || identity, identity]) AS token
     WHERE identity LIKE 'user%'`,
    [],
  )
  await db.run(
    `WITH made AS (
       INSERT INTO channels (id, service_id, type, created_by, members_count)
       SELECT gen_random_uuid(), $1::uuid, 'private', 'system', 0 FROM generate_series(1, 5000) RETURNING id
     ), placed AS (
       SELECT id, row_number() OVER () AS place FROM made
     )
     INSERT INTO members (channel_id, id, user_id, identity, role_id, added_by, seq, joined_seq, user_seq)
     SELECT placed.id, gen_random_uuid(), users.id, users.identity,
       (SELECT default_channel_role_id FROM services WHERE id = $1::uuid), 'backend', 1, 1, 1
     FROM placed
     JOIN (
       SELECT n, n / $3::int AS place FROM generate_series($3::int, $4::int) AS n UNION ALL SELECT 1, generate_series(1, $2::int)
     ) AS joining ON joining.place = placed.place
     JOIN users ON users.service_id = $1::uuid AND users.identity = 'user' || joining.n`,
    [service, channelCount, membersOfChannel, userCount],
  )
  const [row] = await db.run<{ id: string }>(`SELECT id FROM users WHERE identity = 'user1'`, [])
  caller = uuidToSid('US', row!.id)
  await db.orm.execute(sql`VACUUM ANALYZE`)
})
afterAll(() => kit.close())

const ends = { after: undefined, before: undefined }

async function planOf(
  search: Partial<NameSearch>,
  page: { backwards?: boolean; after?: FoundName; before?: FoundName } = {},
) {
  const whole = { serviceId, prefixes: ['comm'], visibleTo: undefined, except: undefined, ...search }
  const plans = await plansOf(kit.store, () =>
    searchUserNames(kit.store.db, whole, { size, backwards: false, ...ends, ...page }),
  )
  for (const { steps } of plans) expect(steps).not.toContain('Seq Scan')
  return plans[0]!
}

test('a page of a common beginning reads little more than the page, wherever it is', async () => {
  const after = { token: 'common', id: caller }
  for (const page of [{}, { after }, { backwards: true, before: { token: 'commonuser1', id: caller } }]) {
    const plan = await planOf({}, page)
    expect(plan.indexes).toContain('user_names_token')
    // Each name, and the others of the same user.
    expect(plan.rowsRead).toBeLessThan(40 * (size + 1))
  }
})

test('several words that are never together are looked for in a bounded number of names', async () => {
  const plan = await planOf({ prefixes: ['common', 'nowhere'] })
  expect(plan.rowsRead).toBeLessThan(100_000)
  // A word that all have met before, too.
  const after = { token: 'commonuser1', id: caller }
  expect((await planOf({}, { after })).rowsRead).toBeLessThan(100_000)
  expect((await planOf({ prefixes: ['user12', 'common'] })).rowsRead).toBeLessThan(60 * (size + 1))
})

test('a page begins at the names that are looked for, and is not worth compiling', async () => {
  const [first, last] = [
    { token: 'user12', id: caller },
    { token: 'user12999', id: caller },
  ]
  for (const prefixes of [['user12'], ['user12', 'common']]) {
    for (const page of [{}, { after: first }, { backwards: true }, { backwards: true, before: last }]) {
      const { pagesRead, cost } = await planOf({ prefixes }, page)
      expect(pagesRead).toBeLessThan(12 * (size + 1))
      expect(cost).toBeLessThan(50_000)
    }
  }
})

test('among those that one shares a channel with, nobody else is read', async () => {
  const peers = channelCount * membersOfChannel
  const { rowsRead } = await planOf({ visibleTo: caller })
  expect(rowsRead).toBeLessThan(12 * peers)
  const scope = { serviceId, visibleTo: caller }
  const [plan] = await plansOf(kit.store, () =>
    readUsersOfIdentities(kit.store.db, scope, ['user1', 'user7', 'user77']),
  )
  expect(plan!.steps).not.toContain('Seq Scan')
  expect(plan!.rowsRead).toBeLessThan(12 * peers)
  const [sharing] = await plansOf(kit.store, () => readUsersSharing(kit.store.db, [caller], caller))
  expect(sharing!.steps).not.toContain('Seq Scan')
  expect(sharing!.rowsRead).toBeLessThan(6 * channelCount)
})
