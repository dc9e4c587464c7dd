import { expect, test } from 'vitest'
import { applyAll } from '../../src/store/apply.ts'
import { evict } from '../../src/store/evict.ts'
import { emptyState, type ChannelState, type OutboxItem, type State } from '../../src/store/state.ts'
import { selectWindow, slideBack, slideForward, windowAround, type Window } from '../../src/store/window.ts'
import { ChannelModel, channelId } from '../support/channel-model.ts'

/** A channel with messages of which all from an index on are known. */
function channelWith(count: number, from = 0): { model: ChannelModel; state: State } {
  const model = new ChannelModel()
  for (let sent = 0; sent < count; sent++) model.send(sent % 2 === 0 ? 'bob' : 'alice')
  const { state } = applyAll(emptyState, [model.joined(), model.started(), model.page(from, count - 1)])
  return { model, state }
}

const channelOf = (state: State): ChannelState => state.channels.get(channelId)!
const indexes = (state: State, window: Window) => selectWindow(channelOf(state), window).rows.map(({ index }) => index)
const newest: Window = { from: 0, to: null }

test('a window slides through 2,000 messages, back to the first and forward to the newest, each once and never more than 500', () => {
  const { state } = channelWith(2000)
  const seen = new Set(indexes(state, newest))
  let window = newest
  const known = channelOf(state)
  while (selectWindow(known, window).hasOlder) {
    window = slideBack(known, window, 50)
    const shown = indexes(state, window)
    expect(shown.length).toBeLessThanOrEqual(500)
    expect(shown).toEqual(shown.map((_, place) => shown[0]! + place))
    for (const index of shown) seen.add(index)
  }
  expect(seen.size).toBe(2000)
  expect(selectWindow(known, window)).toMatchObject({ hasOlder: false, hasNewer: true, isLoaded: true })
  while (selectWindow(known, window).hasNewer) window = slideForward(known, window, 50)
  expect(window.to).toBeNull()
  expect(indexes(state, window)).toEqual(indexes(state, newest))
})

test('a window that was jumped to does not follow the newest, unless it reaches it', () => {
  const { state } = channelWith(2000)
  const window = windowAround(channelOf(state), 700, 25)
  expect([indexes(state, window)[0], indexes(state, window).at(-1)]).toEqual([675, 1174])
  expect(windowAround(channelOf(state), 1990, 25)).toEqual({ from: 1965, to: null })
})

test('one new message makes one new row; typing, reading and receipts make none', () => {
  const { model, state } = channelWith(500)
  const before = selectWindow(channelOf(state), newest)
  const added = applyAll(state, model.send('bob')).state
  const after = selectWindow(channelOf(added), newest, before)
  expect(after.rows.filter((row) => !before.rows.includes(row))).toMatchObject([{ index: 500 }])
  const quiet = applyAll(added, [
    { kind: 'typing', channelId, identity: 'bob', until: 1 },
    { kind: 'read', channelId, index: 400 },
    { kind: 'receipts', channelId, receipts: [{ identity: 'bob', readIndex: 3, deliveredIndex: 4 }] },
  ]).state
  expect(channelOf(quiet)).not.toBe(channelOf(added))
  expect(selectWindow(channelOf(quiet), newest, after)).toBe(after)
})

test('what is new in one channel leaves the others the same objects', () => {
  const { model, state } = channelWith(3)
  const other = { ...model.channel(), id: 'CH2' }
  const two = applyAll(state, [
    {
      kind: 'joined',
      channel: other,
      membership: { ...model.membership(), id: 'MB2', channelId: 'CH2' },
      head: -1,
      asOf: null,
    },
  ]).state
  expect(applyAll(two, model.send('bob')).state.channels.get('CH2')).toBe(two.channels.get('CH2'))
})

const item = (id: number, action: OutboxItem['action'], status: OutboxItem['status'] = 'pending'): OutboxItem => ({
  id,
  channelId,
  createdAt: 5,
  action,
  status,
  isTried: false,
  error: null,
})

test('the outbox is a layer: sends stand at the end under their key for life, edits and deletions show as done and roll back', () => {
  const { model, state } = channelWith(2)
  const outbox = (items: readonly OutboxItem[], from = state) => applyAll(from, [{ kind: 'outbox', items }]).state
  const rows = (from: State) => selectWindow(channelOf(from), newest).rows
  const sending = outbox([item(1, { kind: 'send', clientMessageId: 'client-2', body: 'mine' })])
  expect(rows(sending).at(-1)).toMatchObject({ key: 'client-2', index: null, status: 'pending', isMine: true })
  // The server has it, and the outbox has not heard of that yet.
  const both = applyAll(sending, model.send('alice')).state
  expect(rows(both).map(({ key, index }) => [key, index])).toEqual([
    ['client-0', 0],
    ['client-1', 1],
    ['client-2', 2],
  ])
  const edited = outbox([item(2, { kind: 'edit', messageId: 'MS1', body: 'other words' })])
  expect(rows(edited)[1]).toMatchObject({ body: 'other words', wasEdited: true, status: 'pending' })
  expect(rows(outbox([], edited))[1]).toBe(rows(state)[1])
  const deleted = outbox([item(3, { kind: 'delete', messageId: 'MS1' })])
  expect(rows(deleted).map(({ index }) => index)).toEqual([0])
  expect(rows(outbox([item(3, { kind: 'delete', messageId: 'MS1' }, 'failed')], deleted))[1]).toMatchObject({
    index: 1,
    status: 'failed',
  })
  // Another tab's copy of the same item is no news.
  expect(outbox([item(2, { kind: 'edit', messageId: 'MS1', body: 'other words' })], edited)).toBe(edited)
})

