import type { Bus } from '../src/live/bus.ts'
import { openLinkBus } from '../src/live/link-bus.ts'
import { createRedisBus } from '../src/live/redis-bus.ts'
import { openRedis } from '../src/live/redis.ts'

/** The other end of the hints of `cores.ts`: counts what comes, and says what it took. */
export type ReceiverMessage =
  | { readonly open: 'link'; readonly directory: string }
  | { readonly open: 'redis'; readonly url: string }
  | { readonly open: 'process.send' }
  | { readonly count: number; readonly topic: string }
  | { readonly hint: unknown }
  | { readonly end: true }

export interface ReceiverAnswer {
  readonly done: 'open' | 'counting' | 'received'
  /** Processor time since `counting`, in microseconds. */
  readonly processor?: number
}

const say = (answer: ReceiverAnswer): void => void process.send!(answer)

let bus: Bus | undefined
let began = process.cpuUsage()
let left = Infinity

function receive(): void {
  if (--left > 0) return
  const { user, system } = process.cpuUsage(began)
  say({ done: 'received', processor: user + system })
}

async function onMessage(message: ReceiverMessage): Promise<void> {
  if ('hint' in message) return receive()
  if ('end' in message) return process.exit()
  if ('count' in message) {
    left = message.count
    await bus?.subscribe(message.topic, receive)
    began = process.cpuUsage()
    return say({ done: 'counting' })
  }
  const onError = (error: unknown): never => {
    throw error
  }
  if (message.open === 'link') bus = await openLinkBus({ directory: message.directory, worker: 2, count: 2, onError })
  if (message.open === 'redis') bus = createRedisBus(await openRedis(message.url, { away: onError, back: () => {} }))
  say({ done: 'open' })
}

process.on('message', (message: ReceiverMessage) => void onMessage(message))
process.on('disconnect', () => process.exit())
