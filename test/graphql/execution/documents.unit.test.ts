import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Documents } from '../../../src/graphql/execution/documents.ts'
import { schema } from '../../../src/graphql/schema.ts'

/** Bytes in use once everything that nobody holds is gone. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

let made = 0

/** A valid document with about five times as many tokens, unlike any other. */
function newDocument(words: number): string {
  const pairs = Array.from({ length: words }, () => '[0 {}]')
  return `mutation M${++made} { sendMessage(input: { channelId: "x", attributes: [${pairs.join(' ')}] }) { message { id } } }`
}

test('a text is parsed and validated once', () => {
  const documents = new Documents(schema)
  const document = documents.parse('{ viewer { kind } }')
  expect(documents.parse('{ viewer { kind } }')).toBe(document)
  expect(documents.validate(document)).toBe(documents.validate(document))
})

test('documents that come once take a bounded amount of memory, and leave alone one that is in use', () => {
  const documents = new Documents(schema)
  const used = documents.parse('{ viewer { kind } }')
  const before = heapInUse()
  for (let turn = 0; turn < 30; turn++) {
    documents.parse(newDocument(1900))
    documents.parse(newDocument(200).replace('message', 'nothing'))
    documents.parse(`${newDocument(1)} # ${'x'.repeat(250_000)}`)
    for (let small = 0; small < 20; small++) documents.parse(newDocument(10))
    expect(documents.parse('{ viewer { kind } }')).toBe(used)
  }
  expect((heapInUse() - before) / 1024 / 1024).toBeLessThan(60)
})

test('the operator’s own documents stay, whatever else comes', () => {
  const text = '{ viewer { identity } }'
  const documents = new Documents(schema, new Map([['abc', text]]))
  const first = documents.parse(documents.textOf({ documentId: 'sha256:abc' }) as string)
  for (let turn = 0; turn < 2100; turn++) documents.parse(`query q${turn} { viewer { kind } }`)
  expect(documents.parse(text)).toBe(first)
})