test('what is wanted of a message that is on its way shows as done, also when the message has arrived before its answer', () => {
  const { model, state } = channelWith(2)
  const send = item(1, { kind: 'send', clientMessageId: 'client-2', body: 'mine' }, 'sending')
  const edit = item(2, { kind: 'edit', messageId: 'client-2', body: 'better' })
  const removal = item(3, { kind: 'delete', messageId: 'client-2' })
  const outbox = (...items: OutboxItem[]) => applyAll(state, [{ kind: 'outbox', items }]).state
  const last = (from: State) => selectWindow(channelOf(from), newest).rows.at(-1)
  const sending = last(outbox(send))
  expect(sending).toMatchObject({ body: 'mine', wasEdited: false })
  const better = { key: 'client-2', body: 'better', wasEdited: true }
  const edited = outbox(send, edit)
  expect(last(edited)).toMatchObject({ ...better, index: null, status: 'sending' })
  expect(last(outbox(send, edit))).toBe(last(edited))
  expect(last(outbox(send))).toEqual(sending)
  expect(last(outbox(send, edit, removal))).toMatchObject({ key: 'client-1' })
  const arrived = model.send('alice')
  expect(last(applyAll(edited, arrived).state)).toMatchObject({ ...better, index: 2 })
  expect(last(applyAll(outbox(send, removal), arrived).state)).toMatchObject({ key: 'client-1' })
})

test('an own message that was answered before what others sent earlier stays in sight', () => {
  const { model, state } = channelWith(3)
  const [theirs, mine] = [model.send('bob'), model.send('alice')]
  const answered = applyAll(state, [{ ...mine[0]!, covered: null, event: undefined } as never]).state
  expect(indexes(answered, newest)).toEqual([0, 1, 2, 4])
  expect(indexes(applyAll(answered, [...theirs, ...mine]).state, newest)).toEqual([0, 1, 2, 3, 4])
})

test('a deleted message has no row, whatever comes later of it', () => {
  const { model, state } = channelWith(3)
  const page = model.page(0, 2)
  const removed = applyAll(state, model.remove(1)).state
  expect(indexes(applyAll(removed, [page]).state, newest)).toEqual([0, 2])
})

test('a channel that was truncated begins at its new first message', () => {
  const { model, state } = channelWith(10)
  const page = model.page(0, 9)
  const truncated = applyAll(state, [{ kind: 'truncated', channelId, firstIndex: 4 }, page]).state
  expect(selectWindow(channelOf(truncated), newest)).toMatchObject({ hasOlder: false, rows: { length: 6 } })
})

test('beyond 20,000 messages the channels that were shown longest ago keep their newest one, what is shown stays, and counts stay right', () => {
  const model = new ChannelModel()
  for (let sent = 0; sent < 100; sent++) model.send('bob')
  const of = (id: string) => ({
    joined: {
      ...(model.joined() as object),
      channel: { ...model.channel(), id },
      membership: { ...model.membership(), id: `MB-${id}`, channelId: id, unreadCount: 0 },
      head: -1,
    },
    page: { ...model.page(0, 99), channelId: id },
  })
  const ids = Array.from({ length: 10 }, (_, number) => `CH${number}`)
  const { state } = applyAll(emptyState, ids.flatMap((id) => [of(id).joined, of(id).page]) as never)
  const kept = evict(state, new Map([['CH0', [40, 60] as const]]), ['CH1', 'CH2', 'CH0'], 500)
  const counts = new Map([...kept.channels].map(([id, { messages }]) => [id, messages.length]))
  expect([...counts.values()].reduce((sum, count) => sum + count)).toBeLessThanOrEqual(500)
  expect(counts.get('CH0')).toBe(100)
  // Never shown ones go first, then the least recently shown.
  expect(counts.get('CH3')).toBe(1)
  expect(counts.get('CH2')).toBe(100)
  const more = { ...model.send('bob')[0], channelId: 'CH3' } as never
  expect(applyAll(kept, [more]).state.channels.get('CH3')!.unreadCount).toBe(101)
  for (const { unreadCount, intervals, messages } of kept.channels.values()) {
    expect(unreadCount).toBe(100)
    expect(intervals).toEqual([[messages[0]!.index, 99]])
  }
})
