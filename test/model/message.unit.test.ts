import { expect, test } from 'vitest'
import { revisionOf, type Message, type MessageExtras } from '../../src/model/message.ts'

const message = { seq: 5 } as Message
const extras = (seq: number, messageSeq?: number) => ({ seq, messageSeq }) as MessageExtras

test.each([
  ['of which nothing was added', undefined, 5],
  ['with which nothing was read', null, 5],
  ['read together with what was added later', extras(9), 9],
  ['that was edited after what was added', extras(3), 5],
  ['that is the same when what was added is read', extras(9, 5), 9],
  ['that was edited before what was added was read: that edit, number 7, is news', extras(9, 7), 5],
])('the revision of a message %s', (_what, added, expected) => {
  expect(revisionOf(message, added)).toBe(expected)
})
