import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyAll } from '../../src/store/apply.ts'
import type { Change } from '../../src/store/change.ts'
import type { ReactionGroup } from '../../src/store/reacted.ts'
import { shownReactions } from '../../src/store/reactions.ts'
import { emptyState, type Message, type OutboxItem, type State } from '../../src/store/state.ts'
import { ChannelModel, channelId, self } from '../support/channel-model.ts'

const groups = (...all: (readonly [string, number, boolean?])[]): ReactionGroup[] =>
  all.map(([reaction, count, own]) => ({ reaction, count, ...(own !== undefined && { viewerHasReacted: own }) }))

/** A state with one message, as a page has it, and changes of it. */
function begin(reactions: readonly ReactionGroup[]) {
  const model = new ChannelModel()
  model.send('bob')
  const message: Message = { ...model.messages[0]!, revision: 5, reactions }
  const reading = (news: Partial<Message>) =>
    ({
      kind: 'messages' as const,
      channelId,
      messages: [{ ...message, ...news }],
      covered: null,
    }) satisfies Change
  const state = applyAll(emptyState, [model.joined(), reading({})]).state
  return { state, reading }
}

const event = (
  at: number,
  reactions: readonly ReactionGroup[],
  added: string[] = [],
  removed: string[] = [],
): Change => ({
  kind: 'reactions',
  channelId,
  index: 0,
  at,
  reactions,
  own: { added, removed },
})

const answer = (at: number, reactions: readonly ReactionGroup[]): Change => ({
  kind: 'reactions',
  channelId,
  index: 0,
  at,
  reactions,
})

const after = (state: State, ...changes: Change[]): Message =>
  applyAll(state, changes).state.channels.get(channelId)!.messages[0]!

test('events say what the user itself has added and taken away, and the rest stays', () => {
  const { state } = begin(groups(['👍', 2, true]))
  const message = after(
    state,
    event(6, groups(['👍', 3], ['🎉', 1]), ['🎉']),
    event(7, groups(['👍', 2], ['🎉', 1]), [], ['👍']),
  )
  expect(message).toMatchObject({ reactions: groups(['👍', 2, false], ['🎉', 1, true]), reactionsAt: 7, revision: 5 })
  expect(message.isOwnStale).toBeUndefined()
})

test('an older reading changes nothing, and neither does one that is said again', () => {
  const { state, reading } = begin(groups(['👍', 2, true]))
  const newer = applyAll(state, [event(9, groups(['👍', 3]))]).state
  expect(applyAll(newer, [event(9, groups(['👍', 9])), event(6, groups(['👎', 1]), ['👎']), reading({})]).state).toBe(
    newer,
  )
  // Its content may be newer all the same.
  expect(after(newer, reading({ revision: 8, body: 'edited' }))).toMatchObject({
    body: 'edited',
    reactions: groups(['👍', 3, true]),
    reactionsAt: 9,
  })
})

test('an edit without reactions keeps them, and events before its revision count still', () => {
  const { state, reading } = begin(groups(['👍', 2, true]))
  const { reactions: _, ...edited } = reading({ revision: 12, body: 'edited' }).messages[0]!
  const change = { ...reading({}), messages: [edited] }
  const message = after(state, change, event(11, groups(['👍', 1]), [], ['👍']))
  expect(message).toMatchObject({ body: 'edited', revision: 12, reactions: groups(['👍', 1, false]) })
})

test('after an interruption what the user itself has is shown as before, and known again with the next answer', () => {
  const { state, reading } = begin(groups(['👍', 2, true]))
  const missed = applyAll(state, [reading({ revision: 9, reactions: groups(['👍', 4], ['🎉', 1]) })]).state
  expect(after(missed)).toMatchObject({ reactions: groups(['👍', 4, true], ['🎉', 1]), isOwnStale: true })
  const read = groups(['👍', 4, false], ['🎉', 1, true])
  expect(after(missed, answer(9, read))).toMatchObject({ reactions: read })
  expect(after(missed, answer(9, read)).isOwnStale).toBeUndefined()
  expect(after(missed, answer(8, groups())).isOwnStale).toBe(true)
})

const acting = fc.record({
  who: fc.constantFrom(self, 'bob', 'carol'),
  reaction: fc.constantFrom('👍', '🎉', '👀'),
  isAdded: fc.boolean(),
  deliver: fc.nat(3),
  read: fc.constantFrom('page', 'missed', 'none', 'none'),
})

test('whatever comes late, twice or not at all: after the last answer the state is the server’s', () => {
  fc.assert(
    fc.property(fc.array(acting, { maxLength: 30 }), (acts) => {
      const server = new Map<string, Set<string>>()
      let at = 5
      const now = (isOwn: boolean): ReactionGroup[] =>
        Array.from(server, ([reaction, users]) => ({
          reaction,
          count: users.size,
          ...(isOwn && { viewerHasReacted: users.has(self) }),
        }))
      const { state: start, reading } = begin([])
      let state = start
      let queue: Change[] = []
      const late: Change[] = []
      for (const { who, reaction, isAdded, deliver, read } of acts) {
        const users = server.get(reaction) ?? new Set()
        if (users.has(who) !== isAdded) {
          if (isAdded) users.add(who)
          else users.delete(who)
          if (users.size > 0) server.set(reaction, users)
          else server.delete(reaction)
          at++
          const own = who === self ? [reaction] : []
          queue.push(event(at, now(false), isAdded ? own : [], isAdded ? [] : own))
        }
        if (read === 'page') late.push(reading({ revision: at, reactions: now(true) }))
        if (read === 'missed') queue = [reading({ revision: at, reactions: now(false) })]
        for (let time = 0; time < deliver; time++) state = applyAll(state, queue.splice(0, 1)).state
        if (deliver === 2) state = applyAll(state, late.splice(0, 1)).state
      }
      state = applyAll(state, [...queue, ...late]).state
      const last = after(state)
      // What the user itself has may be unknown, never how many.
      const isKnown = !last.isOwnStale
      const told = isKnown ? last.reactions! : last.reactions!.map(({ reaction, count }) => ({ reaction, count }))
      expect(told).toEqual(now(isKnown))
      expect(after(state, answer(at, now(true))).reactions).toEqual(now(true))
    }),
    { numRuns: 500 },
  )
})

const waiting = (reaction: string, isAdded: boolean): OutboxItem => ({
  id: 1,
  channelId,
  createdAt: 0,
  action: { kind: 'react', messageId: 'IM', reaction, isAdded },
  isTried: false,
  status: 'pending',
  error: null,
})

test.each([
  [groups(), [waiting('👍', true)], groups(['👍', 1, true])],
  [groups(['👍', 2, false]), [waiting('👍', true)], groups(['👍', 3, true])],
  [groups(['👍', 2, true]), [waiting('👍', true)], groups(['👍', 2, true])],
  [groups(['👍', 1, true]), [waiting('👍', false)], groups()],
  [groups(['👍', 1, true]), [waiting('👍', false), waiting('👍', true)], groups(['👍', 1, true])],
])('what waits is shown as if it were done: %#', (known, items, shown) => {
  expect(shownReactions({ reactions: known }, items)).toEqual(shown)
})
