import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  AddMemberDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  DraftsDocument,
  MarkReadDocument,
  MemberDocument,
  SaveDraftDocument,
  ScheduleMessageDocument,
  SendMessageDocument,
  StartTypingDocument,
  ThreadDocument,
} from '../../schema/generated/graphql.ts'
import { Backend } from '../faults/backend.ts'
import { Caller, type Answer, type Tally } from '../faults/caller.ts'
import { waitFor } from '../support/wait.ts'

export interface OwnThingsOptions {
  readonly urls: readonly string[]
  readonly authorization: string
  readonly tally: Tally
  /** Reads the tables themselves. */
  readonly sql: (statement: string) => Promise<Record<string, unknown>[]>
}

/** For how long what was not answered is tried again once it has ended, in milliseconds. */
const insistence = 12_000

/** How far ahead messages are scheduled, and within which time after it they have to be there, in milliseconds. */
const aheadMilliseconds = 12_000
const dueLimit = 30_000

/**
 * What one user keeps and does besides sending: drafts, scheduled messages, replies, read horizons, typing. What one process has answered, the other one
 * has to know.
 */
export class OwnThings {
  readonly counts = { drafts: 0, scheduled: 0, replies: 0, reads: 0 }
  readonly #options: OwnThingsOptions
  readonly #running: Promise<void>[] = []
  readonly #scheduled: string[] = []
  readonly #replies: string[] = []
  readonly #user: Caller[] = []
  #identity = ''
  #channelId = ''
  #parentId = ''
  #isRunning = true
  #endedAt = Infinity

  constructor(options: OwnThingsOptions) {
    this.#options = options
  }

