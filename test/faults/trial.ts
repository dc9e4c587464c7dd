import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '../support/wait.ts'
import {
  auditFollower,
  auditStore,
  auditSurvivors,
  auditWebhooks,
  findLost,
  findMissing,
  findSilentLoss,
  haveWebhooksArrived,
  readStored,
  type StoredChannel,
} from './audit.ts'
import { Tally } from './caller.ts'
import { Conversation } from './conversation.ts'
import type { Follower } from './follower.ts'
import { isToBeDeleted, type KnownChannel } from './ledger.ts'
import type { Stand } from './stand.ts'
import { Workload } from './workload.ts'

/** What was counted in one trial. */
export interface Outcome {
  readonly name: string
  readonly operations: number
  /** Answers that it may or may not have happened, and answers that a dying process did not give. */
  readonly unavailable: number
  readonly lost: number
  readonly unanswered: number
  readonly deaths: readonly string[]
  readonly internal: readonly string[]
  readonly untrue: readonly string[]
  /** Sends that were acknowledged and are not in the store. */
  readonly forgotten: number
  /** Milliseconds until all readers had everything, and until the last caller was not given what it wanted, after the fault. */
  readonly catchUp: number
  readonly recovery: number
  /** What webhooks received wrongly, or not within their time; known later than the rest. */
  readonly webhooks: Promise<{ readonly milliseconds: number; readonly faults: readonly string[] }>
}

/** After this readers are called behind, and what they lack is named. */
const readersLimit = 15_000

/**
 * What a process that died, or cannot reach the database, was sending goes on within 30 seconds. The strikes that follow on the same stand begin
 * meanwhile, and can take its job from the next worker, too.
 */
const webhooksLimit = 90_000

/** What a trial needs of a stand. */
export type TrialStand = Pick<Stand, 'processes' | 'receiver' | 'authorization' | 'sql'>

interface TrialOptions {
  readonly random: () => number
  readonly channels?: number | undefined
  /** Whether every message has a name of its client's, instead of each second. */
  readonly isNamed?: boolean | undefined
  /** The database begins a new history, which readers are notified of. */
  readonly mayGoBack?: boolean | undefined
  /** It may lose what it has acknowledged, which readers are notified of. Texts and reactions are left out. */
  readonly mayLose?: boolean | undefined
}

/** A workload on a stand, something that breaks, and what came of it. */
export class Trial<On extends TrialStand = Stand> {
  readonly name: string
  readonly stand: On
  readonly random: () => number
  readonly workload: Workload
  readonly #conversation: Conversation
  readonly tally = new Tally()
  readonly #deathsBefore: readonly number[]
  readonly #mayGoBack: boolean
  readonly #mayLose: boolean
  /** The processes that are called and connected to. */
  urls: readonly string[]

