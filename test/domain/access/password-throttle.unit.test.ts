import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PasswordThrottle } from '../../../src/domain/access/password-throttle.ts'
import { SharedGuesses } from '../../../src/domain/access/shared-guesses.ts'
import { createMemoryRateCounter } from '../../../src/live/memory-rate-counter.ts'

const account = `AC${'0'.repeat(32)}`
const right = 'the right password'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function open(shared?: SharedGuesses) {
  const lines: Record<string, unknown>[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as never) })
  const throttle = new PasswordThrottle(logger, shared, () => Date.now())
  let checked = 0
  /** What somebody meets, and after how many milliseconds. */
  const attempt = async (password: string, { address = '192.0.2.1', name = account, isKnown = true } = {}) => {
    const since = Date.now()
    const answer = await throttle
      .check({ address, name, password, isKnown }, () => {
        checked++
        return password === right ? 'in' : undefined
      })
      .then(
        (caller) => caller ?? 'wrong',
        ({ code }: { code: string }) => code,
      )
    return [answer, Date.now() - since] as const
  }
  return { throttle, attempt, lines, checked: () => checked }
}

async function passed<Result>(result: Promise<Result>): Promise<Result> {
  await vi.advanceTimersByTimeAsync(5000)
  return result
}

const times = <Result>(count: number, make: (number: number) => Result): Result[] =>
  Array.from({ length: count }, (_, number) => make(number))

