import { ReplyError, type Redis } from 'ioredis'
import type { RedisHost, SentinelAddress } from '../model/redis-url.ts'
import { SettingError } from '../model/setting-error.ts'
import { openNode } from './redis-node.ts'

/** How often each sentinel is asked, in milliseconds: so long may a failover go unnoticed. */
const askMilliseconds = 1000

/** How long the start waits for a sentinel that knows the primary, in milliseconds. */
const openMilliseconds = 5000

interface Answer {
  readonly primary: RedisHost
  /** Of the last failover that the sentinel knows of. */
  readonly epoch: number
}

/**
 * Knows from the sentinels which server is the primary, and notices when another one becomes it. Of sentinels that disagree, the one
 * that knows the latest failover is right. While none answers, the primary stays what it was.
 *
 * The client's own way takes the first answer, also of a sentinel that was cut off from the others, asks only when a connection is lost,
 * writes errors of sentinels to stderr, and may end a connection for good (ioredis 5.11).
 */
export class PrimaryFinder {
  readonly #name: string
  readonly #sentinels: readonly Redis[]
  /** What each sentinel that is connected has said last. */
  readonly #answers = new Map<Redis, Answer>()
  readonly #faults = new Map<Redis, Error>()
  readonly #timer: NodeJS.Timeout
  readonly #onMoved: (primary: RedisHost) => void
  #settle: (() => void) | undefined
  #primary: RedisHost | undefined

  private constructor(address: SentinelAddress, onMoved: (primary: RedisHost) => void) {
    this.#name = address.name
    this.#onMoved = onMoved
    this.#sentinels = address.sentinels.map(({ host, port }) => {
      const { sentinelUser: username, sentinelPassword: password, isEncrypted } = address
      const sentinel = openNode(undefined, {
        host,
        port,
        ...(username && { username }),
        ...(password && { password }),
        ...(isEncrypted && { tls: {} }),
      })
      sentinel.on('error', (error: Error) => this.#failed(sentinel, error))
      sentinel.on('close', () => this.#answers.delete(sentinel))
      sentinel.on('ready', () => void this.#ask(sentinel))
      return sentinel
    })
    this.#timer = setInterval(() => this.#sentinels.forEach((each) => void this.#ask(each)), askMilliseconds).unref()
  }

  /** Connects to the sentinels. Rejects when none of them can say who is the primary. `onMoved` hears of each other one afterwards. */
  static async open(address: SentinelAddress, onMoved: (primary: RedisHost) => void): Promise<PrimaryFinder> {
    const finder = new PrimaryFinder(address, onMoved)
    const limit = setTimeout(() => finder.#settle?.(), openMilliseconds)
    await new Promise<void>((resolve) => (finder.#settle = resolve))
    clearTimeout(limit)
    if (finder.#primary) return finder
    finder.close()
    throw finder.#refusal()
  }

  get primary(): RedisHost {
    return this.#primary!
  }

  async #ask(sentinel: Redis): Promise<void> {
    if (sentinel.status !== 'ready') return
    try {
      const [fields, address] = await Promise.all([
        sentinel.call('SENTINEL', 'MASTER', this.#name) as Promise<string[]>,
        // While a failover ends, this one names the new primary already.
        sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.#name) as Promise<[string, string]>,
      ])
      const epoch = Number(fields[fields.indexOf('config-epoch') + 1])
      this.#answers.set(sentinel, { primary: { host: address[0], port: Number(address[1]) }, epoch })
    } catch (error) {
      this.#failed(sentinel, error as Error)
      return
    }
    this.#choose()
  }

  #failed(sentinel: Redis, error: Error): void {
    this.#answers.delete(sentinel)
    this.#faults.set(sentinel, error)
    if (this.#faults.size === this.#sentinels.length) this.#settle?.()
  }

  #choose(): void {
    const [latest] = [...this.#answers.values()].sort((one, other) => other.epoch - one.epoch)
    const before = this.#primary
    if (!latest || (before?.host === latest.primary.host && before.port === latest.primary.port)) return
    this.#primary = latest.primary
    this.#settle?.()
    if (before) this.#onMoved(latest.primary)
  }

  #refusal(): Error {
    const faults = [...this.#faults.values()]
    const unknown = faults.find(({ message }) => message.includes('No such master'))
    if (unknown) return new SettingError(`REDIS_URL: the sentinels know no primary named ${this.#name}`)
    const refusal = faults.find((each) => each instanceof ReplyError || each.message.includes('WRONGPASS'))
    if (refusal) return new SettingError(`REDIS_URL: the sentinels refuse (${refusal.message})`, { cause: refusal })
    return new SettingError(`REDIS_URL: no sentinel answers (${faults[0]?.message ?? 'in time'})`, { cause: faults[0] })
  }

  close(): void {
    clearInterval(this.#timer)
    for (const each of this.#sentinels) each.disconnect()
  }
}