  async begin(): Promise<void> {
    const { urls, authorization, tally } = this.#options
    const backend = new Backend(urls, authorization)
    this.#identity = `owner-${randomUUID()}`
    const identity = this.#identity
    this.#channelId = (await backend.request(CreateChannelDocument, { input: {} })).createChannel.channel.id
    await backend.request(AddMemberDocument, { input: { channelId: this.#channelId, identity } })
    const input = { identity, ttlSeconds: 86_400 }
    const { createAccessToken } = await backend.request(CreateAccessTokenDocument, { input })
    const parent = { channelId: this.#channelId, body: 'parent', clientMessageId: randomUUID() }
    this.#parentId = (await backend.request(SendMessageDocument, { input: parent })).sendMessage.message.id
    for (const url of urls) this.#user.push(new Caller(() => [url], `Bearer ${createAccessToken.token}`, tally))
    this.#keep((one, other) => this.#draft(one, other))
    this.#keep((one, other) => this.#schedule(one, other))
    this.#keep((one, other) => this.#reply(one, other))
    this.#keep((one, other) => this.#read(one, other))
    this.#keep(async (one) => void (await one.ask(StartTypingDocument, { input: { channelId: this.#channelId } })))
  }

  /** By one process and then by the other, in turn. */
  #keep(work: (one: Caller, other: Caller) => Promise<void>): void {
    const run = async (): Promise<void> => {
      for (let turn = 0; this.#isRunning; turn++) {
        await delay(300)
        await work(this.#user[turn % 2]!, this.#user[(turn + 1) % 2]!)
      }
    }
    this.#running.push(run())
  }

  /** Asks one process after the other until it is answered; undefined when it never was, or was refused. */
  async #insist<Data>(what: string, callers: readonly Caller[], ask: (caller: Caller) => Promise<Answer<Data>>) {
    for (let turn = 0; this.#isRunning || performance.now() < this.#endedAt + insistence; turn++) {
      const answer = await ask(callers[turn % callers.length]!)
      if (answer.kind === 'data') return answer.data
      if (answer.kind === 'refused') {
        this.#accuse(`${what} answered ${answer.code}`)
        return undefined
      }
      await delay(150)
    }
    this.#accuse(`${what} was never answered`)
    return undefined
  }

  #accuse(what: string): void {
    this.#options.tally.accuse(`${what}, of ${this.#identity}`)
  }

  async #draft(one: Caller, other: Caller): Promise<void> {
    const body = `draft ${this.counts.drafts}`
    const input = { channelId: this.#channelId, body, clientMessageId: randomUUID() }
    if (!(await this.#insist('a draft', [one, other], (caller) => caller.ask(SaveDraftDocument, { input })))) return
    this.counts.drafts++
    const known = await this.#insist('drafts', [other, one], (caller) => caller.ask(DraftsDocument, { first: 10 }))
    const bodies = known?.viewer?.drafts?.edges.map(({ node }) => node.body)
    if (bodies && !bodies.includes(body)) this.#accuse(`the drafts are ${bodies.join()} and not ${body}`)
  }

  async #schedule(one: Caller, other: Caller): Promise<void> {
    const body = `scheduled ${randomUUID()}`
    const sendAt = new Date(Date.now() + aheadMilliseconds).toISOString()
    const input = { channelId: this.#channelId, body, sendAt, clientMessageId: body }
    if (!(await this.#insist('scheduling', [one, other], (caller) => caller.ask(ScheduleMessageDocument, { input }))))
      return
    this.counts.scheduled++
    this.#scheduled.push(body)
  }

  async #reply(one: Caller, other: Caller): Promise<void> {
    const body = `reply ${randomUUID()}`
    const input = { channelId: this.#channelId, body, parentId: this.#parentId, clientMessageId: body }
    if (!(await this.#insist('a reply', [one, other], (caller) => caller.ask(SendMessageDocument, { input })))) return
    this.counts.replies++
    this.#replies.push(body)
    const thread = await this.#insist('a thread', [other, one], (caller) =>
      caller.ask(ThreadDocument, { messageId: this.#parentId, last: 5 }),
    )
    const bodies = thread?.message?.replies?.edges.map(({ node }) => node.body)
    if (bodies && !bodies.includes(body)) this.#accuse('a thread lacks a reply that was acknowledged')
  }

  async #read(one: Caller, other: Caller): Promise<void> {
    const throughIndex = this.#replies.length
    const input = { channelId: this.#channelId, throughIndex }
    if (!(await this.#insist('reading', [one, other], (caller) => caller.ask(MarkReadDocument, { input })))) return
    this.counts.reads++
    const { identity, channelId } = { identity: this.#identity, channelId: this.#channelId }
    const known = await this.#insist('a member', [other, one], (caller) =>
      caller.ask(MemberDocument, { channelId, identity }),
    )
    const index = known?.member?.lastReadIndex ?? -1
    if (known && index < throughIndex) this.#accuse(`it has read ${throughIndex}, and then ${index}`)
  }

  /** Ends it, and accuses where the tables have another number of anything than was acknowledged. */
  async end(): Promise<void> {
    this.#isRunning = false
    this.#endedAt = performance.now()
    await Promise.all(this.#running)
    const { sql } = this.#options
    const count = async (): Promise<Map<string, number>> => {
      const rows = await sql(`SELECT body, count(*)::int AS count FROM messages
        WHERE channel_id = '${this.#channelId.slice(2)}' GROUP BY body`)
      return new Map(rows.map((row) => [row['body'] as string, row['count'] as number]))
    }
    const hasAll = async (): Promise<boolean> => {
      const counts = await count()
      return this.#scheduled.every((body) => counts.has(body))
    }
    await waitFor(hasAll, { timeout: dueLimit, interval: 250 }).catch(() => {})
    const counts = await count()
    for (const body of [...this.#scheduled, ...this.#replies]) {
      const found = counts.get(body) ?? 0
      if (found !== 1) this.#accuse(`${body} stands ${found} times`)
    }
    const [extras] = await sql(`SELECT reply_count::int AS count FROM message_extras
      WHERE channel_id = '${this.#channelId.slice(2)}' AND index = 0`)
    if (extras?.['count'] !== this.#replies.length) {
      this.#accuse(`${String(extras?.['count'])} replies are counted of ${this.#replies.length}`)
    }
  }

  /** Ends it without waiting for anything. */
  abandon(): void {
    this.#isRunning = false
    this.#endedAt = -Infinity
  }
}
