import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getIntrospectionQuery, type IntrospectionOptions } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CreateAccessTokenDocument, ViewerDocument } from '../../schema/generated/graphql.ts'
import { Caller, User, openSocket, uniqueName, type Answer } from '../support/kit.ts'
import { makeScratch } from '../support/scratch.ts'
import { spawnServer, type ServerBinary } from '../support/server-binary.ts'
import { within } from '../support/wait.ts'

const repeat = (count: number, part: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => part(at)).join(' ')

/** Every one asks for far more than it says. */
const hostile: Readonly<Record<string, string>> = {
  'the schema, multiplied by aliases': `{ __schema { types { ${repeat(50, (at) => `a${at}: fields { type { ...F } }`)} } } }
    fragment F on __Type { ${repeat(50, (at) => `b${at}: fields { name }`)} }`,
  'the schema, multiplied within the number of fields': `{ __schema { types { ${repeat(60, (at) => `a${at}: fields { type { fields { name } } }`)} } } }`,
  'the schema many times': `{ ${repeat(25, (at) => `a${at}: __schema { types { fields { args { type { name } } type { fields { name } } } } }`)} }`,
  'types of any name': `query ($name: String!) { ${repeat(40, (at) => `a${at}: __type(name: $name) { fields { type { fields { name } } } }`)} }`,
  'named types': `{ ${repeat(60, (at) => `a${at}: __type(name: "Query") { fields { args { type { fields { type { fields { name } } } } } type { fields { name } } } }`)} }`,
  'aliases of __typename': `{ ${repeat(400, (at) => `a${at}: __typename`)} }`,
  'aliases of a field': `{ ${repeat(101, (at) => `a${at}: viewer { kind }`)} }`,
  'one field, again and again': `{ ${repeat(400, () => 'viewer { kind }')} }`,
  'a fragment that doubles thirty times': `{ ...F0 } ${repeat(30, (at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`)}
    fragment F30 on Query { viewer { kind } }`,
  'a fragment of itself': '{ ...A } fragment A on Query { ...B } fragment B on Query { viewer { kind } ...A }',
  'a long chain of fragments': `{ ...F0 } ${repeat(210, (at) => `fragment F${at} on Query { ...F${at + 1} }`)}
    fragment F210 on Query { viewer { kind } }`,
  'many operations': repeat(101, (at) => `query Q${at} { viewer { kind } }`),
  'many lines': `${'\n'.repeat(5001)}{ viewer { kind } }`,
  'a mutation, multiplied': `mutation { ${repeat(150, (at) => `a${at}: startTyping(input: { channelId: "x" }) { channelId: __typename }`)} }`,
  'a subscription, multiplied': `subscription { messageAdded { ...F0 } } ${repeat(20, (at) => `fragment F${at} on Message { ...F${at + 1} ...F${at + 1} }`)}
    fragment F20 on Message { body }`,
  'a subscription with aliases': `subscription { messageAdded { ${repeat(101, (at) => `a${at}: body`)} } }`,
  'a variable in a list a thousand times': `mutation ($name: JSON!) {
    createChannel(input: { attributes: [${repeat(1000, () => '$name')}] }) { channel { id } } }`,
  'a variable in many fields': `mutation ($name: JSON!) { ${repeat(11, (at) => `a${at}: createChannel(input: { attributes: $name }) { channel { id } }`)} }`,
  'many mistakes': `{ ${repeat(290, (at) => `wrong${at}`)} }`,
}
/** As an operator's document: the same, under another text. */
const persisted = (text: string): string => `${text} # persisted`
const idOf = (text: string): string => createHash('sha256').update(persisted(text)).digest('hex')
const variables = { name: 'Query' }

let stack: AsyncDisposableStack
let binary: ServerBinary
let backend: Caller
/** Another in each test: what one has used up is not the next one's. */
let alice: User
beforeAll(async () => {
  stack = new AsyncDisposableStack()
  const scratch = stack.use(await makeScratch())
  const file = join(scratch.path, 'documents.json')
  await writeFile(
    file,
    JSON.stringify(Object.fromEntries(Object.values(hostile).map((text) => [idOf(text), persisted(text)]))),
  )
  binary = stack.use(
    await spawnServer({
      DATA_DIR: join(scratch.path, 'data'),
      PERSISTED_DOCUMENTS: file,
      NODE_OPTIONS: '--max-old-space-size=256',
    }),
  )
  const { url, accountId, authToken } = await binary.ready()
  backend = new Caller({ url }, `Basic ${btoa(`${accountId}:${authToken}`)}`)
}, 120_000)
beforeEach(async () => {
  const identity = uniqueName('alice')
  const { createAccessToken } = await backend.request(CreateAccessTokenDocument, { input: { identity } })
  alice = new User(backend.server, identity, createAccessToken.token)
})
afterAll(() => stack.disposeAsync())

