import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyAll } from '../../src/store/apply.ts'
import type { Change } from '../../src/store/change.ts'
import { emptyState, type Message, type State } from '../../src/store/state.ts'
import { selectWindow } from '../../src/store/window.ts'
import { liveChanges } from '../../src/tabs/reload.ts'
import { ChannelModel, channelId } from '../support/channel-model.ts'

const messageOf = (state: State): Message => state.channels.get(channelId)!.messages.at(-1)!

/** A channel whose newest message is a text that is being written, and what is said of that. */
function begin(isKnown = true) {
  const model = new ChannelModel()
  const earlier = model.send('carol')
  const [added, moved] = model.send('bob')
  const whole = model.messages[1]!
  let revision = whole.revision
  const reading = (news: Partial<Message>, isNewer = false): Change => {
    if (isNewer) revision++
    const message: Message = { ...whole, streamState: 'STREAMING', revision, ...news }
    return { kind: 'messages', channelId, messages: [message], covered: null }
  }
  const event = (name: 'messageAdded' | 'messageFinished', change: Change): Change =>
    ({ ...change, event: { name, cursor: name === 'messageAdded' ? model.cursor() : `${channelId}.1.z.0` } }) as Change
  const piece = (offset: number, text: string): Change => ({ kind: 'appended', channelId, index: 1, offset, text })
  const first = [model.joined(), { kind: 'started', channelId, cursor: `${channelId}.-1.0.0` } as const, ...earlier]
  const known = isKnown && added ? [event('messageAdded', reading({ body: '' })), moved!] : []
  const { state } = applyAll(emptyState, [...first, ...known])
  return { state, reading, event, piece }
}

const heardIn = (state: State, ...changes: Change[]): string[] => applyAll(state, changes).heard.map(({ name }) => name)

test('pieces make a text, its end is heard once, and nothing that comes later changes it', () => {
  const { state, reading, event, piece } = begin()
  const written = applyAll(state, [piece(0, 'To '), piece(3, 'bee'), piece(5, ', 🦉')]).state
  expect(messageOf(written)).toMatchObject({ body: 'To be, 🦉', streamState: 'STREAMING' })
  expect(applyAll(written, [piece(5, ', 🦉')]).state).toBe(written)
  const end = event('messageFinished', reading({ body: 'To be.', streamState: 'COMPLETED' }, true))
  expect(heardIn(written, end)).toEqual(['messageFinished'])
  const ended = applyAll(written, [end]).state
  expect(messageOf(ended)).toMatchObject({ body: 'To be.', streamState: 'COMPLETED' })
  const late = [piece(5, 'x'), piece(0, ''), end, reading({ body: 'To be, or', revision: 2 })]
  expect(applyAll(ended, late)).toMatchObject({ state: ended, heard: [] })
  expect(applyAll(ended, late).state).toBe(ended)
  // Of a message that is not known the event says it.
  const { state: empty } = begin(false)
  expect(heardIn(empty, end)).toEqual(['messageFinished'])
})

test('a piece changes one row, and no other', () => {
  const { state, piece } = begin()
  const rowsOf = (from: State) => selectWindow(from.channels.get(channelId)!, { from: 0, to: null }).rows
  const [before, after] = [rowsOf(state), rowsOf(applyAll(state, [piece(0, 'a')]).state)]
  expect(after).toHaveLength(2)
  expect(after[0]).toBe(before[0])
  expect(after[1]).toMatchObject({ body: 'a', key: before[1]!.key })
})

test('a reading makes a text no shorter while it is written, whatever else is newer in it; a longer one is taken', () => {
  const { state, reading, piece } = begin()
  const written = applyAll(state, [piece(0, 'abcdef')]).state
  expect(applyAll(written, [reading({ body: 'abc' })]).state).toBe(written)
  const pinned = applyAll(written, [reading({ body: 'abc', pinnedAt: '2030-01-01T00:00:00Z' }, true)]).state
  expect(messageOf(pinned)).toMatchObject({ body: 'abcdef', pinnedAt: '2030-01-01T00:00:00Z' })
  expect(messageOf(applyAll(pinned, [reading({ body: 'abcdefgh' })]).state).body).toBe('abcdefgh')
})

