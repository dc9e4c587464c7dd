import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defaultUserLimits } from '../../src/model/rate-limit.ts'
import { seed } from '../support/seed.ts'
import { waitFor } from '../support/wait.ts'
import { killBetween, killPoints } from './due-message.ts'
import { startEnvironment, type Environment } from './environment.ts'
import { receiveAsDevice } from './receiver.ts'
import { Scenario } from './scenario.ts'

let environment: Environment
beforeAll(async () => {
  environment = await startEnvironment()
})
afterAll(() => environment[Symbol.asyncDispose]())

/** Lets messages flow, breaks something, lets them flow again, and expects that no client notices. */
async function survive(breakIt: (scenario: Scenario) => Promise<void>): Promise<void> {
  const scenario = new Scenario(environment, seed)
  await scenario.begin()
  await scenario.flow(100)
  await breakIt(scenario)
  await scenario.flow(200)
  expect(await scenario.end()).toEqual([])
}

async function onRedis(work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(environment.redis.url)
  try {
    await work(redis)
  } finally {
    redis.disconnect()
  }
}

test('P3: nothing is lost, repeated or reordered while nothing breaks', () => survive(async () => {}))

test('P1 P3 P4 P6: a process that is killed takes nothing with it', () =>
  survive(async (scenario) => {
    for (const chat of environment.processes) {
      await chat.end('SIGKILL')
      await scenario.flow(50)
      await chat.start()
      await scenario.flow(50)
    }
  }))

test('P3 P4: a process that stops in order sends its clients elsewhere', () =>
  survive(async (scenario) => {
    const [chat] = environment.processes
    await chat.end('SIGTERM')
    await scenario.flow(50)
    await chat.start()
  }))

test('P5: the connections of pub/sub are killed', () =>
  survive(async (scenario) => {
    for (let time = 0; time < 3; time++) {
      await onRedis((redis) => redis.client('KILL', 'TYPE', 'pubsub'))
      await scenario.flow(50)
    }
  }))

test('P5: Redis is flushed', () =>
  survive(async (scenario) => {
    for (let time = 0; time < 3; time++) {
      await onRedis((redis) => redis.flushall())
      await scenario.flow(50)
    }
  }))

test('P5: Redis is away for five seconds', () =>
  survive(async (scenario) => {
    await environment.redis.stop()
    await delay(5000)
    await scenario.flow(50)
    await environment.redis.start()
  }))

test('P1 P3 P6: Postgres restarts, in order and by a crash', () =>
  survive(async (scenario) => {
    await environment.postgres.stop()
    await delay(500)
    await environment.postgres.start()
    await scenario.flow(50)
    await environment.postgres.crash()
    await environment.postgres.start()
  }))

test.each(killPoints)(
  'P6: a process that has claimed a scheduled message is killed %s, and the next one sees it sent once',
  async (point) => {
    const { bodies, state, claims } = await killBetween(environment, point)
    expect({ bodies, state, claims }).toEqual({ bodies: ['later'], state: 'sent', claims: 2 })
  },
)

test('P3 P4: sockets are cut at random', () =>
  survive(async (scenario) => {
    for (let time = 0; time < 40; time++) {
      const at = Math.floor(scenario.random() * scenario.receivers.length)
      scenario.receivers[at]!.cut()
      await scenario.flow(5)
    }
  }))

test('P3: readers stall and go on', () =>
  survive(async (scenario) => {
    const stalled = scenario.receivers.filter(() => scenario.random() < 0.5)
    for (const receiver of stalled) receiver.stall(true)
    await scenario.flow(200)
    for (const receiver of stalled) receiver.stall(false)
  }))

/** Of as few members as may have so many sockets. */
async function manyDevices(scenario: Scenario, channelId: string, count: number, urls?: readonly string[]) {
  const members = Array.from({ length: count / defaultUserLimits.sockets }, () => scenario.addReader(channelId))
  return (await Promise.all(members)).flatMap((reader) =>
    Array.from({ length: defaultUserLimits.sockets }, (_, device) =>
      receiveAsDevice({ ...reader, ...(urls && { urls }), name: `${reader.name}-${device}`, joinedBy: undefined }),
    ),
  )
}

test('P3: a hundred stalled readers of a busy channel cost no more than their bound, and get everything later', async () => {
  const scenario = new Scenario(environment, seed)
  const channelId = await scenario.addChannel()
  const stalled = await manyDevices(scenario, channelId, 100, [environment.processes[0].url])
  scenario.receivers.push(...stalled)
  let begun = 0
  await waitFor(async () => {
    await scenario.send(channelId, `before ${begun++}`)
    return stalled.every(({ connections }) => connections.flat().length > 0)
  })
  const before = environment.processes[0].residentBytes
  for (const receiver of stalled) receiver.stall(true)
  let most = 0
  // Enough to fill what the kernel buffers for each socket, and then the bound.
  for (let sent = 0; sent < 600; sent++) {
    await scenario.send(channelId, `${sent} ${'x'.repeat(30_000)}`)
    most = Math.max(most, environment.processes[0].residentBytes - before)
  }
  // Each could hold its bound of 1 MiB; without one they would hold 1.8 GB. The rest is room for the collector.
  expect(most).toBeLessThan(300 * 2 ** 20)
  for (const receiver of stalled) receiver.stall(false)
  expect(await scenario.end()).toEqual([])
  for (const { connections } of stalled) expect(connections.length).toBeGreaterThan(1)
  process.stdout.write(`stalled readers: ${Math.round(most / 2 ** 20)} MiB above the start\n`)
})

test('P4: two thousand clients connect again at once', async () => {
  const scenario = new Scenario(environment, seed)
  await scenario.begin()
  const [one, other] = scenario.channelIds as [string, string]
  const crowd = [...(await manyDevices(scenario, one, 1000)), ...(await manyDevices(scenario, other, 1000))]
  scenario.receivers.push(...crowd)
  await waitFor(() => crowd.every(({ connections }) => connections.flat().length > 0), { timeout: 60_000 })
  await scenario.flow(50)
  for (const receiver of crowd) receiver.cut()
  await scenario.flow(100, 60_000)
  expect(await scenario.end()).toEqual([])
  for (const { connections } of crowd) expect(connections.length).toBeGreaterThan(1)
})
