import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { print } from 'graphql'
import type { Client } from 'graphql-ws'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as clientDocuments from '../../../client/src/graphql/generated/documents.ts'
import consoleDocuments from '../../../schema/generated/console-documents.json' with { type: 'json' }
import {
  ChannelDocument,
  MessageBodiesDocument,
  SendMessageDocument,
  ViewerDocument,
} from '../../../schema/generated/graphql.ts'
import releasedDocuments from '../../../schema/released-documents.json' with { type: 'json' }
import { Documents } from '../../../src/graphql/execution/documents.ts'
import { readPersistedDocuments } from '../../../src/graphql/execution/persisted-documents.ts'
import { schema } from '../../../src/graphql/schema.ts'
import type { ChannelId } from '../../../src/model/sid.ts'
import type { Server } from '../../../src/server.ts'
import { openKit, type Answer, type Caller, type GraphqlError, type Kit, type User } from '../../support/kit.ts'
import { RawSocket } from '../../support/raw-socket.ts'
import { makeScratch } from '../../support/scratch.ts'
import { waitFor, within } from '../../support/wait.ts'

/** What GraphQL Code Generator has written for the operations of this repository. */
const PERSISTED_DOCUMENTS = fileURLToPath(
  new URL('../../../schema/generated/persisted-documents.json', import.meta.url),
)

let kit: Kit
let alice: User
let channelId: ChannelId
/** Answers nothing else. */
let strict: Server
beforeAll(async () => {
  kit = await openKit({ PERSISTED_DOCUMENTS })
  alice = await kit.user('alice')
  channelId = (await kit.channel([alice])).id
  strict = await kit.another({ PERSISTED_DOCUMENTS_ONLY: 'true' })
})
afterAll(() => kit.close())

/** The document's id, as the generated code carries it. */
function idOf(document: object): string {
  return (document as { __meta__: { hash: string } }).__meta__.hash
}

async function post({ server, authorization }: Caller, body: object): Promise<Answer<Record<string, unknown>>> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Answer<Record<string, unknown>>
}

/** The first answer over a socket, whatever it is. */
async function over(client: Client, payload: object): Promise<Answer<Record<string, unknown>>> {
  const answer = new Promise<Answer<Record<string, unknown>>>((resolve, reject) => {
    // The client insists on a text.
    client.subscribe(
      { query: '', ...payload },
      {
        next: (result) => resolve(result as Answer<Record<string, unknown>>),
        error: (errors) =>
          Array.isArray(errors) ? resolve({ errors: errors as unknown as GraphqlError[] }) : reject(errors as Error),
        complete: () => {},
      },
    )
  })
  return within(answer, 10_000, 'an answer')
}

const codesOf = ({ errors }: Answer<unknown>) => errors?.map(({ extensions }) => extensions.code)

test('a document is named by its id, with or without the algorithm, by POST and by GET', async () => {
  const documentId = idOf(ChannelDocument)
  expect(documentId).toMatch(/^sha256:[0-9a-f]{64}$/)
  const variables = { id: channelId }
  const expected = await alice.request(ChannelDocument, variables)
  expect(await post(alice, { documentId, variables })).toEqual({ data: expected })
  expect(await post(alice, { documentId: documentId.replace('sha256:', ''), variables })).toEqual({ data: expected })
  const query = new URLSearchParams({ documentId, variables: JSON.stringify(variables) })
  const headers = { authorization: alice.authorization }
  const response = await fetch(`${alice.server.url}/graphql?${query}`, { headers })
  expect(await response.json()).toEqual({ data: expected })
})

test('a mutation by its id is written, but not by GET', async () => {
  const documentId = idOf(SendMessageDocument)
  const variables = { input: { channelId, body: 'by id' } }
  const query = new URLSearchParams({ documentId, variables: JSON.stringify(variables) })
  const headers = { authorization: alice.authorization }
  expect((await fetch(`${alice.server.url}/graphql?${query}`, { headers })).status).toBe(405)
  const { data } = await post(alice, { documentId, variables })
  expect(data).toMatchObject({ sendMessage: { message: { body: 'by id' } } })
})

test('over a socket too, queries and subscriptions', async () => {
  const client = alice.connect()
  expect(await over(client, { documentId: idOf(ViewerDocument) })).toMatchObject({
    data: { viewer: { identity: alice.identity } },
  })
  const bodies: unknown[] = []
  client.subscribe({ query: '', documentId: idOf(MessageBodiesDocument), variables: { channelId } } as never, {
    next: ({ data }) => bodies.push((data as { messageAdded: { body: string } }).messageAdded.body),
    error: (error) => bodies.push(error),
    complete: () => {},
  })
  await alice.send(channelId, 'live')
  await waitFor(() => bodies.includes('live'))
  await client.dispose()
})

test('over a socket no text at all is needed with an id; without one it ends the socket', async () => {
  const socket = await RawSocket.open(kit.server, { token: alice.token })
  for (const text of [{}, { query: null }, { query: '' }]) {
    const id = JSON.stringify(text)
    socket.send({ type: 'subscribe', id, payload: { documentId: idOf(ViewerDocument), ...text } })
    await waitFor(() => socket.messages.some((message) => message.id === id && message.type === 'complete'))
    expect(socket.messages.find((message) => message.id === id)).toMatchObject({
      type: 'next',
      payload: { data: { viewer: { identity: alice.identity } } },
    })
  }
  socket.send({ type: 'subscribe', id: 'none', payload: { variables: { name: 'documentId' } } })
  await waitFor(() => socket.closed)
  expect(socket.closed?.code).toBe(4400)
})

