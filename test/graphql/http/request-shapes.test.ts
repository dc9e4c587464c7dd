import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { captureLog, type CapturedLog } from '../../support/captured-log.ts'
import { openKit, type Answer, type Kit } from '../../support/kit.ts'

/** Requests of any shape over HTTP: answered, or refused as what they are, and never a fault of the server. */
let kit: Kit
let log: CapturedLog
beforeAll(async () => {
  kit = await openKit()
  log = captureLog(kit.server.app.logger)
})
afterEach(() => log.clear())
afterAll(() => kit.close())

const query = '{ viewer { kind } }'

async function ask(path: string, { headers, ...init }: RequestInit = {}) {
  const response = await fetch(`${kit.server.url}${path}`, {
    headers: { authorization: kit.backend.authorization, 'content-type': 'application/json', ...(headers as object) },
    ...init,
  })
  const text = await response.text()
  return { status: response.status, text, codes: [...text.matchAll(/"code":"(\w+)"/g)].map(([, code]) => code) }
}

const post = (body: string, accept = '*/*') => ask('/graphql', { method: 'POST', body, headers: { accept } })

const wrongText = ['5', 'true', '[]', '{}', '[1]', '{"a":1}', '1e999', '[[]]']
const wrongMembers: Readonly<Record<string, readonly string[]>> = {
  query: ['null', ...wrongText],
  operationName: wrongText,
  variables: ['5', '"x"', '""', 'true', '[]', '[1]', '1e999'],
  extensions: ['5', '"x"', '""', 'true', '[]', '[1]', '1e999'],
}

test('a body that is no request is BAD_USER_INPUT with 400', async () => {
  const bodies = [
    '',
    '{',
    '[',
    'null',
    '5',
    '"x"',
    'true',
    '[]',
    '{}',
    '1e999',
    '{"documentId":',
    '[{"documentId":"x"}]',
  ]
  const wrong = [
    ...bodies,
    `[{"query":"${query}"}]`,
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    ...Object.entries(wrongMembers).flatMap(([name, texts]) =>
      texts.map((text) => (name === 'query' ? `{"query":${text}}` : `{"query":"${query}","${name}":${text}}`)),
    ),
  ]
  for (const accept of ['*/*', 'application/json', 'application/graphql-response+json']) {
    for (const body of wrong) {
      const { status, codes } = await post(body, accept)
      expect([accept, body, status, codes]).toEqual([accept, body, 400, ['BAD_USER_INPUT']])
    }
  }
  expect(log.faults).toEqual([])
})

const member = fc.constantFrom('query', 'operationName', 'variables', 'extensions', 'documentId')

test('any JSON as a body, and in any member of it, is answered or refused as what it is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.option(member),
      fc.jsonValue(),
      fc.constantFrom('*/*', 'application/graphql-response+json', 'text/event-stream'),
      async (name, value, accept) => {
        const { codes } = await post(JSON.stringify(name ? { query, [name]: value } : value), accept)
        for (const code of codes) expect(['BAD_USER_INPUT', 'NOT_FOUND']).toContain(code)
      },
    ),
    { numRuns: 200 },
  )
  expect(log.faults).toEqual([])
})

test('a query in the address is answered, or BAD_USER_INPUT', async () => {
  const wrong = ['{', '[', '5', '[]', '"x"', 'x', '%00', '%ff', '{"a":']
  for (const name of ['variables', 'extensions']) {
    for (const value of wrong) {
      const { status, codes } = await ask(`/graphql?query=${encodeURIComponent(query)}&${name}=${value}`)
      expect([name, value, status, codes]).toEqual([name, value, 400, ['BAD_USER_INPUT']])
    }
  }
  const text = fc.oneof(fc.string({ unit: 'binary' }).map(encodeURIComponent), fc.constantFrom('%', '%ff', '%00', ''))
  await fc.assert(
    fc.asyncProperty(member, text, async (name, value) => {
      const { codes } = await ask(`/graphql?query=${encodeURIComponent(query)}&${name}=${value}`)
      for (const code of codes) expect(['BAD_USER_INPUT', 'NOT_FOUND']).toContain(code)
    }),
    { numRuns: 100 },
  )
  expect(log.faults).toEqual([])
})

test('any value in any variable is refused as what it is', async () => {
  const document = 'query ($id: ID!, $first: Int) { channel(id: $id) { members(first: $first) { edges { cursor } } } }'
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (id, first) => {
      const { text } = await post(JSON.stringify({ query: document, variables: { id, first } }))
      const { errors } = JSON.parse(text) as Answer<unknown>
      for (const { extensions } of errors ?? []) expect(extensions.code).toBe('BAD_USER_INPUT')
    }),
    { numRuns: 100 },
  )
  expect(log.faults).toEqual([])
})