/** An answer's codes, in whatever form the answer comes. */
async function fetchCodes(path: string, init: RequestInit): Promise<readonly (string | undefined)[]> {
  const response = await fetch(`${alice.server.url}/graphql${path}`, init)
  const text = await response.text()
  const json = text.startsWith('{') ? text : /^data: (\{.*)$/m.exec(text)?.[1]
  const { errors } = JSON.parse(json ?? '{}') as Answer<unknown>
  return (errors ?? []).map(({ extensions }) => extensions.code)
}

const post = (body: object, headers: Record<string, string> = {}) =>
  fetchCodes('', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ variables, ...body }),
  })

async function overSocket(payload: object): Promise<readonly (string | undefined)[]> {
  const client = openSocket(alice.server, { token: alice.token })
  const errors = await within(
    new Promise<unknown>((resolve) => {
      // The client insists on a text.
      client.subscribe(
        { query: '', variables, ...payload },
        { next: (result) => resolve(result.errors), error: resolve, complete: () => resolve([]) },
      )
    }),
    10_000,
    'an answer',
  )
  await client.dispose()
  return ((errors ?? []) as NonNullable<Answer<unknown>['errors']>).map(({ extensions }) => extensions.code)
}

type Way = (query: string) => Promise<readonly (string | undefined)[]>

const ways: Readonly<Record<string, Way>> = {
  'POST without credentials': (query) => post({ query }),
  'POST as a user': (query) => post({ query }, { authorization: alice.authorization }),
  GET: (query) =>
    fetchCodes(`?${new URLSearchParams({ query, variables: JSON.stringify(variables) }).toString()}`, {
      headers: { accept: 'application/json' },
    }),
  'Server-Sent Events': (query) => post({ query }, { accept: 'text/event-stream' }),
  WebSocket: (query) => overSocket({ query }),
  'an id over POST': (query) => post({ documentId: idOf(query) }),
  'an id over Server-Sent Events': (query) => post({ documentId: idOf(query) }, { accept: 'text/event-stream' }),
  'an id over WebSocket': (query) => overSocket({ documentId: idOf(query) }),
}

const all = {
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
}

test.each<[tool: string, options: IntrospectionOptions]>([
  ['graphql', {}],
  ['graphql with all there is', all],
  ['GraphiQL', { schemaDescription: true, inputValueDeprecation: true }],
  [
    'GraphQL Code Generator',
    { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true },
  ],
  ['Apollo and urql', { descriptions: false }],
])('the schema is read without credentials, as %s asks for it', async (_tool, options) => {
  const query = getIntrospectionQuery(options)
  const url = `${alice.server.url}/graphql`
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const body = JSON.stringify({ query, operationName: 'IntrospectionQuery' })
  for (const response of [
    await fetch(url, { method: 'POST', headers, body }),
    await fetch(`${url}?${new URLSearchParams({ query }).toString()}`, { headers }),
  ]) {
    expect(await response.json()).toMatchObject({ data: { __schema: { queryType: { name: 'Query' } } } })
  }
})

describe.each(Object.entries(ways))('over %s', (_way, ask) => {
  test.each(Object.entries(hostile))(
    '%s is refused at once, and others are answered meanwhile',
    async (_what, query) => {
      // A few milliseconds; unbounded, some of these take minutes, or the process.
      const answers = Promise.all([ask(query), alice.request(ViewerDocument)])
      const [codes] = await within(answers, 5000, 'the refusal, and the answer to another')
      expect(new Set(codes)).toEqual(new Set(['BAD_USER_INPUT']))
    },
  )
})

test('what is wrong with a document is not reported a hundred times', async () => {
  expect((await post({ query: hostile['many mistakes'] })).length).toBeLessThan(20)
})

const wide = Object.fromEntries(Array.from({ length: 90_000 }, (_, at) => [at.toString(36), 1]))

/** Each mistake of a variable is found, and reported, with the value that it is in. */
test.each<[what: string, query: string, value: unknown, accept: string]>([
  [
    'an object of fields that are none',
    'mutation ($value: SendMessageInput!) { sendMessage(input: $value) { message { id } } }',
    wide,
    'application/json',
  ],
  [
    'an object of fields that are none, over Server-Sent Events',
    'mutation ($value: SendMessageInput!) { sendMessage(input: $value) { message { id } } }',
    wide,
    'text/event-stream',
  ],
  [
    'a list of what does not belong there, of a subscription',
    'subscription ($value: [ChannelPosition!]) { events(positions: $value) { __typename } }',
    Array.from({ length: 400_000 }, () => 1),
    'text/event-stream',
  ],
  ['a value of another kind', 'query ($value: ID!) { node(id: $value) { id } }', wide, 'application/json'],
])('%s is refused at once in a variable, and reported in a few words', async (_what, query, value, accept) => {
  const headers = { 'content-type': 'application/json', accept }
  const body = JSON.stringify({ query, variables: { value } })
  const asked = fetch(`${alice.server.url}/graphql`, { method: 'POST', headers, body })
  const text = await within(
    asked.then((response) => response.text()),
    15_000,
    'the refusal',
  )
  expect(text).toContain('BAD_USER_INPUT')
  expect(text.length).toBeLessThan(10_000)
})
