import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newSid, sidToUuid, type AccountId } from '../../../src/model/sid.ts'
import { isUnavailable, uniqueViolation } from '../../../src/store/engine/fault.ts'
import { accounts } from '../../../src/store/tables/account.ts'
import { engineName, openTestStore, type TestStore } from '../../support/engine.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.close())

const newAccount = () => ({ id: newSid('AC'), authToken: 'secret' })

async function accountExists(id: AccountId): Promise<boolean> {
  return (await store.db.orm.select().from(accounts).where(eq(accounts.id, id))).length === 1
}

describe('a statement', () => {
  test('answers rows, with bigint as number and text as it was sent', async () => {
    const text = "Draw the 🦉! '; --"
    const rows = await store.db.run('SELECT 9007199254740991::bigint AS count, $1::text AS text', [text])
    expect(rows).toEqual([{ count: Number.MAX_SAFE_INTEGER, text }])
  })

  test('has the same values when it is repeated on a connection, which then knows their types', async () => {
    const at = '2026-01-02T03:04:05.678Z'
    const [one, two] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']
    const given = [true, false, 2 ** 40, 1.5, 'text', new Date(at), { list: [1, 'two'] }, [one, two], null]
    const statement = `SELECT $1::bool AS yes, $2::bool AS no, $3::bigint AS big, $4::float8 AS part, $5::text AS text,
      $6::timestamptz = '${at}' AS at, $7::json::text AS json, $8::uuid[]::text AS ids, $9::bool IS NULL AS none`
    const answer = [
      {
        yes: true,
        no: false,
        big: 2 ** 40,
        part: 1.5,
        text: 'text',
        at: true,
        json: '{"list":[1,"two"]}',
        ids: `{${one},${two}}`,
        none: true,
      },
    ]
    await store.db.transaction(async (tx) => {
      for (let time = 0; time < 3; time++) expect(await tx.run(statement, given)).toEqual(answer)
    })
  })

  test('has lists as they were given, whatever stands in them', async () => {
    const texts = [
      '',
      'NULL',
      'a\\b',
      '\\\\',
      '"',
      '{}',
      ',',
      ' ',
      'é🦉',
      "'",
      'line\nline',
      'x\\"'.repeat(100_000),
      null,
    ]
    for (const given of [texts, [], [null]]) {
      const statement = 'SELECT $1::text[] AS texts, to_jsonb($1::text[]) = $2::jsonb AS same'
      expect(await store.db.run(statement, [given, JSON.stringify(given)])).toEqual([{ texts: given, same: true }])
    }
    const statement = `SELECT $1::int[] AS numbers, $2::bool[]::text AS bits, $3::int[]::text AS nested,
      $4::timestamptz[]::text AS times, $5::jsonb[]::text AS objects`
    const given = [
      [1, null, -3],
      [true, false, null],
      [
        [1, 2],
        [3, 4],
      ],
      [new Date(0)],
      [{ a: '"' }],
    ]
    expect(await store.db.run(statement, given)).toEqual([
      {
        numbers: [1, null, -3],
        bits: '{t,f,NULL}',
        nested: '{{1,2},{3,4}}',
        times: '{"1970-01-01 00:00:00+00"}',
        objects: String.raw`{"{\"a\": \"\\\"\"}"}`,
      },
    ])
  })

  test('whose values have no text is refused, and the connection goes on', async () => {
    const unwritable: [unknown, string][] = [
      [new Date(NaN), 'Invalid time'],
      [undefined, 'undefined'],
      [[undefined], 'undefined'],
      [{ count: 1n }, 'BigInt'],
    ]
    for (const [value, reason] of unwritable) {
      await expect(store.db.run('SELECT $1::text AS text', [value])).rejects.toThrow(reason)
      const inTransaction = store.db.transaction(async (tx) => {
        await tx.run('SELECT $1::text AS text', [value]).catch(() => {})
        return tx.run('SELECT 1 AS one', [])
      })
      expect(await inTransaction).toEqual([{ one: 1 }])
      expect(await store.db.run('SELECT 1 AS one', [])).toEqual([{ one: 1 }])
    }
  })

  test('that violates a unique constraint names it, from the builder and by hand', async () => {
    const account = newAccount()
    await store.db.orm.insert(accounts).values(account)
    const byBuilder: unknown = await store.db.orm
      .insert(accounts)
      .values(account)
      .then(String, (error) => error)
    const byHand: unknown = await store.db
      .run('INSERT INTO accounts (id, auth_token) SELECT id, auth_token FROM accounts LIMIT 1', [])
      .then(String, (error) => error)
    expect([byBuilder, byHand].map(uniqueViolation)).toEqual(['accounts_pkey', 'accounts_pkey'])
  })

  test('that fails for another reason is no unique violation, and the connection goes on', async () => {
    const error: unknown = await store.db.run('SELECT 1 / $1::int', [0]).then(String, (reason) => reason)
    expect(error).toMatchObject({ code: '22012' })
    expect(uniqueViolation(error)).toBeUndefined()
    expect(isUnavailable(error)).toBe(false)
    expect(await store.db.run('SELECT 1 AS one', [])).toEqual([{ one: 1 }])
  })

  test('may be a script, which answers all rows and, when it fails, leaves nothing behind', async () => {
    const { id } = newAccount()
    const insert = `INSERT INTO accounts (id, auth_token) VALUES ('${sidToUuid(id)}', 'secret')`
    expect(await store.db.runScript(`BEGIN; SELECT 1 AS one; COMMIT; SELECT 2 AS two, 3 AS three`)).toEqual([
      { one: 1 },
      { two: 2, three: 3 },
    ])
    await expect(store.db.runScript(`BEGIN; ${insert}; SELECT 1 / 0; COMMIT`)).rejects.toMatchObject({ code: '22012' })
    // On any connection, the one of the script among them.
    await Promise.all(Array.from({ length: 20 }, () => store.db.run('SELECT pg_sleep(0.01)', [])))
    expect(await accountExists(id)).toBe(false)
  })

  test('is counted once, in the order sent', async () => {
    store.statements.length = 0
    await store.db.run('SELECT 1 AS first', [])
    await store.db.run('SELECT 1 AS first', [])
    await store.db.orm.select({ id: accounts.id }).from(accounts).limit(1)
    expect(store.statements).toEqual([
      'SELECT 1 AS first',
      'SELECT 1 AS first',
      expect.stringMatching(/^select .* limit/),
    ])
  })
})