test('an id that is not known is NOT_FOUND, one that is none or comes with a text is BAD_USER_INPUT', async () => {
  const client = alice.connect()
  const query = print(ViewerDocument)
  for (const [payload, code] of [
    [{ documentId: `sha256:${'0'.repeat(64)}` }, 'NOT_FOUND'],
    [{ documentId: '__proto__' }, 'NOT_FOUND'],
    [{ documentId: '' }, 'NOT_FOUND'],
    [{ documentId: idOf(ViewerDocument), query }, 'BAD_USER_INPUT'],
    [{ documentId: 5, query: '' }, 'BAD_USER_INPUT'],
  ] as const) {
    expect([payload, codesOf(await post(alice, payload))]).toEqual([payload, [code]])
    expect([payload, codesOf(await over(client, payload))]).toEqual([payload, [code]])
  }
  await client.dispose()
})

test('where only known documents are answered, others are refused with a code, and REST goes on', async () => {
  const caller = alice.at(strict)
  const client = caller.connect()
  for (const query of [
    '{ viewer { kind } }',
    '{ __schema { queryType { name } } }',
    'subscription { messageAdded { id } }',
  ]) {
    expect([query, codesOf(await post(caller, { query }))]).toEqual([query, ['PERSISTED_DOCUMENTS_ONLY']])
    expect([query, codesOf(await over(client, { query }))]).toEqual([query, ['PERSISTED_DOCUMENTS_ONLY']])
  }
  const documentId = idOf(ViewerDocument)
  const expected = { data: await alice.request(ViewerDocument) }
  expect(await post(caller, { documentId })).toEqual(expected)
  expect(await over(client, { documentId })).toEqual(expected)
  const documents = await readPersistedDocuments({ PERSISTED_DOCUMENTS })
  expect(await post(caller, { query: documents.get(documentId.replace('sha256:', '')) })).toEqual(expected)
  const list = `${strict.url}/v1/Services/${strict.account.serviceId}/Channels`
  const { status } = await fetch(list, { headers: { authorization: kit.backend.authorization } })
  expect(status).toBe(200)
  await client.dispose()
})

test('the documents of the client are known everywhere, as the texts that it sends', async () => {
  const caller = alice.at(strict)
  const client = caller.connect()
  const texts = Object.values<string>(clientDocuments)
  expect(texts.length).toBeGreaterThan(20)
  const documents = new Documents(schema, await readPersistedDocuments({ PERSISTED_DOCUMENTS }), true)
  for (const query of texts) {
    expect([query, documents.check({ query })]).toEqual([query, { document: expect.any(Object) as object }])
    // A subscription may say nothing before something happens.
    if (query.startsWith('subscription')) continue
    for (const { data, errors = [] } of [await over(client, { query }), await post(caller, { query })]) {
      // Either it ran, or only its variables are missing.
      expect(data !== undefined || errors.length > 0).toBe(true)
      expect([query, errors.filter(({ message }) => !message.startsWith('Variable "$'))]).toEqual([query, []])
    }
  }
  expect(await over(client, { query: clientDocuments.EventsDocument })).toMatchObject({ data: expect.any(Object) })
  // One that differs in a space is another.
  const query = texts[0]!.replace('{', ' {')
  expect(codesOf(await post(caller, { query }))).toEqual(['PERSISTED_DOCUMENTS_ONLY'])
  await client.dispose()
})

test('the documents of the console are known everywhere, and right', async () => {
  const documents = new Documents(schema, await readPersistedDocuments({ PERSISTED_DOCUMENTS }), true)
  expect(consoleDocuments.length).toBeGreaterThan(10)
  for (const query of consoleDocuments) {
    expect([query, documents.check({ query })]).toEqual([query, { document: expect.any(Object) as object }])
  }
})

test('a file that is none of documents ends the start with the name of the setting', async () => {
  await using scratch = await makeScratch()
  for (const text of ['', '[]', '{"a":5}', '{"a":""}', '{']) {
    const file = join(scratch.path, 'documents.json')
    await writeFile(file, text)
    await expect(readPersistedDocuments({ PERSISTED_DOCUMENTS: file })).rejects.toThrow('PERSISTED_DOCUMENTS: expected')
  }
  const missing = join(scratch.path, 'missing.json')
  await expect(kit.another({ PERSISTED_DOCUMENTS: missing })).rejects.toThrow(
    /^PERSISTED_DOCUMENTS: .*missing\.json cannot be read \(ENOENT/,
  )
})

test('what the client of the last release sends is known and answered, where no other is', async () => {
  const persisted = await readPersistedDocuments({ PERSISTED_DOCUMENTS: undefined })
  const documents = new Documents(schema, persisted, true)
  expect(releasedDocuments.length).toBeGreaterThan(50)
  expect(releasedDocuments.filter((query) => 'errors' in documents.check({ query }))).toEqual([])
})
