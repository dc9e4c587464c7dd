import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyAll } from '../../src/store/apply.ts'
import type { Change } from '../../src/store/change.ts'
import { emptyState, type ChannelState, type State } from '../../src/store/state.ts'
import { isGone } from '../../src/store/thread.ts'
import { ChannelModel, channelId, self } from '../support/channel-model.ts'

const person = fc.constantFrom(self, 'bob', 'carol')
const place = fc.nat(12)
const action = fc.oneof(
  { weight: 6, arbitrary: person.map((who) => (model: ChannelModel) => model.send(who)) },
  { weight: 2, arbitrary: place.map((index) => (model: ChannelModel) => model.edit(index)) },
  { weight: 2, arbitrary: place.map((index) => (model: ChannelModel) => model.pin(index)) },
  { weight: 2, arbitrary: place.map((index) => (model: ChannelModel) => model.remove(index)) },
  {
    weight: 3,
    arbitrary: fc.tuple(place, person).map(
      ([index, who]) =>
        (model: ChannelModel) =>
          model.reply(index, who),
    ),
  },
  place.map((index) => (model: ChannelModel) => model.removeReply(index)),
  fc.constantFrom('bob', 'carol').map((who) => (model: ChannelModel) => model.join(who)),
  fc.constantFrom('bob', 'carol').map((who) => (model: ChannelModel) => model.leave(who)),
  fc.tuple(fc.constantFrom('bob', 'carol'), place).map(
    ([who, index]) =>
      (model: ChannelModel) =>
        model.receive(who, index),
  ),
  fc.tuple(place, place).map(
    ([from, count]) =>
      (model: ChannelModel) =>
        from < model.messages.length ? [model.page(from, from + count)] : [],
  ),
)
const read = place.map((index) => (model: ChannelModel) => model.read(index))

const channelOf = (state: State): ChannelState => state.channels.get(channelId)!
const apply = (state: State, changes: readonly Change[]): State => applyAll(state, changes).state

test('of two values of a module the one with the higher number stays, and null is nothing', () => {
  const change = (at: number, value: unknown): Change => ({ kind: 'module', name: 'draft', at, value })
  const state = apply(emptyState, [change(2, 'second'), change(1, 'first')])
  expect(state.modules).toEqual({ draft: { at: 2, value: 'second' } })
  expect(apply(state, [change(3, null), change(2, 'second')]).modules).toEqual({ draft: { at: 3, value: null } })
})

/** Of a message that is not known yet, replies say nothing: what they say comes after it. */
function afterTheirMessages(changes: readonly Change[]): Change[] {
  const known = new Set<number>()
  let early: Extract<Change, { kind: 'thread' }>[] = []
  return changes.flatMap((change): Change[] => {
    if (change.kind === 'thread' && !known.has(change.index)) {
      early.push(change)
      return []
    }
    if (change.kind === 'messages') for (const { index } of change.messages) known.add(index)
    const due = early.filter(({ index }) => known.has(index))
    early = early.filter(({ index }) => !known.has(index))
    return [change, ...due]
  })
}

test('the changes of a history end in the same state in any order, however often each comes', () => {
  const facts = (state: State) => {
    const { messages, members, receipts, head, ownHead, activityAt } = channelOf(state)
    const sorted = <Value>(map: ReadonlyMap<string, Value>) =>
      [...map].toSorted(([one], [other]) => (one < other ? -1 : 1))
    return { messages, members: sorted(members), receipts: sorted(receipts), head, ownHead, activityAt }
  }
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30, size: 'max' }), fc.infiniteStream(fc.nat()), (actions, numbers) => {
      const model = new ChannelModel()
      const start = apply(emptyState, [model.joined()])
      // Positions are of the stream, which has an order.
      const changes = actions.flatMap((act) => act(model)).filter(({ kind }) => kind !== 'position')
      const next = (): number => numbers.next().value
      const disordering = [...changes, ...changes.filter(() => next() % 3 === 0)]
        .map((change) => ({ change, at: next() }))
        .toSorted((one, other) => one.at - other.at)
        .map(({ change }) => change)
      const shuffled = afterTheirMessages(disordering)
      const [inOrder, disordered] = [apply(start, changes), apply(start, shuffled)]
      expect(facts(disordered)).toEqual(facts(inOrder))
      const shown = channelOf(inOrder).messages.filter((message) => !isGone(message))
      expect(
        shown.map(({ index, revision, threadAt = revision, replyCount, deletedAt }) => [
          index,
          Math.max(revision, threadAt),
          replyCount,
          deletedAt,
        ]),
      ).toEqual(
        model.listed().map(({ index, revision, replyCount, deletedAt }) => [index, revision, replyCount, deletedAt]),
      )
      expect([...channelOf(inOrder).members.keys()].toSorted()).toEqual([...model.members.keys()].toSorted())
      // Nothing said again is news.
      expect(apply(disordered, shuffled)).toBe(disordered)
    }),
    { numRuns: 500 },
  )
})

