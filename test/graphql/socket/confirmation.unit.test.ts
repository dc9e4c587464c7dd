import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { App } from '../../../src/domain/app.ts'
import { Subscriber } from '../../../src/domain/realtime/group.ts'
import { Confirmation, pingClock } from '../../../src/graphql/socket/confirmation.ts'
import type { Frame } from '../../../src/graphql/subscriptions/frame.ts'
import type { OpenStream } from '../../../src/graphql/subscriptions/open-subscription.ts'
import type { ChannelId, MemberId, UserId } from '../../../src/model/sid.ts'
import type { DeliveryMove } from '../../../src/store/delivery.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Ping {
  readonly at: number
  /** Through which message it confirms. */
  readonly index: number
  readonly isRiding: boolean
}

/** A connection with one delivering stream, and a client that answers each ping at once. */
function connect({ answers = true } = {}) {
  const moves: DeliveryMove[] = []
  const pings: Ping[] = []
  const subscriber = new Subscriber<Frame>({
    from: { index: -1, seq: 0 },
    sink: { write: () => {}, drained: () => undefined },
    memberId: 'MB' as MemberId,
    share: undefined,
    userId: 'US' as UserId,
    delivery: { channelId: 'CH' as ChannelId, memberId: 'MB' as MemberId, deviceId: 'phone', everything: false },
    reader: { onEnd: () => {}, onCatchUpNeeded: () => {}, onReceiptsMissed: () => {} },
  })
  const onPing = (ping: string | undefined, isRiding: boolean): void => {
    if (ping === undefined) return
    pings.push({ at: Date.now(), index: subscriber.progress.index, isRiding })
    if (answers && !confirmation.confirmEcho(ping.replace('ping', 'pong'))) throw new Error(`not taken: ${ping}`)
  }
  let dueAt = 0
  let isUnconfirmed = false
  const sendPing = (isRiding: boolean): void => {
    isUnconfirmed = false
    onPing(confirmation.nextPing(pingClock()), isRiding)
  }
  const connection = {
    get isUnconfirmed() {
      return isUnconfirmed
    },
    flushNow: () => {},
    schedulePing: (at: number) => {
      dueAt = at
    },
    sendPing: () => sendPing(false),
  }
  const confirmation = new Confirmation(
    { deliveries: { move: (move: DeliveryMove) => moves.push(move) } } as never as App,
    {
      connection,
      streams: [{ subscribers: () => [subscriber] } as never as OpenStream],
    },
  )
  let index = -1
  /** A frame leaves that has nothing to confirm. */
  const writeOther = (): void => {
    isUnconfirmed = true
    if (pingClock() >= dueAt) sendPing(true)
  }
  return {
    moves,
    pings,
    confirmation,
    subscriber,
    /** A message leaves. */
    write: () => {
      subscriber.progress.moveTo(++index, 0)
      writeOther()
    },
    writeOther,
  }
}

test('in a steady flow pings ride on frames, about one a second, and none leaves alone', () => {
  const connections = Array.from({ length: 200 }, () => connect())
  const began = Date.now()
  const writtenAt: number[] = []
  while (Date.now() - began < 20_000) {
    writtenAt.push(Date.now())
    for (const { write } of connections) write()
    vi.advanceTimersByTime(10)
  }
  for (const { pings } of connections) {
    expect(pings.filter(({ isRiding }) => !isRiding)).toEqual([])
    expect(pings.length).toBeGreaterThanOrEqual(20)
    expect(pings.length).toBeLessThanOrEqual(23)
    const confirmed = writtenAt.slice(0, pings.at(-1)!.index + 1)
    const waits = confirmed.map((at, index) => pings.find((ping) => ping.index >= index)!.at - at)
    expect(Math.max(...waits)).toBeLessThanOrEqual(1000)
  }
})

test('connections that are written to at the same moments ping at different ones', () => {
  const connections = Array.from({ length: 200 }, () => connect())
  const began = Date.now()
  while (Date.now() - began < 5000) {
    for (const { write } of connections) write()
    vi.advanceTimersByTime(100)
  }
  const after = connections.flatMap(({ pings }) => pings.filter(({ at }) => at > began))
  const atOnce = Map.groupBy(after, ({ at }) => at)
  expect(atOnce.size).toBeGreaterThan(40)
  expect(Math.max(...[...atOnce.values()].map(({ length }) => length))).toBeLessThan(70)
})

test('what is written right after a ping, with nothing to follow, has its own within a second', () => {
  const { write, pings, moves } = connect()
  write()
  vi.advanceTimersByTime(1)
  write()
  vi.advanceTimersByTime(999)
  expect(pings.map(({ index, isRiding }) => ({ index, isRiding }))).toEqual([
    { index: 0, isRiding: true },
    { index: 1, isRiding: false },
  ])
  expect(moves.map(({ index }) => index)).toEqual([0, 1])
  vi.advanceTimersByTime(60_000)
  expect(pings).toHaveLength(2)
  expect(vi.getTimerCount()).toBe(0)
})

test('a ping waits for the answer to the one before, and is sent as soon as that is there', () => {
  const { write, pings, moves, confirmation } = connect({ answers: false })
  write()
  vi.advanceTimersByTime(100)
  write()
  vi.advanceTimersByTime(10_000)
  expect(pings).toHaveLength(1)
  expect(confirmation.confirmEcho('{"type":"pong","payload":{"confirm":2}}')).toBe(false)
  expect(moves).toEqual([])
  confirmation.onPong({ confirm: 1 })
  vi.advanceTimersByTime(1)
  expect(pings).toHaveLength(2)
  confirmation.onPong({ confirm: 2, more: 'of another client' })
  expect(moves.map(({ index }) => index)).toEqual([0, 1])
})

test('what is confirmed is not moved again', () => {
  const { write, writeOther, pings, moves } = connect()
  write()
  for (let second = 0; second < 5; second++) {
    vi.advanceTimersByTime(1000)
    writeOther()
  }
  expect(pings).toHaveLength(6)
  expect(moves).toHaveLength(1)
})

test('in a process that is older than the clock of pings has small numbers, a ping waits for its answer as well', () => {
  vi.advanceTimersByTime(2 ** 31)
  const { write, pings } = connect({ answers: false })
  write()
  write()
  vi.advanceTimersByTime(2000)
  write()
  expect(pings).toHaveLength(1)
})

test('what answers another ping confirms nothing, with its payload or without', () => {
  for (const payload of [{ tokenExpiresAt: 'soon' }, undefined]) {
    const { write, moves, confirmation } = connect({ answers: false })
    confirmation.onOtherPing()
    write()
    confirmation.onPong(payload)
    expect(moves).toEqual([])
    confirmation.onPong(undefined)
    expect(moves).toHaveLength(1)
  }
})

test('what was received before the database went back is not confirmed, and what was received again is, although it is less', () => {
  const { moves, confirmation, subscriber, write } = connect({ answers: false })
  for (let at = 0; at < 10; at++) write()
  vi.advanceTimersByTime(1000)
  confirmation.onPong({ confirm: 1 })
  for (let at = 0; at < 3; at++) write()
  vi.advanceTimersByTime(1000)
  subscriber.progress.goBackTo({ index: 3, seq: 0 })
  confirmation.onPong({ confirm: 2 })
  expect(moves.map(({ index }) => index)).toEqual([0])
  vi.advanceTimersByTime(1000)
  confirmation.onPong({ confirm: 3 })
  expect(moves.map(({ index }) => index)).toEqual([0, 3])
})
