import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  AddMemberDocument,
  CreateAccessTokenDocument,
  CreateChannelDocument,
  SendMessageDocument,
} from '../../schema/generated/graphql.ts'
import { waitFor } from '../support/wait.ts'
import { Backend } from './backend.ts'
import { Caller, type Tally } from './caller.ts'
import { CursorFollower } from './follower.ts'
import { Reactor } from './reactor.ts'
import { auditText, silenceSeconds, TextWriter } from './text-writer.ts'

/** For how long what was not answered is tried again once it has ended, in milliseconds. */
const insistence = 12_000

/** Until the texts of a process that is gone have ended, after their writers were silent for long enough. */
const silenceLimit = (silenceSeconds + 15) * 1000

const readersLimit = 15_000

export interface ConversationOptions {
  /** The processes that are called and connected to. */
  readonly urls: () => readonly string[]
  readonly authorization: string
  readonly random: () => number
  readonly tally: Tally
  /** Reads the tables themselves. */
  readonly sql: (statement: string) => Promise<Record<string, unknown>[]>
}

interface StoredMessage {
  readonly id: string
  readonly body: string
  readonly state: string | undefined
  /** How often which reaction is counted, and by whom it was added. */
  readonly counts: string
  readonly rows: readonly string[]
}

/** Texts that are written while they are read, and reactions, in a channel of their own. */
export class Conversation {
  readonly followers: CursorFollower[] = []
  readonly #options: ConversationOptions
  readonly #writers: TextWriter[] = []
  readonly #reactors: Reactor[] = []
  readonly #running: Promise<void>[] = []
  #channelId = ''
  #isRunning = true
  #endedAt = Infinity

  constructor(options: ConversationOptions) {
    this.#options = options
  }

  async begin(): Promise<void> {
    const { urls, authorization, random, tally } = this.#options
    const backend = new Backend(urls(), authorization)
    const { createChannel } = await backend.request(CreateChannelDocument, { input: {} })
    const channelId = createChannel.channel.id
    this.#channelId = channelId
    const member = async (role: string): Promise<{ identity: string; token: string }> => {
      const identity = `${role}-${randomUUID()}`
      await backend.request(AddMemberDocument, { input: { channelId, identity } })
      const input = { identity, ttlSeconds: 86_400 }
      const { createAccessToken } = await backend.request(CreateAccessTokenDocument, { input })
      return { identity, token: createAccessToken.token }
    }
    const accuse = (what: string): void => tally.accuse(`${what} in the conversation ${channelId}`)
    const messageIds: string[] = []
    for (let at = 0; at < 3; at++) {
      const input = { channelId, body: `to be reacted to ${at}`, clientMessageId: randomUUID() }
      messageIds.push((await backend.request(SendMessageDocument, { input })).sendMessage.message.id)
    }
    for (const { identity, token } of await Promise.all([1, 2].map(() => member('follower')))) {
      this.followers.push(new CursorFollower({ name: identity, channelId, token, urls, random }))
    }
    const haveJoined = (): boolean => this.followers.every(({ seq }) => seq > 0)
    await waitFor(haveJoined, { timeout: 20_000 })
    for (const { identity, token } of await Promise.all([1, 2].map(() => member('reactor')))) {
      const caller = new Caller(urls, `Bearer ${token}`, tally)
      const reactor = new Reactor({ identity, caller, random, messageIds, accuse })
      this.#reactors.push(reactor)
      this.#keep(() => reactor.react())
    }
    const mayInsist = (): boolean => this.#isRunning || performance.now() < this.#endedAt + insistence
    for (let at = 0; at < 3; at++) {
      const caller = new Caller(urls, authorization, tally)
      const writer = new TextWriter({ channelId, caller, random, leaves: at, mayInsist, accuse })
      this.#writers.push(writer)
      this.#keep(() => writer.write(() => this.#isRunning))
    }
    await waitFor(() => this.#writers.every(({ texts }) => texts.length > 0), { timeout: 20_000 })
  }

  #keep(work: () => Promise<void>): void {
    const { random } = this.#options
    const run = async (): Promise<void> => {
      while (this.#isRunning) {
        await delay(100 + random() * 300)
        await work()
      }
    }
    this.#running.push(run())
  }

