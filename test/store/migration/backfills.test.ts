import { readFile, readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AddMemberDocument, CreateUserDocument, UpdateMessageDocument } from '../../../schema/generated/graphql.ts'
import { sidToUuid, type RoleId } from '../../../src/model/sid.ts'
import { makeRole } from '../../support/authority.ts'
import { openKit, uniqueName, type Kit } from '../../support/kit.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

const folder = new URL('../../../drizzle/', import.meta.url)

/** What a migration says, by the end of its name. */
async function migration(name: string): Promise<string[]> {
  const files = await readdir(folder)
  const file = files.find((found) => found.endsWith(`_${name}.sql`))
  if (!file) throw new Error(`there is no migration ${name}`)
  return (await readFile(new URL(file, folder), 'utf8')).split('--> statement-breakpoint')
}

const tables = ['messages', 'channels', 'users'] as const

/** Each row with its version, which every write of it changes. */
async function rows(table: string): Promise<Map<unknown, { attributes: string; version: string }>> {
  const found = await kit.store.db.orm.execute<{ id: string; attributes: string; version: string }>(
    `SELECT id, attributes, ctid || ' ' || xmin AS version FROM ${table}`,
  )
  return new Map(found.map(({ id, ...row }) => [id, row]))
}

test('attributes that were stored as null are healed, and no other row is written', async () => {
  const { orm } = kit.store.db
  for (let made = 0; made < 5; made++) {
    const { id } = await kit.channel()
    await kit.backend.send(id, 'hello', { attributes: { made } })
    await kit.backend.request(CreateUserDocument, { input: { identity: uniqueName('made') } })
  }
  for (const table of tables) {
    const [first, second, third] = (await rows(table)).keys()
    await orm.execute(
      `UPDATE ${table} SET attributes = 'null' WHERE id IN ('${first as string}', '${second as string}')`,
    )
    await orm.execute(`UPDATE ${table} SET attributes = '{"a":null}' WHERE id = '${third as string}'`)
  }
  const before = new Map(await Promise.all(tables.map(async (table) => [table, await rows(table)] as const)))
  for (const statement of await migration('attributes-null')) await orm.execute(statement)
  for (const table of tables) {
    const after = await rows(table)
    expect([...after.values()].filter(({ attributes }) => attributes === 'null')).toEqual([])
    const good = [...before.get(table)!].filter(([, { attributes }]) => attributes !== 'null')
    expect(good.length).toBe(after.size - 2)
    for (const [id, row] of good) expect(after.get(id)).toEqual(row)
  }
})

test('the index at which a member joined is found although messages before it were edited since, and the last message’s time', async () => {
  const { orm } = kit.store.db
  const { id: channelId } = await kit.channel()
  const join = (identity: string) => kit.backend.request(AddMemberDocument, { input: { channelId, identity } })
  await join('at the beginning')
  const sent = []
  for (const body of ['0', '1', '2', '3']) sent.push(await kit.backend.send(channelId, body))
  await join('after four')
  await kit.backend.send(channelId, '4')
  await kit.backend.request(UpdateMessageDocument, { input: { messageId: sent[3]!.id, body: 'edited' } })
  await kit.backend.request(UpdateMessageDocument, { input: { messageId: sent[1]!.id, body: 'edited' } })
  await join('at the end')
  const uuid = sidToUuid(channelId)
  const members = () =>
    orm.execute(`SELECT identity, joined_index::int FROM members WHERE channel_id = '${uuid}' ORDER BY id`)
  const times = () =>
    orm.execute(`SELECT last_message_at - messages.created_at < interval '1 s' AS is_near FROM channels, messages
      WHERE channels.id = '${uuid}' AND channel_id = '${uuid}' AND index = last_index AND last_message_at IS NOT NULL`)
  const before = await members()
  expect(before).toEqual([
    { identity: 'at the beginning', joined_index: -1 },
    { identity: 'after four', joined_index: 3 },
    { identity: 'at the end', joined_index: 4 },
  ])
  expect(await times()).toEqual([{ is_near: true }])
  await orm.execute('UPDATE members SET joined_index = -1')
  await orm.execute('UPDATE channels SET last_message_at = NULL')
  const backfill = (await migration('reading-finding-people')).filter((statement) => /^\s*UPDATE/.test(statement))
  expect(backfill).toHaveLength(2)
  for (const statement of backfill) await orm.execute(statement)
  expect(await members()).toEqual(before)
  expect(await times()).toEqual([{ is_near: true }])
})

test('roles that could destroy a channel get the permissions that are new, and no others', async () => {
  const { orm } = kit.store.db
  const before = { admin: ['destroyChannel', 'sendMessage'], plain: ['sendMessage'] } as const
  const [admin, plain] = [
    await makeRole(kit, 'channel', before.admin),
    await makeRole(kit, 'channel', before.plain),
  ] as const
  const statements = (await migration('channel-actions')).filter((statement) => /^\s*UPDATE/.test(statement))
  expect(statements).toHaveLength(1)
  for (const statement of statements) await orm.execute(statement)
  const permissionsOf = async (id: string) => {
    const [row] = await kit.store.db.run<{ permissions: string[] }>('SELECT permissions FROM roles WHERE id = $1', [
      sidToUuid(id as RoleId),
    ])
    return row!.permissions
  }
  expect(await permissionsOf(admin)).toEqual([
    ...before.admin,
    'freezeChannel',
    'sendToFrozenChannel',
    'truncateChannel',
    'editMemberRole',
  ])
  expect(await permissionsOf(plain)).toEqual(before.plain)
})
