import { expect, test } from 'vitest'
import { applyAll } from '../../src/store/apply.ts'
import type { Change } from '../../src/store/change.ts'
import { pinnedMessages } from '../../src/store/pinned.ts'
import {
  emptyState,
  type ChannelState,
  type Message,
  type OutboxAction,
  type OutboxItem,
  type State,
} from '../../src/store/state.ts'
import { selectWindow } from '../../src/store/window.ts'
import { ChannelModel, channelId } from '../support/channel-model.ts'

const channelOf = (state: State): ChannelState => state.channels.get(channelId)!

function channelWith(count: number) {
  const model = new ChannelModel()
  const start: Change[] = [model.joined(), model.started()]
  for (let sent = 0; sent < count; sent++) start.push(...model.send('bob'))
  return { model, state: applyAll(emptyState, start).state }
}

const item = (id: number, action: OutboxAction): OutboxItem => ({
  id,
  channelId,
  createdAt: 0,
  action,
  isTried: false,
  status: 'pending',
  error: null,
})

const pin = (messageId: string, isPinned: boolean): OutboxAction => ({
  kind: 'pin',
  messageId,
  isPinned,
  document: 'mutation',
})

test('a pin is heard as a pin, and an edit as an edit, once and also of a message that is not known', () => {
  const { model, state } = channelWith(2)
  const changes = [...model.pin(0), ...model.edit(0), ...model.pin(0)]
  const names = (from: State) => applyAll(from, changes).heard.map(({ name }) => name)
  expect(names(state)).toEqual(['messagePinned', 'messageUpdated', 'messageUnpinned'])
  const fresh = new ChannelModel()
  const unknown = applyAll(emptyState, [fresh.joined(), { kind: 'started', channelId, cursor: `${channelId}.1.2.0` }])
  expect(names(unknown.state)).toEqual(['messagePinned', 'messageUpdated', 'messageUnpinned'])
  const known = applyAll(state, changes).state
  expect(names(known)).toEqual([])
  // What a stream tells of both at once.
  const both = model.pin(1).concat(model.edit(1))
  const last = { ...both.at(-2)!, event: { name: 'messageUpdated', cursor: model.cursor(), changes: ['EDIT', 'PIN'] } }
  expect(applyAll(known, [last as Change]).heard.map(({ name }) => name)).toEqual(['messageUpdated', 'messagePinned'])
})

test('a row is pinned as the outbox wants it, beside an edit that waits, and as the server says when nothing waits', () => {
  const { model, state } = channelWith(1)
  const row = (from: State) => selectWindow(channelOf(from), { from: 0, to: null }).rows[0]!
  const outbox = (from: State, ...items: OutboxItem[]) => applyAll(from, [{ kind: 'outbox', items }]).state
  const edit: OutboxAction = { kind: 'edit', messageId: 'MS0', body: 'better' }
  expect(row(state)).toMatchObject({ isPinned: false, wasEdited: false })
  for (const items of [
    [item(1, edit), item(2, pin('MS0', true))],
    [item(1, pin('MS0', true)), item(2, edit)],
  ]) {
    const waiting = outbox(state, ...items)
    expect(row(waiting)).toMatchObject({ isPinned: true, body: 'better', status: 'pending', item: { action: edit } })
    expect(row(waiting)).toBe(row(outbox(waiting, ...items)))
  }
  const wanted = outbox(state, item(1, pin('MS0', true)))
  expect(row(wanted)).toMatchObject({ isPinned: true, wasEdited: false, status: 'sent', item: null })
  expect(row(outbox(wanted))).toMatchObject({ isPinned: false })
  const pinned = applyAll(wanted, model.pin(0)).state
  expect(row(outbox(pinned))).toMatchObject({ isPinned: true, wasEdited: false })
  expect(row(outbox(pinned, item(2, pin('MS0', false))))).toMatchObject({ isPinned: false })
})

test('pinned messages are those that were read and those that are known, whichever is newer, without what is gone', () => {
  const { model, state } = channelWith(5)
  for (const index of [0, 1, 2, 3]) model.pin(index)
  const page: ReadonlyMap<number, Message> = new Map(
    model.messages.filter(({ pinnedAt }) => pinnedAt).map((message) => [message.index, message]),
  )
  const indexes = (from: State, read = page) => pinnedMessages(read, channelOf(from)).pinned.map(({ index }) => index)
  // The newest pin first, of messages that the state does not have as pinned, or not at all.
  expect(indexes(state)).toEqual([3, 2, 1, 0])
  const news = applyAll(state, [...model.pin(1), ...model.pin(4), ...model.remove(2)]).state
  expect(indexes(news)).toEqual([4, 3, 0])
  // What the state lets go of was heard all the same.
  const { read } = pinnedMessages(page, channelOf(news))
  const forgotten: State = {
    ...news,
    channels: new Map([[channelId, { ...channelOf(news), messages: [], intervals: [] }]]),
  }
  expect(indexes(forgotten, read)).toEqual([4, 3, 0])
  expect(indexes(applyAll(news, [{ kind: 'truncated', channelId, firstIndex: 3 }]).state)).toEqual([4, 3])
  // What waits shows as done.
  const items = [item(1, pin('MS1', true)), item(2, pin('MS4', false)), item(3, { kind: 'delete', messageId: 'MS3' })]
  expect(indexes(applyAll(news, [{ kind: 'outbox', items }]).state)).toEqual([1, 0])
})
