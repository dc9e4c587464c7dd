import { beforeEach, expect, test } from 'vitest'
import { waitFor } from '../../../test/support/wait.ts'
import type { Clock } from '../../src/env/types.ts'
import { ChatError } from '../../src/errors.ts'
import { memoryQueue } from '../../src/outbox/memory.ts'
import { Sender } from '../../src/outbox/sender.ts'
import type { OutboxQueue, Outcome } from '../../src/outbox/types.ts'
import { emptyState, type OutboxAction, type OutboxItem } from '../../src/store/state.ts'

/** A request that has left, and what the server is to say. */
interface Sent {
  readonly input: Record<string, unknown>
  answer(id?: string, more?: object): void
  refuse(error: ChatError): void
}

const day = 24 * 60 * 60 * 1000

class World {
  now = 1_000_000
  readonly timers = new Set<{ at: number; callback: () => void }>()
  readonly clock: Clock = {
    now: () => this.now,
    after: (milliseconds, callback) => {
      const timer = { at: this.now + milliseconds, callback }
      this.timers.add(timer)
      return () => this.timers.delete(timer)
    },
  }
  readonly sent: Sent[] = []
  readonly outcomes = new Map<number, Outcome>()
  items: readonly OutboxItem[] = []
  readonly queue: OutboxQueue = memoryQueue(() => this.now)
  sender = this.start()

  /** Another sender on the same queue: a reload, or another tab that leads now. */
  start(): Sender {
    return new Sender({
      queue: this.queue,
      env: { clock: this.clock, random: () => 0.5 },
      getState: () => emptyState,
      request: (_, variables) =>
        new Promise((resolve, reject) => {
          // The reading of a message has its id alone.
          const { input = variables as Record<string, unknown> } = variables as { input?: Record<string, unknown> }
          this.sent.push({
            input,
            answer: (id = 'id', more = {}) => {
              const message = { id, index: 0, revision: 1, ...more }
              const answer = { message }
              const mutations = {
                sendMessage: answer,
                updateMessage: answer,
                deleteMessage: answer,
                pinMessage: answer,
              }
              resolve({ ...mutations, message } as never)
            },
            refuse: reject,
          })
        }),
      commit: (changes) => {
        for (const change of changes) if (change.kind === 'outbox') this.items = change.items
      },
      onOutcome: (id, outcome) => {
        if (this.outcomes.has(id)) throw new Error(`two outcomes of ${id}`)
        this.outcomes.set(id, outcome)
      },
      onNotKept: (error) => {
        throw error
      },
    })
  }

  pass(milliseconds: number): void {
    this.now += milliseconds
    for (const timer of this.timers) {
      if (timer.at <= this.now && this.timers.delete(timer)) timer.callback()
    }
  }

  /** The n-th request that has left. */
  request(place: number): Promise<Sent> {
    return waitFor(() => this.sent[place], { interval: 0 })
  }

  outcome(id: number): Promise<Outcome> {
    return waitFor(() => this.outcomes.get(id), { interval: 0 })
  }
}

const send = (body: string): OutboxAction => ({ kind: 'send', clientMessageId: `c-${body}`, body })
const edit = (messageId: string, body: string): OutboxAction => ({ kind: 'edit', messageId, body })
const remove = (messageId: string): OutboxAction => ({ kind: 'delete', messageId })
const error = (code: ChatError['code'], retryAfterMs?: number) => new ChatError(code, code, { retryAfterMs })

let world: World
beforeEach(() => {
  world = new World()
})

test('a channel sends one item after the other, and channels do not wait for each other', async () => {
  world.sender.resume()
  for (const body of ['1', '2']) await world.sender.add('A', send(body))
  await world.sender.add('B', send('3'))
  const [first, other] = [await world.request(0), await world.request(1)]
  expect([first.input['body'], other.input['body']]).toEqual(['1', '3'])
  expect(world.items.map(({ status }) => status)).toEqual(['sending', 'pending', 'sending'])
  first.answer()
  expect((await world.request(2)).input['body']).toBe('2')
})

test('no more than four channels send at the same time', async () => {
  world.sender.resume()
  for (const channel of 'ABCDEF') await world.sender.add(channel, send(channel))
  ;(await world.request(3)).answer()
  expect((await world.request(4)).input['body']).toBe('E')
  expect(world.sent).toHaveLength(5)
})

test('a refusal that is final fails its item, and the channel goes on', async () => {
  world.sender.resume()
  const { id } = await world.sender.add('A', send('1'))
  await world.sender.add('A', send('2'))
  ;(await world.request(0)).refuse(error('FORBIDDEN'))
  expect((await world.request(1)).input['body']).toBe('2')
  expect(await world.outcome(id)).toMatchObject({ error: { code: 'FORBIDDEN' } })
  world.outcomes.clear()
  expect(world.items[0]).toMatchObject({ status: 'failed', error: { code: 'FORBIDDEN' } })
  await world.sender.retry(id)
  ;(await world.request(1)).answer()
  expect((await world.request(2)).input['clientMessageId']).toBe('c-1')
})