  constructor(name: string, stand: On, options: TrialOptions) {
    const { random, channels, isNamed, mayGoBack = false, mayLose = false } = options
    this.name = name
    this.#mayGoBack = mayGoBack || mayLose
    this.#mayLose = mayLose
    this.stand = stand
    this.random = random
    this.urls = stand.processes.map(({ url }) => url)
    this.#deathsBefore = stand.processes.map(({ deaths }) => deaths.length)
    this.workload = new Workload({
      urls: () => this.urls,
      steadyUrl: stand.processes[1].url,
      authorization: stand.authorization,
      receiverUrl: stand.receiver.url,
      random,
      tally: this.tally,
      isNamed,
      mayLose,
      ...(channels !== undefined && { channels }),
    })
    this.#conversation = new Conversation({
      urls: () => this.urls,
      authorization: stand.authorization,
      random,
      tally: this.tally,
      sql: (statement) => stand.sql(statement),
    })
  }

  /** Lets everything flow, strikes, and lets it flow again. Answers once the fault is over and everyone has come to rest. */
  async run(strike: (trial: Trial<On>) => Promise<void>): Promise<Outcome> {
    try {
      return await this.#run(strike)
    } finally {
      // Where it came to no end of its own.
      this.workload.abandon()
      this.#conversation.abandon()
    }
  }

  async #run(strike: (trial: Trial<On>) => Promise<void>): Promise<Outcome> {
    await Promise.all([this.workload.begin(), !this.#mayLose && this.#conversation.begin()])
    await waitFor(() => this.workload.channels.every(({ standing }) => standing.length >= 5), { timeout: 20_000 })
    await strike(this)
    const healedAt = performance.now()
    const catchUp = await this.catchUp(healedAt)
    await delay(1000)
    await Promise.all([this.workload.end(), !this.#mayLose && this.#conversation.end()])
    await this.workload.probe()
    const stored = await this.#readAll()
    const endedAt = performance.now()
    const isBehind = (follower: Follower): boolean => {
      const channel = this.workload.channels.find(({ id }) => id === follower.channelId)!
      return findMissing(follower, channel, stored.get(channel.id)!).length > 0
    }
    // Who is still behind after this is named by the audit.
    await waitFor(() => !this.workload.followers.some(isBehind), { timeout: readersLimit }).catch(() => {})
    const catchUpAtEnd = performance.now() - endedAt
    this.workload.abandon()
    this.#audit(stored)
    const { operations, unavailable, lost, unanswered, internal, untrue } = this.tally
    return {
      name: this.name,
      operations,
      unavailable,
      lost,
      unanswered,
      internal,
      untrue,
      forgotten: this.workload.channels.flatMap((channel) => findLost(channel, stored.get(channel.id)!)).length,
      deaths: this.stand.processes.flatMap(({ deaths }, at) => deaths.slice(this.#deathsBefore[at])),
      catchUp: Math.max(catchUp, catchUpAtEnd),
      recovery: Math.max(0, this.tally.failedAt - healedAt),
      webhooks: this.#awaitWebhooks(stored),
    }
  }

  /** How long it takes, from a moment on, until all readers are where the store is now. */
  async catchUp(since: number): Promise<number> {
    const goals = await this.#readAll()
    const isBehind = (follower: Follower): boolean => {
      const { messages, lastSeq } = goals.get(follower.channelId)!
      const newest = messages.findLast(({ index, isDeleted }) => !isDeleted && !isToBeDeleted(index))
      return follower.index < (newest?.index ?? -1) || (follower.receivesAll && follower.seq < lastSeq)
    }
    await waitFor(() => !this.workload.followers.some(isBehind), { timeout: readersLimit }).catch(() => {})
    return performance.now() - since
  }

  async #readAll(): Promise<Map<string, StoredChannel>> {
    const read = async ({ id }: KnownChannel) => [id, await readStored(this.stand.sql, id)] as const
    // On a stand that others strike meanwhile it may take a while.
    return waitFor(async () => new Map(await Promise.all(this.workload.channels.map(read))), { timeout: 30_000 })
  }

  #audit(stored: ReadonlyMap<string, StoredChannel>): void {
    for (const channel of this.workload.channels) {
      const inStore = stored.get(channel.id)!
      const auditOne = this.#mayLose ? auditSurvivors : auditStore
      for (const fault of auditOne(channel, inStore)) this.tally.accuse(`${channel.id}: ${fault}`)
      for (const follower of this.workload.followers.filter(({ channelId }) => channelId === channel.id)) {
        const may = { mayGoBack: this.#mayGoBack, mayLose: this.#mayLose }
        for (const fault of [
          ...auditFollower(follower, channel, inStore, may),
          ...findSilentLoss(follower, channel, inStore),
        ]) {
          this.tally.accuse(`${follower.name}: ${fault}`)
        }
      }
    }
  }

  async #awaitWebhooks(stored: ReadonlyMap<string, StoredChannel>) {
    const { received } = this.stand.receiver
    const since = performance.now()
    const hooked = this.workload.channels.filter(({ isHooked }) => isHooked)
    const haveArrived = (): boolean =>
      hooked.every((channel) => haveWebhooksArrived(received, channel, stored.get(channel.id)!))
    await waitFor(haveArrived, { timeout: webhooksLimit, interval: 250 }).catch(() => {})
    const milliseconds = performance.now() - since
    // A send whose outcome was never known may have been stored since.
    const storedNow = await this.#readAll()
    return {
      milliseconds,
      faults: hooked.flatMap((channel) => auditWebhooks(received, channel, storedNow.get(channel.id)!)),
    }
  }
}