  /** Ends it, waits until everyone has everything, and accuses whoever has not. */
  async end(): Promise<void> {
    this.#isRunning = false
    this.#endedAt = performance.now()
    await Promise.all(this.#running)
    const hasEnded = async (): Promise<boolean> =>
      (await this.#readStored()).every(({ state }) => state !== 'STREAMING')
    await waitFor(hasEnded, { timeout: silenceLimit, interval: 100 }).catch(() => {})
    const stored = await waitFor(() => this.#readStored(), { timeout: 30_000 })
    const isBehind = (follower: CursorFollower): boolean => findStale(follower, stored).length > 0
    await waitFor(() => !this.followers.some(isBehind), { timeout: readersLimit }).catch(() => {})
    this.abandon()
    const accuse = (what: string): void => this.#options.tally.accuse(`conversation ${this.#channelId}: ${what}`)
    for (const fault of [...this.#auditTexts(stored), ...this.#auditReactions(stored)]) accuse(fault)
    for (const follower of this.followers) {
      for (const fault of [...follower.complaints, ...findStale(follower, stored)]) accuse(`${follower.name} ${fault}`)
    }
  }

  /** Ends it without waiting for anything. */
  abandon(): void {
    this.#isRunning = false
    this.#endedAt = Math.min(this.#endedAt, performance.now() - insistence)
    for (const follower of this.followers) follower.dispose()
  }

  async #readStored(): Promise<StoredMessage[]> {
    const id = this.#channelId.slice(2)
    const rows = await this.#options.sql(
      `SELECT messages.id, messages.body, messages.stream_state, extras.reactions,
         (SELECT json_agg(row(reaction, identity)) FROM reactions
          WHERE reactions.channel_id = messages.channel_id AND reactions.index = messages.index) AS reacted
       FROM messages LEFT JOIN message_extras AS extras
         ON extras.channel_id = messages.channel_id AND extras.index = messages.index
       WHERE messages.channel_id = '${id}' ORDER BY messages.index`,
    )
    return rows.map((row) => ({
      id: `IM${String(row['id']).replaceAll('-', '')}`,
      body: row['body'] as string,
      state: (row['stream_state'] as string | null)?.toUpperCase(),
      counts: toCounts(JSON.parse((row['reactions'] as string | null) ?? '[]') as Counted[]),
      rows: ((row['reacted'] as { f1: string; f2: string }[] | null) ?? []).map(({ f1, f2 }) => `${f1} ${f2}`),
    }))
  }

  #auditTexts(stored: readonly StoredMessage[]): string[] {
    const faults: string[] = []
    const texts = this.#writers.flatMap((writer) => writer.texts)
    const byId = new Map(texts.map((text) => [text.id, text]))
    for (const { id, state, body } of stored) {
      if (state === undefined) continue
      const known = byId.get(id)
      byId.delete(id)
      if (!known) faults.push(`text ${id} was begun by nobody`)
      else faults.push(...auditText(known, state, body).map((fault) => `text ${id} ${fault}`))
    }
    return [...faults, ...[...byId.keys()].map((id) => `text ${id} is lost`)]
  }

  #auditReactions(stored: readonly StoredMessage[]): string[] {
    const faults: string[] = []
    for (const { id, counts, rows } of stored) {
      const numbers = new Map<string, number>()
      for (const row of rows) {
        const [reaction] = row.split(' ') as [string]
        numbers.set(reaction, (numbers.get(reaction) ?? 0) + 1)
      }
      const counted = toCounts([...numbers].map(([reaction, count]) => ({ reaction, count })))
      if (counted !== counts) faults.push(`reactions to ${id} are ${counted} and counted as ${counts}`)
      for (const { identity, known } of this.#reactors) {
        for (const { messageId, reaction, wants, isCertain } of known) {
          if (messageId !== id || !isCertain) continue
          const isOn = rows.includes(`${reaction} ${identity}`)
          if (isOn !== (wants === 'on'))
            faults.push(`${reaction} of ${identity} was answered to be ${wants} and is not`)
        }
      }
    }
    return faults
  }
}

interface Counted {
  readonly reaction: string
  readonly count: number
}

function toCounts(reactions: readonly Counted[]): string {
  return reactions
    .map(({ reaction, count }) => `${count} ${reaction}`)
    .toSorted()
    .join()
}

/** What a follower does not know, or knows otherwise than it is stored. */
function findStale({ texts, reactions }: CursorFollower, stored: readonly StoredMessage[]): string[] {
  const faults: string[] = []
  for (const { id, body, state, counts } of stored) {
    if (state !== undefined && texts.get(id) !== body) faults.push(`has of ${id} not the text that is stored`)
    const known = toCounts(reactions.get(id) ?? [])
    if (known !== counts) faults.push(`has the reactions ${known} of ${id} and not ${counts}`)
  }
  return faults
}
