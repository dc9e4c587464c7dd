import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Bus } from '../src/live/bus.ts'
import { openLinkBus } from '../src/live/link-bus.ts'
import { createRedisBus } from '../src/live/redis-bus.ts'
import { openRedis } from '../src/live/redis.ts'
import { startRedisServer } from '../test/support/redis-server.ts'
import type { ReceiverAnswer, ReceiverMessage } from './hint-receiver.ts'
import { at } from './processes.ts'
import { body } from './servers.ts'

/** Processor time of one hint, in microseconds. */
export interface HintCost {
  readonly way: string
  readonly send: number
  readonly receive: number
}

/** Hints of one turn of the event loop: what a batch of sends makes. */
const turn = 8

/** A message as its hint has it. */
const hint = {
  type: 'messageAdded',
  seq: 123_456,
  message: {
    id: 'IM0190a5bb7e5c7b5f9d3c0e8a1b2c3d4e',
    channelId: 'CH0190a5bb7e5c7b5f9d3c0e8a1b2c3d4e',
    index: 123_456,
    author: 'alice',
    body,
    attributes: '{}',
    createdAt: new Date(),
    updatedAt: new Date(),
    deletedAt: null,
    seq: 123_456,
  },
}

class Receiver {
  readonly #child = fork(at('hint-receiver.ts'), [], { env: { ...process.env, NODE_ENV: 'production' } })

  send(message: ReceiverMessage): void {
    this.#child.send(message)
  }

  async #until(done: ReceiverAnswer['done']): Promise<ReceiverAnswer> {
    for (;;) {
      const [answer] = (await once(this.#child, 'message', { signal: AbortSignal.timeout(60_000) })) as [ReceiverAnswer]
      if (answer.done === done) return answer
    }
  }

  async open(message: ReceiverMessage): Promise<void> {
    this.send(message)
    await this.#until('open')
  }

  /** Publishes so many, and answers what each end took for one. The other end counts those of the last topic. */
  async measure(way: string, count: number, publish: (topic: string) => void, unheard?: string): Promise<HintCost> {
    this.send({ count: unheard === undefined ? count : 1, topic: 'channel:heard' })
    await this.#until('counting')
    const received = this.#until('received')
    const began = process.cpuUsage()
    for (let sent = 0; sent < count; sent += turn) {
      for (let each = 0; each < turn; each++) publish(unheard ?? 'channel:heard')
      await nextTurn()
      // Redis takes no more than it has answered.
      if (sent % 800 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    if (unheard !== undefined) publish('channel:heard')
    const { user, system } = process.cpuUsage(began)
    const { processor } = await received
    return { way, send: (user + system) / count, receive: processor! / count }
  }

  end(): void {
    this.send({ end: true })
  }
}

/** What a hint costs by each way between two processes. */
export async function measureHints(count: number): Promise<HintCost[]> {
  await using redis = await startRedisServer()
  const directory = await mkdtemp(join(tmpdir(), 'fonechat-bench-'))
  const onError = (error: unknown): never => {
    throw error
  }
  const results: HintCost[] = []
  const onBus = async (way: string, bus: Bus, open: ReceiverMessage, unheard?: string): Promise<void> => {
    const receiver = new Receiver()
    await receiver.open(open)
    const publish = (topic: string): void => bus.publish(topic, hint)
    await receiver.measure(way, count / 4, publish, unheard)
    results.push(await receiver.measure(way, count, publish, unheard))
    receiver.end()
  }
  const link = await openLinkBus({ directory, worker: 1, count: 2, onError })
  const connections = await openRedis(redis.url, { away: onError, back: () => {} })
  try {
    await onBus('the link', link, { open: 'link', directory })
    await onBus('the link, where nobody listens', link, { open: 'link', directory }, 'channel:unheard')
    const receiver = new Receiver()
    await receiver.open({ open: 'process.send' })
    const publish = (): void => receiver.send({ hint })
    await receiver.measure('', count / 4, publish)
    results.push(await receiver.measure('`process.send`, without a primary between', count, publish))
    receiver.end()
    await onBus('Redis, without its own time', createRedisBus(connections), { open: 'redis', url: redis.url })
    return results
  } finally {
    connections.close()
    await link.close()
    await rm(directory, { recursive: true, force: true })
  }
}
