import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Refusals } from '../../src/domain/refusals.ts'
import { Shares, type Share } from '../../src/domain/share.ts'
import type { Actor, UserActor } from '../../src/model/actor.ts'
import { limits } from '../../src/model/limits.ts'
import { defaultUserLimits } from '../../src/model/rate-limit.ts'
import { currentRequest, Request, withRequest } from '../../src/tracing/request.ts'

const user = (userId: string) => ({ kind: 'user', userId }) as UserActor

let shares: Shares
let share: Share
/** Of the thread, in milliseconds. It stands still: code that runs for the first time would take a turn by itself. */
let spent = 0
beforeEach(() => {
  spent = 0
  vi.spyOn(process, 'threadCpuUsage').mockImplementation(() => ({ user: spent * 1000, system: 0 }))
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setImmediate'] })
  shares = new Shares(new Refusals())
  share = shares.of(user('US1'))!
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** An operation that takes so long of the event loop, and is written down when it begins. */
const begun: string[] = []
beforeEach(() => void begun.splice(0))
const work =
  (name: string, milliseconds = 0) =>
  () => {
    begun.push(name)
    if (milliseconds > 0) share.add(milliseconds)
    return name
  }

describe('P11: the operations of a user', () => {
  test('is done at once while it is little', () => {
    expect([1, 2, 3].map((number) => share.run(0, work(`${number}`, 1)))).toEqual(['1', '2', '3'])
  })

  test('gives way to others once it takes 5 milliseconds of a turn', () => {
    void share.run(0, work('long', 50))
    void share.run(0, work('next'))
    setImmediate(work('another user’s'))
    expect(begun).toEqual(['long'])
    vi.advanceTimersByTime(0)
    vi.runOnlyPendingTimers()
    expect(begun.toSorted()).toEqual(['another user’s', 'long', 'next'])
  })

  test('belongs to the request that has asked for it, whoever makes room for it', () => {
    const ids: (string | undefined)[] = []
    const note = (): void => void ids.push(currentRequest()?.id)
    void withRequest(new Request('first'), () => share.run(0, work('long', 50)))
    void withRequest(new Request('second'), () => share.run(0, note))
    expect(ids).toEqual([])
    withRequest(new Request('third'), () => vi.runOnlyPendingTimers())
    expect(ids).toEqual(['second'])
  })

  test('takes no more than 10 % of the time beyond a burst of 300 milliseconds, in the order of the calls', () => {
    share.add(500)
    const names = ['first', 'second', 'third']
    for (const name of names) void share.run(0, work(name, 150))
    vi.advanceTimersByTime(200 / 0.1 - 20)
    expect(begun).toEqual([])
    for (const [at, name] of names.entries()) {
      vi.advanceTimersByTime(40)
      expect(begun).toEqual(names.slice(0, at + 1))
      vi.advanceTimersByTime(150 / 0.1 - 40)
      expect([name, begun]).toEqual([name, names.slice(0, at + 1)])
    }
    expect(begun).toEqual(names)
  })

  test('costs nobody else anything', () => {
    share.add(60_000)
    void share.run(0, work('mine'))
    expect(shares.of(user('US2'))!.run(0, work('another’s'))).toBe('another’s')
    expect(begun).toEqual(['another’s'])
  })

  test('has one operation of the largest size under way, or a hundred small ones', async () => {
    const ends: (() => void)[] = []
    const lasting = (name: string) => () => {
      begun.push(name)
      return new Promise<void>((resolve) => ends.push(resolve))
    }
    const large = [1, 2].map((number) => share.run(10_000, lasting(`large ${number}`)))
    expect(begun).toEqual(['large 1'])
    ends[0]!()
    await large[0]
    expect(begun).toEqual(['large 1', 'large 2'])
    ends[1]!()
    await large[1]
    const small = Array.from({ length: 101 }, (_, at) => share.run(0, lasting(`small ${at}`)))
    expect(begun).toHaveLength(102)
    ends[2]!()
    await small[0]
    expect(begun).toHaveLength(103)
  })

  test('is refused, with nothing done, when 200 wait or it has waited 10 seconds', async () => {
    share.add(60_000)
    const waiting = Array.from({ length: 200 }, async () => share.run(0, work('waiting')))
    const outcomes = Promise.allSettled(waiting)
    expect(() => share.run(0, work('refused'))).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', retryAfterMs: expect.toSatisfy((time: number) => time >= 1000) }),
    )
    vi.advanceTimersByTime(10_001)
    const reasons = (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason)
    expect(reasons).toEqual(Array(200).fill(expect.objectContaining({ code: 'RATE_LIMITED' })))
    vi.advanceTimersByTime(600_000)
    expect(begun).toEqual([])
  })

  test('is done again half a minute after it was far too much', () => {
    share.add(3_600_000)
    void share.runPatiently(0, work('later'))
    vi.advanceTimersByTime(26_000)
    expect(begun).toEqual([])
    vi.advanceTimersByTime(2000)
    expect(begun).toEqual(['later'])
  })

  test('that cannot be refused waits for as long as it takes', async () => {
    share.add(60_000)
    const patient = share.runPatiently(0, work('patient'))
    vi.advanceTimersByTime(600_000)
    expect(await patient).toBe('patient')
  })

  test('keeps its places, and gets every other turn, while its streams have much to do', async () => {
    share.add(60_000)
    const patient = Array.from({ length: 3000 }, (_, at) => share.runPatiently(0, work(`patient ${at}`)))
    const operations = Array.from({ length: 200 }, async (_, at) => share.run(0, work(`${at}`)))
    expect(() => share.run(0, work('refused'))).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }))
    // Nothing is owed any more.
    share.add(-60_000)
    vi.advanceTimersByTime(30_000)
    await Promise.all([...operations, ...patient])
    expect(begun.slice(0, 6)).toEqual(['0', 'patient 0', '1', 'patient 1', '2', 'patient 2'])
    expect(begun.slice(398, 402)).toEqual(['199', 'patient 199', 'patient 200', 'patient 201'])
    expect(begun).toHaveLength(3200)
  })

  test('that opens a subscription is begun in the order of the calls, and takes no place', async () => {
    share.add(60_000)
    const opened = Array.from({ length: 3 }, (_, at) => share.runSurely(0, work(`opened ${at}`)))
    const operations = Array.from({ length: 200 }, async (_, at) => share.run(0, work(`${at}`)))
    const last = share.runSurely(0, work('opened last'))
    share.add(-60_000)
    vi.advanceTimersByTime(30_000)
    await Promise.all([...opened, ...operations, last])
    expect(begun.slice(0, 4)).toEqual(['opened 0', 'opened 1', 'opened 2', '0'])
    expect(begun.at(-1)).toBe('opened last')
  })

  test('fails alone, whether at once or later', async () => {
    const fail = () => {
      throw new Error('its own')
    }
    expect(() => share.run(10_000, fail)).toThrow('its own')
    await expect(share.run(10_000, () => Promise.reject(new Error('its own')))).rejects.toThrow('its own')
    expect(share.run(10_000, work('next'))).toBe('next')
    share.add(6)
    const failing = share.run(0, fail)
    vi.advanceTimersByTime(1)
    await expect(failing).rejects.toThrow('its own')
    expect(share.isIdle).toBe(false)
  })

  test('is counted until the promises of its turn are done, in equal parts for all whose answers have come together', async () => {
    const other = shares.of(user('US2'))!
    const answers = [share.measureAnswer(Promise.resolve()), other.measureAnswer(Promise.resolve())]
    await Promise.all(answers).then(() => (spent = 1400))
    await new Promise((resolve) => process.nextTick(resolve))
    void share.run(0, work('next'))
    void other.run(0, work('next of the other'))
    vi.advanceTimersByTime(400 / 0.1 - 20)
    expect(begun).toEqual([])
    vi.advanceTimersByTime(40)
    expect(begun).toEqual(['next', 'next of the other'])
  })

  test('of the database is counted little for answers that come together, as those of a list do', async () => {
    await Promise.all(Array.from({ length: 2000 }, () => share.measureAnswer(Promise.resolve())))
    void share.run(0, work('next'))
    expect(begun).toEqual(['next'])
    for (let time = 0; time < 2000; time++) {
      await share.measureAnswer(Promise.resolve())
      await new Promise((resolve) => process.nextTick(resolve))
    }
    void share.run(0, work('after as many statements'))
    expect(begun).toEqual(['next'])
  })
})