test('P12: the answer to a wrong password waits for longer each time, and a right one never waits', async () => {
  const { attempt } = open()
  const delays: number[] = []
  for (let guess = 0; guess < 10; guess++) {
    const waiting = attempt(`guess ${guess}`)
    expect(await attempt(right)).toEqual(['in', 0])
    const [answer, milliseconds] = await passed(waiting)
    expect(answer).toBe('wrong')
    delays.push(milliseconds)
  }
  expect(delays).toEqual([100, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
})

test('P12: a wrong password is forgotten five minutes after the last one', async () => {
  const { attempt } = open()
  for (let guess = 0; guess < 5; guess++) await passed(attempt(`guess ${guess}`))
  vi.advanceTimersByTime(4 * 60_000)
  expect(await passed(attempt('again'))).toEqual(['wrong', 1600])
  vi.advanceTimersByTime(5 * 60_000)
  expect(await passed(attempt('much later'))).toEqual(['wrong', 100])
})

test('P12: of 2000 that come at once ten are checked, and the others refused unchecked, the right one among them too', async () => {
  const { throttle, attempt, checked } = open()
  const guesses = times(2000, (guess) => attempt(`guess ${guess}`))
  expect(await attempt(right)).toEqual(['RATE_LIMITED', 0])
  expect(await attempt(right, { address: '192.0.2.2' })).toEqual(['in', 0])
  expect(await attempt(right, { name: `SK${'1'.repeat(32)}` })).toEqual(['in', 0])
  const answers = (await passed(Promise.all(guesses))).map(([answer]) => answer)
  expect(answers).toEqual([...times(10, () => 'wrong'), ...times(1990, () => 'RATE_LIMITED')])
  expect(checked()).toBe(12)
  expect(throttle).toMatchObject({ wrong: 10, unchecked: 1991 })
  expect(await attempt(right)).toEqual(['in', 0])
})

test('P12: who sends one old password again and again takes one slot, and shuts out nobody', async () => {
  const { attempt, checked } = open()
  for (let guess = 0; guess < 10; guess++) await passed(attempt('old'))
  const repeated = times(1000, () => attempt('old'))
  expect(checked()).toBe(11)
  expect(await attempt(right)).toEqual(['in', 0])
  expect((await passed(Promise.all(repeated))).slice(0, 2)).toEqual([
    ['wrong', 5000],
    ['RATE_LIMITED', 0],
  ])
})

test('P12: addresses of one IPv6 network are one', async () => {
  const { attempt, checked } = open()
  const guesses = times(100, (guess) => attempt(`guess ${guess}`, { address: `2001:db8::${guess}` }))
  expect(checked()).toBe(10)
  expect(await attempt(right, { address: '2001:db8:0:1::1' })).toEqual(['in', 0])
  await passed(Promise.all(guesses))
})

test('P12: what is remembered and what waits is bounded, and names that are made up count as one', async () => {
  const { throttle, attempt, checked } = open()
  const addresses = times(20_000, (number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`)
  const guesses = addresses.map((address) => attempt('guess', { address }))
  expect(vi.getTimerCount()).toBeLessThanOrEqual(1001)
  // Each had one; a second is not even checked, and whoever comes with the right one as its first is let in.
  expect(await attempt('another', { address: addresses.at(-1)! })).toEqual(['RATE_LIMITED', 0])
  expect(await attempt(right)).toEqual(['in', 0])
  expect(checked()).toBe(20_001)
  expect(throttle.size).toBe(10_000)
  const answers = (await passed(Promise.all(guesses))).map(([answer]) => answer)
  expect(answers.filter((answer) => answer === 'wrong')).toHaveLength(1000)

  vi.advanceTimersByTime(3_600_000)
  const other = open()
  const names = times(100, (number) => other.attempt('guess', { name: `name ${number}`, isKnown: false }))
  expect(other.throttle.size).toBe(1)
  expect(other.checked()).toBe(10)
  await passed(Promise.all(names))
})

test('the log names an address from its fifth wrong password on, once a minute, without passwords and made-up names', async () => {
  const { attempt, lines } = open()
  for (let guess = 0; guess < 4; guess++) await passed(attempt(`guess ${guess}`))
  expect(lines).toEqual([])
  // One every five seconds: three minutes.
  for (let guess = 4; guess < 40; guess++) await passed(attempt(`guess ${guess}`))
  expect(lines).toMatchObject([{ level: 40, address: '192.0.2.1', sid: account, wrong: 5, unchecked: 0 }, {}, {}])
  lines.length = 0
  for (let guess = 0; guess < 5; guess++) {
    await passed(attempt('guess', { name: `my name ${guess}`, isKnown: false }))
  }
  expect(lines).toHaveLength(1)
  expect(JSON.stringify(lines)).not.toMatch(/guess|my name/)
})

test('an attack from many addresses writes eleven lines a minute', async () => {
  const { attempt, lines } = open()
  for (let minute = 0; minute < 2; minute++) {
    for (let guess = 0; guess < 12; guess++) {
      await passed(Promise.all(times(50, (number) => attempt(`guess ${guess}`, { address: `192.0.2.${number}` }))))
    }
  }
  expect(lines).toHaveLength(22)
  expect(lines[10]).toMatchObject({ msg: expect.stringContaining('more than 10 addresses') })
})

/** What three processes share. */
const share = () => new SharedGuesses(createMemoryRateCounter(), { nameOf: (text) => text })

test('P12: processes together compare ten different passwords of an address and name in five seconds, and delay by all that were wrong', async () => {
  const shared = share()
  const processes = times(3, () => open(shared))
  // Of the first wrong one at each, others know nothing.
  for (const { attempt } of processes) expect(await passed(attempt('first'))).toEqual(['wrong', 100])
  const guesses = times(30, (guess) => processes[guess % 3]!.attempt(`guess ${guess}`))
  const answers = await passed(Promise.all(guesses))
  expect(answers.map(([answer]) => answer)).toEqual([...times(10, () => 'wrong'), ...times(20, () => 'RATE_LIMITED')])
  expect(Math.max(...answers.map(([, milliseconds]) => milliseconds))).toBe(5000)
  expect(processes.reduce((sum, { throttle }) => sum + throttle.wrong, 0)).toBe(13)
  expect(await processes[0]!.attempt(right)).toEqual(['in', 0])
  expect(await processes[0]!.attempt(right, { address: '192.0.2.2' })).toEqual(['in', 0])
})

test('P12: one old password that comes to all processes again and again takes one slot of them together', async () => {
  const shared = share()
  const processes = times(20, () => open(shared))
  for (let round = 0; round < 3; round++)
    for (const answer of await passed(Promise.all(processes.map(({ attempt }) => attempt('old')))))
      expect(answer[0]).toBe('wrong')
  expect(await processes[0]!.attempt(right)).toEqual(['in', 0])
})
