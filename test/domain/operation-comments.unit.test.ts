import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorCodes } from '../../src/model/error.ts'
import { permissionsOf } from '../../src/model/permission.ts'

const root = new URL('../../', import.meta.url).pathname
const read = (pattern: string): string[] =>
  globSync(pattern, { cwd: root }).map((file) => readFileSync(root + file, 'utf8'))

const transport = read('src/graphql/**/*.ts').join('\n')
const permissions = new Set<string>([...permissionsOf.channel, ...permissionsOf.deployment])

/** What GraphQL calls in the name of a caller. */
const operations = read('src/domain/**/*.ts').flatMap((text) =>
  Array.from(
    text.matchAll(
      /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\n)?export (?:async )?function (\w+)\(\s*app: \w*App,\s*actor: Actor([^]*?)\n}\n/g,
    ),
    ([, comment = '', name = '', body = '']) => ({ name, comment: comment.replaceAll(/\s*\n \* ?/g, ' '), body }),
  ).filter(({ name }) => new RegExp(`\\b${name}\\b`).test(transport)),
)

const thrownBy: Readonly<Record<string, string>> = {
  badInput: 'BAD_USER_INPUT',
  parsePage: 'BAD_USER_INPUT',
  forbidden: 'FORBIDDEN',
  assertCan: 'FORBIDDEN',
  requireBackend: 'FORBIDDEN',
  requireOperator: 'FORBIDDEN',
  requireUser: 'FORBIDDEN',
}

test.each(operations)('the comment of $name says what the caller needs, and which codes it throws', (operation) => {
  const { comment, body } = operation
  const [, needs = '', throws = ''] = /Needs (.+?)\. Throws ([^.]+)\./.exec(comment) ?? []
  const named = needs.match(/`\w+`/g)?.map((name) => name.slice(1, -1)) ?? []
  expect(named.filter((name) => !permissions.has(name))).toEqual([])
  const codes = throws.match(/[A-Z_]{2,}/g) ?? []
  expect(codes.filter((code) => !(code in errorCodes))).toEqual([])
  expect(codes.length > 0 || throws === 'nothing').toBe(true)

  const used = body.match(/'\w+'/g)?.map((text) => text.slice(1, -1)) ?? []
  expect(named).toEqual(expect.arrayContaining(used.filter((word) => permissions.has(word))))
  const thrown = Object.entries(thrownBy).flatMap(([call, code]) => (body.includes(`${call}(`) ? code : []))
  thrown.push(...Array.from(body.matchAll(/new ChatError\(\s*'(\w+)'/g), ([, code = '']) => code))
  expect(codes).toEqual(expect.arrayContaining(thrown))
  expect(needs.includes('backend') || !/require(Backend|Operator)\(/.test(body)).toBe(true)
})

test('all operations are found', () => {
  const names = operations.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['sendMessage', 'createChannel', 'deleteRole', 'acknowledgeDeliveries']))
  expect(names.length).toBeGreaterThan(50)
})