test('what passes holds the channel, for as long as the server says', async () => {
  world.sender.resume()
  await world.sender.add('A', send('1'))
  await world.sender.add('A', send('2'))
  ;(await world.request(0)).refuse(error('RATE_LIMITED', 7000))
  await waitFor(() => world.items[0]?.status === 'pending', { interval: 0 })
  world.sender.resume()
  world.pass(6999)
  expect(world.sent).toHaveLength(1)
  world.pass(1)
  expect((await world.request(1)).input).toMatchObject({ clientMessageId: 'c-1' })
})

test('after a lost connection the next one goes on at once, with the same clientMessageId', async () => {
  world.sender.resume()
  await world.sender.add('A', send('1'))
  world.sender.pause()
  ;(await world.request(0)).refuse(error('OFFLINE'))
  await waitFor(() => world.items[0]?.status === 'pending', { interval: 0 })
  expect(world.sent).toHaveLength(1)
  world.sender.resume()
  const again = await world.request(1)
  expect(again.input).toEqual(world.sent[0]!.input)
})

test('a server that fails three times at an item is taken at its word', async () => {
  world.sender.resume()
  const { id } = await world.sender.add('A', send('1'))
  for (const place of [0, 1, 2]) {
    ;(await world.request(place)).refuse(error('INTERNAL_SERVER_ERROR'))
    await waitFor(() => world.items[0]?.status !== 'sending', { interval: 0 })
    world.pass(10_000)
  }
  expect(await world.outcome(id)).toMatchObject({ error: { code: 'INTERNAL_SERVER_ERROR' } })
})

test('an edit of a message that waits changes it, and a deletion takes it back', async () => {
  const first = await world.sender.add('A', send('1'))
  const second = await world.sender.add('A', send('2'))
  const edition = await world.sender.add('A', edit('c-1', 'better'))
  const deletion = await world.sender.add('A', remove('c-2'))
  expect(world.items).toMatchObject([{ id: first.id, action: { body: 'better' } }])
  expect(await world.queue.items()).toMatchObject([{ id: first.id, action: { body: 'better' } }])
  expect(await world.outcome(second.id)).toMatchObject({ error: { code: 'CLOSED' } })
  expect(await world.outcome(deletion.id)).toEqual({ payload: undefined })
  world.sender.resume()
  ;(await world.request(0)).answer('server-id')
  expect(await world.outcome(edition.id)).toMatchObject({ payload: { id: 'server-id' } })
  expect(world.items).toEqual([])
})

test('an edit and a deletion of a message that is under way wait for its id', async () => {
  world.sender.resume()
  await world.sender.add('A', send('1'))
  const sending = await world.request(0)
  await world.sender.add('A', edit('c-1', 'better'))
  await world.sender.add('A', remove('c-1'))
  sending.answer('server-id')
  const edition = await world.request(1)
  expect(edition.input).toEqual({ messageId: 'server-id', body: 'better' })
  edition.answer()
  expect((await world.request(2)).input).toEqual({ messageId: 'server-id' })
})

test('when a message is refused, the edit that waited for it is what is sent next', async () => {
  world.sender.resume()
  await world.sender.add('A', send('too long'))
  const sending = await world.request(0)
  const edition = await world.sender.add('A', edit('c-too long', 'short'))
  sending.refuse(error('BAD_USER_INPUT'))
  const again = await world.request(1)
  expect(again.input).toMatchObject({ clientMessageId: 'c-too long', body: 'short' })
  again.answer()
  expect(await world.outcome(edition.id)).toMatchObject({ payload: { id: 'id' } })
})

test('after a crash what may have arrived is asked again before an edit of it', async () => {
  world.sender.resume()
  await world.sender.add('A', send('1'))
  await world.request(0)
  const next = world.start()
  await next.refresh()
  await next.add('A', edit('c-1', 'better'))
  next.resume()
  const again = await world.request(1)
  expect(again.input).toMatchObject({ clientMessageId: 'c-1', body: '1' })
  again.answer('server-id')
  expect((await world.request(2)).input).toEqual({ messageId: 'server-id', body: 'better' })
})

test('a message that is deleted already counts as deleted', async () => {
  world.sender.resume()
  const { id } = await world.sender.add('A', remove('server-id'))
  ;(await world.request(0)).refuse(error('NOT_FOUND'))
  expect(await world.outcome(id)).toEqual({ payload: undefined })
})

test('a message that is refused is gone when its deletion waited for it', async () => {
  world.sender.resume()
  const { id } = await world.sender.add('A', send('1'))
  const sending = await world.request(0)
  await world.sender.add('A', edit('c-1', 'better'))
  const deletion = await world.sender.add('A', remove('c-1'))
  sending.refuse(error('FORBIDDEN'))
  expect(await world.outcome(deletion.id)).toEqual({ payload: undefined })
  expect(await world.outcome(id)).toMatchObject({ error: { code: 'CLOSED' } })
  expect(world.items).toEqual([])
  expect(await world.queue.items()).toEqual([])
  expect(world.sent).toHaveLength(1)
})

