import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Presence } from '../../src/domain/realtime/presence.ts'
import { createRedisBus } from '../../src/live/redis-bus.ts'
import { createRedisExpiringSet } from '../../src/live/redis-expiring-set.ts'
import { openRedis } from '../../src/live/redis.ts'
import { newSid, type UserId } from '../../src/model/sid.ts'
import { listen } from '../live/bus.contract.ts'
import { uniqueName } from '../support/kit.ts'
import { startRedisCluster, type RedisCluster } from '../support/redis-cluster.ts'
import { waitFor } from '../support/wait.ts'

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await startRedisCluster({ replicas: true })
})
afterAll(() => cluster[Symbol.asyncDispose]())

async function open() {
  const reports: string[] = []
  const connections = await openRedis(cluster.url, {
    away: () => reports.push('away'),
    back: () => reports.push('back'),
  })
  onTestFinished(() => connections.close())
  const bus = createRedisBus(connections)
  let gaps = 0
  bus.onGap(() => gaps++)
  return { bus, presence: new Presence(createRedisExpiringSet(connections)), reports, gaps: () => gaps }
}

const strikes = {
  'is killed': (): unknown => cluster.nodes[1].crash(),
  'stands still': (): unknown => process.kill(cluster.nodes[2].pid, 'SIGSTOP'),
} as const

test.for(['is killed', 'stands still'] as const)(
  'P5: when a node of a cluster %s, its topics and users go on at its replica',
  async (what) => {
    const one = await open()
    const other = await open()
    const topics = Array.from({ length: 30 }, () => uniqueName('topic'))
    const all = await Promise.all(topics.map((topic) => listen(other.bus, topic)))
    const users = Array.from({ length: 12 }, () => uniqueName('user'))
    for (const user of users)
      other.presence.connect({ userId: user as UserId, serviceId: newSid('IS'), identity: user })
    const areOnline = async () =>
      (await Promise.all(users.map((user) => one.presence.isOnline(user as UserId)))).every((isOnline) => isOnline)
    await waitFor(areOnline)
    const publish = (): void => topics.forEach((topic) => one.bus.publish(topic, 'hint'))
    const load = setInterval(publish, 10)
    onTestFinished(() => clearInterval(load))
    const began = Date.now()
    await strikes[what]()
    await waitFor(() => other.gaps() > 0, { timeout: 20_000 })
    const counts = all.map(({ received }) => received.length)
    await waitFor(() => all.every(({ received }, index) => received.length > counts[index]!))
    await waitFor(areOnline)
    // Of these the cluster itself takes two. Slots that are read at their usual interval come up to ten later.
    expect(Date.now() - began).toBeLessThan(8000)
    await waitFor(() => [one, other].every(({ reports }) => reports.at(-1) !== 'away'))
    clearInterval(load)
    // Each topic is subscribed once: nothing arrives twice.
    publish()
    for (const topic of topics) one.bus.publish(topic, 'last')
    const last = () => all.map(({ received }) => received.filter((each) => each === 'last').length)
    await waitFor(() => last().every((count) => count > 0))
    expect(last()).toEqual(topics.map(() => 1))
  },
)
