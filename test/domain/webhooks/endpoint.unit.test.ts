import { pino } from 'pino'
import { expect, test } from 'vitest'
import { CircuitOpenError, Endpoints } from '../../../src/domain/webhooks/endpoint.ts'
import type { ServiceId } from '../../../src/model/sid.ts'
import { WebhookFailure } from '../../../src/outbound/webhook-request.ts'
import { Gate } from '../../support/gate.ts'

const url = 'https://hooks.example.com/chat?tenant=1'

function open() {
  const lines: { msg: string }[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as never) })
  const clock = { now: 0 }
  const endpoints = new Endpoints(logger, () => clock.now)
  const timeOut = () =>
    endpoints.call('IS1' as ServiceId, url, 5000, async () => {
      throw new WebhookFailure('too late', true)
    })
  const answer = () => endpoints.call('IS1' as ServiceId, url, 5000, async () => 'answered')
  return { endpoints, clock, timeOut, answer, said: () => lines.map(({ msg }) => msg) }
}

test('an endpoint that times out again and again is left alone, and tried again later', async () => {
  const { clock, timeOut, answer, said } = open()
  for (let at = 0; at < 5; at++) await expect(timeOut()).rejects.toThrow('too late')
  expect(said()).toEqual(['a webhook endpoint does not answer: its circuit is open'])
  await expect(answer()).rejects.toThrow(CircuitOpenError)
  clock.now = 30_001
  await expect(timeOut()).rejects.toThrow('too late')
  await expect(answer()).rejects.toThrow(CircuitOpenError)
  clock.now = 60_002
  expect(await answer()).toBe('answered')
  expect(await answer()).toBe('answered')
  expect(said().at(-1)).toBe('a webhook endpoint answers again')
})

test('the time-outs of one service leave no other alone, at the same address either', async () => {
  const { endpoints, timeOut, answer } = open()
  for (let at = 0; at < 5; at++) await expect(timeOut()).rejects.toThrow('too late')
  await expect(answer()).rejects.toThrow(CircuitOpenError)
  expect(await endpoints.call('IS2' as ServiceId, url, 5000, async () => 'answered')).toBe('answered')
  expect(endpoints.openCount()).toBe(1)
})

test('calls that were under way when the circuit opened do not open it again', async () => {
  const { endpoints, clock, said } = open()
  const gate = new Gate()
  const late = Array.from({ length: 12 }, () =>
    endpoints.call('IS1' as ServiceId, url, 5000, async () => {
      await gate.pass()
      throw new WebhookFailure('too late', true)
    }),
  )
  gate.open()
  await Promise.allSettled(late)
  expect(said()).toHaveLength(1)
  expect(endpoints).toMatchObject({ openings: 1, skipped: 0 })
  expect(endpoints.openCount()).toBe(1)
  clock.now = 30_001
  expect(endpoints.openCount()).toBe(0)
})

test('a circuit that was open lets one request through', async () => {
  const { endpoints, clock, timeOut, answer } = open()
  for (let at = 0; at < 5; at++) await expect(timeOut()).rejects.toThrow('too late')
  clock.now = 30_001
  const gate = new Gate()
  const trial = endpoints.call('IS1' as ServiceId, url, 5000, () => gate.pass())
  await gate.reached
  await expect(answer()).rejects.toThrow(CircuitOpenError)
  gate.open()
  await trial
  expect(await answer()).toBe('answered')
})

test('an answer in between, or another failure, does not add up', async () => {
  const { endpoints, timeOut, answer } = open()
  for (let round = 0; round < 3; round++) {
    for (let at = 0; at < 4; at++) await expect(timeOut()).rejects.toThrow('too late')
    await answer()
  }
  const refuse = () =>
    endpoints.call('IS1' as ServiceId, url, 5000, async () => {
      throw new WebhookFailure('nobody there')
    })
  for (let at = 0; at < 10; at++) await expect(refuse()).rejects.toThrow('nobody there')
  expect(await answer()).toBe('answered')
})

test('twenty at once, the others in their turn and no longer than their time', async () => {
  const { endpoints, clock } = open()
  const gate = new Gate()
  let running = 0
  const sends = Array.from({ length: 20 }, () =>
    endpoints.call('IS1' as ServiceId, url, 5000, async () => (running++, gate.pass())),
  )
  const late = endpoints.call('IS1' as ServiceId, url, 5, () => Promise.resolve())
  await expect(late).rejects.toThrow(/too much waits/)
  let left = 0
  const next = endpoints.call('IS1' as ServiceId, url, 5000, async (milliseconds) => (left = milliseconds))
  const other = endpoints.call('IS1' as ServiceId, 'https://other.example.com/', 5000, async () => 'at once')
  expect(await other).toBe('at once')
  expect(running).toBe(20)
  clock.now = 1000
  gate.open()
  await Promise.all([...sends, next])
  expect(left).toBe(4000)
})

test('from a thousand endpoints on the idle ones are forgotten; one with an open circuit, or with calls under way, is not', async () => {
  const { endpoints, timeOut, answer, said } = open()
  const call = (at: number, send: () => Promise<unknown>) =>
    endpoints.call('IS1' as ServiceId, `https://hooks.example.com/${at}`, 5000, send)
  const timeOutAt = (at: number) =>
    call(at, async () => {
      throw new WebhookFailure('too late', true)
    })
  for (let time = 0; time < 5; time++) await expect(timeOut()).rejects.toThrow('too late')
  for (let time = 0; time < 4; time++) await expect(timeOutAt(0)).rejects.toThrow('too late')
  const gate = new Gate()
  const running = Array.from({ length: 20 }, () => call(1, () => gate.pass()))
  for (let at = 2; at < 1000; at++) await expect(timeOutAt(at)).rejects.toThrow('too late')
  // Its fifth in a row, had the four before not been forgotten.
  await expect(timeOutAt(0)).rejects.toThrow('too late')
  expect(said()).toHaveLength(1)
  await expect(answer()).rejects.toThrow(CircuitOpenError)
  let isRunning = false
  const next = call(1, async () => (isRunning = true))
  expect(isRunning).toBe(false)
  gate.open()
  await Promise.all([...running, next])
})