test('what was not heard from its beginning is read again: what the stream has brought follows what is stored', () => {
  const { state, reading, piece } = begin()
  expect(heardIn(state, piece(4, 'ef'), piece(6, 'g'))).toEqual(['textTorn'])
  const torn = applyAll(state, [piece(4, 'ef'), piece(6, 'g')]).state
  expect(messageOf(torn).body).toBe('')
  const nearer = applyAll(torn, [reading({ body: 'abc' })]).state
  expect(messageOf(nearer).body).toBe('abc')
  const mended = messageOf(applyAll(nearer, [reading({ body: 'abcde' }), piece(7, 'h')]).state)
  expect(mended).toMatchObject({ body: 'abcdefgh' })
  expect(mended).not.toHaveProperty('ahead')
  // Who joins gets all of it.
  const joined = messageOf(applyAll(nearer, [piece(0, 'abcdefgh')]).state)
  expect(joined).toMatchObject({ body: 'abcdefgh' })
  expect(joined).not.toHaveProperty('ahead')
})

test('a tab that reads the copy, where the text is older, has it from the tab that leads', () => {
  const { state, piece } = begin()
  const leading = applyAll(state, [piece(0, 'To be'), piece(5, ', or')]).state
  const following = applyAll(applyAll(state, [piece(0, 'To')]).state, liveChanges(leading)).state
  expect(messageOf(following)).toEqual(messageOf(leading))
})

const acts = fc.array(
  fc.record({
    act: fc.constantFrom('append', 'append', 'append', 'send', 'send', 'store', 'page', 'pin', 'cut', 'join', 'lose'),
    text: fc.constantFrom('a', 'bc', '🦉', 'é', ' of words', '\n'),
    isLate: fc.boolean(),
  }),
  { maxLength: 40 },
)

test('P14: whatever is cut, late or lost, the text is what the stream says, and at its end the final one', () => {
  fc.assert(
    fc.property(acts, fc.boolean(), fc.boolean(), (all, isKnown, isHeard) => {
      const { state: start, reading, event, piece } = begin(isKnown)
      let state = start
      let [text, stored] = ['', '']
      /** What the stream has brought; undefined while it is cut. */
      let sent: string | undefined = isKnown ? '' : undefined
      /** The message was there when the stream began with it. */
      let isWhole = isKnown
      let shrank = false
      const late: Change[] = []
      const isThere = (): boolean => messageOf(state).index === 1
      const send = (): void => {
        if (sent === undefined) return
        let offset = 0
        while (offset < sent.length && sent[offset] === text[offset]) offset++
        state = applyAll(state, [piece(offset, text.slice(offset))]).state
        sent = text
        expect(isWhole ? messageOf(state).body : sent).toBe(sent)
      }
      for (const { act, text: more, isLate } of all) {
        const before = isThere() ? messageOf(state).body.length : 0
        if (act === 'append') text += more
        else if (act === 'send') send()
        else if (act === 'store') stored = text
        else if (act === 'cut') sent = undefined
        else if (act === 'join') {
          sent = ''
          isWhole = isThere()
          send()
        } else if (act === 'lose') {
          text = stored
          if (sent !== undefined) send()
        } else {
          const change = reading({ body: stored }, act === 'pin')
          if (isLate) late.push(change)
          else state = applyAll(state, [change]).state
          shrank ||= isThere() && messageOf(state).body.length < before
        }
      }
      const end = reading({ body: text, streamState: 'COMPLETED' }, true)
      state = applyAll(state, [isHeard ? event('messageFinished', end) : end, ...late]).state
      expect(shrank).toBe(false)
      expect(messageOf(state)).toMatchObject({ body: text, streamState: 'COMPLETED' })
      expect(messageOf(state)).not.toHaveProperty('ahead')
    }),
    { numRuns: 500 },
  )
})