test('P11: whoever has no credentials is one caller, and a backend is none', () => {
  expect(shares.of(undefined)).toBe(shares.of(undefined))
  expect(shares.of({ kind: 'backend', accountId: 'AC' } as Actor)).toBe(undefined)
})

test('P11: subscriptions are counted by their number and by what they select, until each ends', () => {
  const many = Array.from({ length: defaultUserLimits.subscriptions }, () =>
    share.openSubscription(1, defaultUserLimits.subscriptions),
  )
  const open = (points: number) => () => share.openSubscription(points, defaultUserLimits.subscriptions)
  const refusal = expect.objectContaining({ code: 'RATE_LIMITED' })
  expect(open(1)).toThrow(refusal)
  many.forEach((lease) => (lease.end(), lease.end()))
  const large = share.openSubscription(limits.userSelectionPoints, defaultUserLimits.subscriptions)
  expect(open(1)).toThrow(refusal)
  expect(open(0)().end()).toBe(undefined)
  large.end()
  expect(open(limits.userSelectionPoints)).not.toThrow()
})

test('P11: sockets are counted; those of a device that has another open are let in up to twice the number', () => {
  const sockets = Array.from({ length: defaultUserLimits.sockets }, (_, at) =>
    share.openSocket(`device ${at}`, defaultUserLimits.sockets),
  )
  expect(sockets).not.toContain(undefined)
  expect(share.openSocket(undefined, defaultUserLimits.sockets)).toBe(undefined)
  expect(share.openSocket('another', defaultUserLimits.sockets)).toBe(undefined)
  const replacing = Array.from(sockets, () => share.openSocket('device 3', defaultUserLimits.sockets)!)
  expect(replacing).not.toContain(undefined)
  expect(share.openSocket('device 3', defaultUserLimits.sockets)).toBe(undefined)
  for (const one of replacing) one.end()
  sockets[0]!.end()
  expect(share.openSocket('another', defaultUserLimits.sockets)).toBeDefined()
})

test('a user that is gone and owes nothing is forgotten', () => {
  const lasting = shares.of(user('lasting'))!
  const lease = lasting.openSubscription(1, defaultUserLimits.subscriptions)
  for (let at = 0; at < 10_000; at++) shares.of(user(`US${at}`))!.add(1)
  vi.advanceTimersByTime(1000)
  for (let at = 10_000; at < 20_000; at++) shares.of(user(`US${at}`))
  expect(shares.size).toBeLessThan(5000)
  expect(shares.of(user('lasting'))).toBe(lasting)
  lease.end()
})

test('a share is idle again after operations of any sizes that end in any order', async () => {
  const ends: (() => void)[] = []
  const runs = [12_345, 23_456, 34_567].map((characters) =>
    share.run(0, () => new Promise<void>((resolve) => ends.push(resolve)), characters),
  )
  for (const end of ends) end()
  for (const run of runs) await run
  vi.advanceTimersByTime(60_000)
  expect(share.isIdle).toBe(true)
})
