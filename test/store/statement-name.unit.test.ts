import { expect, test } from 'vitest'
import { nameStatement } from '../../src/store/engine/statement-name.ts'

test.each([
  ['BEGIN ISOLATION LEVEL READ COMMITTED', 'BEGIN'],
  ['select "id" from "users" left join "roles" on true where "id" = $1', 'SELECT users SELECT roles'],
  [
    'WITH counters AS (UPDATE channels SET a = 1 RETURNING a) INSERT INTO messages (a) SELECT a FROM counters',
    'UPDATE channels INSERT messages',
  ],
  ['WITH given (id) AS (SELECT 1) SELECT extract(epoch FROM now()) FROM unnest($1) JOIN given USING (id)', 'WITH'],
  ['SELECT a FROM members WHERE b IS DISTINCT FROM c FOR UPDATE OF members SKIP LOCKED', 'SELECT members'],
  ['INSERT INTO reads (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = 1', 'INSERT reads'],
  ['DELETE FROM messages WHERE id IN (SELECT id FROM messages LIMIT 1)', 'DELETE messages SELECT messages'],
  ['', 'statement'],
])('%s is named %s', (statement, name) => {
  expect(nameStatement(statement)).toBe(name)
})

test('a name is short, however many tables there are', () => {
  const tables = Array.from({ length: 100 }, (_, at) => `FROM table_${at}`)
  expect(nameStatement(`SELECT 1 ${tables.join(' ')}`).length).toBe(120)
})