test('an item ends after 24 hours, also without a connection, and may be tried again', async () => {
  const { id } = await world.sender.add('A', send('1'))
  world.pass(day - 1)
  expect(world.items).toMatchObject([{ status: 'pending' }])
  world.pass(1)
  expect(await world.outcome(id)).toMatchObject({ error: { code: 'EXPIRED' } })
  world.outcomes.clear()
  world.sender.resume()
  await world.sender.retry(id)
  expect((await world.request(0)).input).toMatchObject({ clientMessageId: 'c-1' })
})

test('what another tab has added is sent, and what ended does not come back', async () => {
  world.sender.resume()
  const mine = await world.sender.add('A', send('mine'))
  const theirs = await world.queue.add('A', send('theirs'))
  const before = await world.queue.items()
  ;(await world.request(0)).answer()
  await world.outcome(mine.id)
  world.queue.items = async () => before
  await world.sender.refresh()
  expect(world.items).toMatchObject([{ id: theirs.id }])
  expect((await world.request(1)).input).toMatchObject({ body: 'theirs' })
})

test('what is under way is not taken back', async () => {
  world.sender.resume()
  const { id } = await world.sender.add('A', send('1'))
  await world.request(0)
  await expect(world.sender.discard(id)).rejects.toMatchObject({ code: 'CONFLICT' })
})

test('nothing is left of a sender that is closed', async () => {
  world.sender.resume()
  await world.sender.add('A', send('1'))
  await world.sender.add('B', send('2'))
  ;(await world.request(0)).refuse(error('UNAVAILABLE'))
  await waitFor(() => world.items[0]?.status === 'pending', { interval: 0 })
  world.sender.close()
  expect(world.timers.size).toBe(0)
})

const conflict = (currentVersion: number) => new ChatError('CONFLICT', 'edited meanwhile', { currentVersion })

test('an edit whose answer was lost is no conflict with itself, and one that differs is', async () => {
  world.sender.resume()
  const action: OutboxAction = { kind: 'edit', messageId: 'm', body: 'mine', expectedVersion: 1 }
  const { id } = await world.sender.add('A', action)
  ;(await world.request(0)).refuse(error('OFFLINE'))
  await waitFor(() => world.items[0]?.status === 'pending')
  world.pass(60_000)
  ;(await world.request(1)).refuse(conflict(2))
  const reading = await world.request(2)
  expect(reading.input).toEqual({ id: 'm' })
  reading.answer('m', { version: 2, body: 'mine', attributes: {} })
  expect(await world.outcome(id)).toMatchObject({ payload: { id: 'm', version: 2 } })
  for (const [place, body, version] of [
    [3, 'theirs', 2],
    [5, 'mine', 3],
  ] as const) {
    const next = await world.sender.add('A', action)
    ;(await world.request(place)).refuse(conflict(2))
    ;(await world.request(place + 1)).answer('m', { version, body, attributes: {} })
    expect(await world.outcome(next.id)).toMatchObject({ error: { code: 'CONFLICT', currentVersion: 2 } })
  }
  // Far ahead nothing is read.
  const last = await world.sender.add('A', action)
  ;(await world.request(7)).refuse(conflict(5))
  expect(await world.outcome(last.id)).toMatchObject({ error: { code: 'CONFLICT', currentVersion: 5 } })
  expect(world.sent).toHaveLength(8)
})

test('an edit that waits behind one of the same version expects what that one makes; another does not', async () => {
  const expecting = (expectedVersion: number | undefined, messageId = 'm'): OutboxAction => ({
    kind: 'edit',
    messageId,
    body: `${expectedVersion}`,
    ...(expectedVersion !== undefined && { expectedVersion }),
  })
  const actions = [expecting(1), expecting(1), expecting(undefined), expecting(2), expecting(1, 'other')]
  for (const action of actions) await world.sender.add('A', action)
  world.sender.resume()
  ;(await world.request(0)).answer('m', { version: 2 })
  ;(await world.request(1)).answer('m', { version: 3 })
  for (const place of [2, 3, 4]) (await world.request(place)).answer('m', { version: 9 })
  // The fourth had seen what the first made, as the second then had: it has seen what came of that.
  expect(world.sent.map(({ input }) => input['expectedVersion'])).toEqual([1, 2, undefined, 3, 1])
})

test('a pin waits for the send of its message, takes its id, and is gone when it is refused', async () => {
  await world.sender.add('A', send('1'))
  const { id } = await world.sender.add('A', { kind: 'pin', messageId: 'c-1', isPinned: true, document: 'mutation' })
  expect(world.items).toHaveLength(2)
  world.sender.resume()
  ;(await world.request(0)).answer('IM1')
  const pin = await world.request(1)
  expect(pin.input).toEqual({ messageId: 'IM1' })
  pin.refuse(error('FORBIDDEN'))
  expect(await world.outcome(id)).toMatchObject({ error: { code: 'FORBIDDEN' } })
  expect([world.items, await world.queue.items()]).toEqual([[], []])
})
