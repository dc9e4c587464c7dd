import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StreamTexts } from '../../../src/domain/realtime/stream-texts.ts'
import type { MessageAppendedEvent, TextHint } from '../../../src/model/event.ts'
import type { Message } from '../../../src/model/message.ts'
import { newSid } from '../../../src/model/sid.ts'
import { differenceOf } from '../../../src/model/text-difference.ts'

const messageId = newSid('IM')
const message = { id: messageId, index: 0, body: '', streamState: 'streaming' } as Message

/** What a reader makes of what a feed emits. */
function openTexts() {
  let text = ''
  let asked = 0
  const take = (event: MessageAppendedEvent): void => {
    text = text.slice(0, event.offset) + event.text
    expect(text).toBe(event.whole)
    expect(text.isWellFormed()).toBe(true)
  }
  const texts = new StreamTexts(take, () => asked++)
  return { texts, read: () => text, asked: () => asked }
}

/** The pieces of an owner whose text becomes these, one after the other. */
function piecesOf(epoch: number, states: readonly string[]): TextHint[] {
  let before = ''
  return states.flatMap((state, number) => {
    const difference =
      number === 0 ? { offset: 0, text: state } : (differenceOf(before, state) ?? { offset: state.length, text: '' })
    before = state
    return { type: 'text', messageId, index: 0, epoch, number, ...difference }
  })
}

const state = fc.array(fc.constantFrom('a', '🦉', '🦊', 'e\u0301'), { maxLength: 4 }).map((parts) => parts.join(''))
const hints = fc
  .array(fc.array(state, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 })
  .map((epochs) => epochs.flatMap((states, at) => piecesOf(at + 1, states)))

test('pieces that are repeated, reordered or lost never make another text, and the end makes it the final one', () => {
  fc.assert(
    fc.property(hints, fc.array(fc.nat(), { maxLength: 20 }), state, (pieces, order, final) => {
      const { texts, read } = openTexts()
      const states = new Map<string, string>()
      let whole = ''
      for (const { epoch, number, offset, text } of pieces) {
        whole = whole.slice(0, offset) + text
        states.set(`${epoch} ${number}`, whole)
      }
      texts.begin(message)
      for (const place of order) texts.take(pieces[place % pieces.length]!, 0)
      expect([...states.values(), '']).toContain(read())
      texts.end({ ...message, body: final })
      expect(read()).toBe(final)
      for (const piece of pieces) texts.take(piece, 0)
      expect(read()).toBe(final)
    }),
  )
})

test('in order every piece is shown at once; one that is missing is asked for, and an answer makes up for it', () => {
  const { texts, read, asked } = openTexts()
  const [first, second, third] = piecesOf(1, ['one', 'one two', 'one two three'])
  texts.begin(message)
  texts.take(first!, 0)
  expect(read()).toBe('one')
  texts.take(third!, 0)
  texts.take(third!, 0)
  expect([read(), asked()]).toEqual(['one', 1])
  texts.take({ ...third!, offset: 0, text: 'one two three' }, 0)
  expect(read()).toBe('one two three')
  texts.take(second!, 0)
  expect([read(), asked()]).toEqual(['one two three', 1])
  // A new owner that begins anew, and may know less.
  texts.take(piecesOf(2, ['one two'])[0]!, 0)
  expect(read()).toBe('one two')
  texts.take({ ...third!, number: 3, offset: 13, text: ' of the old one' }, 0)
  expect(read()).toBe('one two')
})

test('nothing is shown before its message, and the store does where the owner does not answer', () => {
  const { texts, read, asked } = openTexts()
  const [first, second] = piecesOf(1, ['one', 'one two'])
  texts.take(first!, -1)
  expect(read()).toBe('')
  texts.begin(message)
  expect(read()).toBe('one')
  texts.take({ ...second!, number: 5, offset: 20 }, 0)
  expect([texts.isAsked(messageId), asked()]).toEqual([true, 1])
  texts.restore(messageId, { epoch: 1, text: 'one two three' })
  expect([read(), texts.isAsked(messageId)]).toEqual(['one two three', false])
  texts.restore(messageId, { epoch: 1, text: 'one' })
  expect(read()).toBe('one two three')
})