describe('a transaction', () => {
  test('that is done keeps what builder and hand wrote', async () => {
    const [one, other] = [newAccount(), newAccount()]
    await store.db.transaction(async (tx) => {
      await tx.orm.insert(accounts).values(one)
      await tx.run('INSERT INTO accounts (id, auth_token) VALUES ($1, $2)', [other.id.slice(2), 'secret'])
    })
    expect([await accountExists(one.id), await accountExists(other.id)]).toEqual([true, true])
  })

  test('that throws leaves nothing behind and gives the error on', async () => {
    const [one, other] = [newAccount(), newAccount()]
    const work = store.db.transaction(async (tx) => {
      await tx.orm.insert(accounts).values(one)
      await tx.run('INSERT INTO accounts (id, auth_token) VALUES ($1, $2)', [other.id.slice(2), 'secret'])
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    expect([await accountExists(one.id), await accountExists(other.id)]).toEqual([false, false])
  })

  test('is not seen by others before it is done', async () => {
    const account = newAccount()
    const seenDuring = await store.db.transaction(async (tx) => {
      await tx.orm.insert(accounts).values(account)
      const seen = accountExists(account.id)
      // With one connection the question itself waits for the end of the transaction.
      return engineName === 'embedded' ? { seen } : { seen: await seen }
    })
    expect(await seenDuring.seen).toBe(engineName === 'embedded')
    expect(await accountExists(account.id)).toBe(true)
  })
})

test('what was read is kept nowhere', async () => {
  const mebibyte = 2 ** 20
  const read = async (count: number): Promise<void> => {
    for (let at = 0; at < count; at++) {
      const [row] = await store.db.run<{ text: string }>('SELECT repeat($1, 1048576) AS text', [String(at % 10)])
      expect(row!.text).toHaveLength(mebibyte)
    }
  }
  await read(50)
  const before = process.memoryUsage.rss()
  await read(250)
  // All threads of this process, the embedded engine's too; the rest is room for their collectors.
  expect(process.memoryUsage.rss() - before).toBeLessThan(150 * mebibyte)
  // The embedded engine's thread gives way to all that runs beside.
}, 120_000)