test('unread messages are counted as the server counts them, with two streams, old pages and replays', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.oneof({ weight: 5, arbitrary: action }, read), fc.nat(), fc.boolean()), {
        maxLength: 40,
        size: 'max',
      }),
      fc.nat(10),
      fc.nat(5),
      (steps, before, reading) => {
        const model = new ChannelModel()
        for (let sent = 0; sent < before; sent++) model.send(sent % 4 === 0 ? self : 'bob')
        if (reading > 0) model.read(reading)
        let state = apply(emptyState, [model.joined(), model.started()])
        // What the channel's stream and the user's stream have not delivered yet; each has its own order.
        const queues: Change[][][] = [[], []]
        const delivered: Change[] = []
        for (const [act, choice, isReplayed] of steps) {
          const changes = act(model)
          if (changes.length > 0) queues[changes[0]!.kind === 'membership' ? 1 : 0]!.push(changes)
          const next = queues[choice % 2]!.shift() ?? []
          state = apply(state, next)
          if (queues[0] && choice % 2 === 0) delivered.push(...next)
          if (isReplayed) state = apply(state, delivered.slice(-6))
        }
        for (const changes of queues.flat()) state = apply(state, changes)
        // A count that may be wrong says so, and is read again.
        if (channelOf(state).counted.isStale) state = apply(state, [model.recounted()])
        expect(channelOf(state)).toMatchObject({
          unreadCount: model.unreadCount(),
          counted: { isStale: false },
        })
      },
    ),
    { numRuns: 1000 },
  )
})

test('members are counted as the server counts them, with pages that are ahead of the stream or late, and replays', () => {
  const who = fc.constantFrom('bob', 'carol', 'dave')
  const step = fc.oneof(
    who.map((identity) => (model: ChannelModel) => model.join(identity)),
    who.map((identity) => (model: ChannelModel) => model.leave(identity)),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.nat(3), fc.nat(5)), { maxLength: 30 }), (steps) => {
      const model = new ChannelModel()
      let state = apply(emptyState, [model.joined(), model.started()])
      const waiting: Change[][] = []
      const delivered: Change[][] = []
      const asked: Change[] = []
      const readNow = (): Change => model.membersPage(channelOf(state).position)
      const deliver = (): void => {
        const next = waiting.shift()
        if (!next) return
        delivered.push(next)
        state = apply(state, next)
      }
      for (const [act, count, then] of steps) {
        const changes = act(model)
        if (changes.length > 0) waiting.push(changes)
        for (let at = 0; at < count; at++) deliver()
        if (then === 1) state = apply(state, [readNow()])
        if (then === 2) state = apply(state, [{ ...readNow(), totalCount: null } as Change])
        if (then === 3) state = apply(state, delivered.slice(-3).flat())
        // Pages of the members and of the list that were read, and arrive later.
        if (then === 4) asked.push(readNow(), { ...model.joined(), readAt: channelOf(state).position } as Change)
        if (then === 5) state = apply(state, asked.splice(0, 1))
        expect(channelOf(state).channel.membersCount).toBeGreaterThan(0)
      }
      while (waiting.length > 0) deliver()
      state = apply(state, asked)
      expect(channelOf(state).channel.membersCount).toBe(model.membersCount())
    }),
    { numRuns: 500 },
  )
})

test('a count that came before a removal and is heard of after it is read again', () => {
  const model = new ChannelModel()
  for (let sent = 0; sent < 6; sent++) model.send('bob')
  const start = apply(emptyState, [model.joined(), model.started()])
  const counted = model.read(2)
  const removed = model.remove(5)
  const { state, heard } = applyAll(apply(start, removed), counted)
  expect(channelOf(state)).toMatchObject({ unreadCount: 3, counted: { isStale: true } })
  expect(channelOf(apply(state, [model.recounted()]))).toMatchObject({ unreadCount: 2, counted: { isStale: false } })
  // It was stale already when it came: the removal had said so.
  expect(heard).toEqual([])
  expect(applyAll(start, removed).heard.map(({ name }) => name)).toEqual(['messageRemoved', 'countStale'])
})

test('what the stream repeats is not heard again, nor what an answer has said before', () => {
  const model = new ChannelModel()
  const start = apply(emptyState, [model.joined(), model.started()])
  const heard: string[] = []
  let state = start
  const go = (changes: readonly Change[]): void => {
    const next = applyAll(state, changes)
    heard.push(...next.heard.map(({ name }) => name))
    state = next.state
  }
  const added = model.send('bob')
  const edited = model.edit(0)
  const removed = model.remove(0)
  const answer = { ...edited[0]!, event: undefined } as never
  for (const changes of [added, added, [answer], edited, edited, removed, added, removed]) go(changes)
  expect(heard.filter((name) => name !== 'countStale')).toEqual(['messageAdded', 'messageUpdated', 'messageRemoved'])
})

test('what was asked for before the user’s events went back, and answered after, keeps nothing newer out', () => {
  const model = new ChannelModel()
  const membership = model.membership()
  const read = (unreadCount: number, asOf: string): Change => ({
    kind: 'membership',
    membership: { ...membership, unreadCount },
    head: 0,
    asOf,
  })
  const before = apply(emptyState, [model.joined(), { kind: 'viewerCursor', cursor: 'alice.9.0' }])
  const after = apply(before, [{ kind: 'viewerCursor', cursor: 'alice.5.1' }, read(1, 'alice.9.0')])
  expect(channelOf(after).unreadCount).toBe(1)
  const newer = apply(after, [read(2, 'alice.5.1')])
  expect(channelOf(newer).unreadCount).toBe(2)
  expect(channelOf(apply(newer, [read(1, 'alice.9.0')])).unreadCount).toBe(2)
  const last = apply(newer, [read(3, 'alice.6.1'), { kind: 'viewerCursor', cursor: 'alice.6.1' }])
  expect(channelOf(last).unreadCount).toBe(3)
})
