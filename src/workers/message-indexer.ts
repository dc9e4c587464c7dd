import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import type { App } from '../domain/app.ts'
import { toVector } from '../domain/chat/search-tokens.ts'
import { Pacer } from '../domain/moderation/pacer.ts'
import { tokenizerOf } from '../model/search-text.ts'
import { bucketOf, isWord } from '../model/search-words.ts'
import type { ChannelId } from '../model/sid.ts'
import { isUnavailable } from '../store/engine/fault.ts'
import {
  deleteIndexedTexts,
  finishDeletion,
  readChangedTexts,
  readIndexingStates,
  readUnindexedChannels,
  writeIndexedTexts,
  type ChangedText,
  type IndexedText,
  type IndexedWords,
  type IndexingState,
} from '../store/message-indexing.ts'

/** How long messages wait for others that are written with them, in milliseconds. Searches look at them meanwhile. */
const gatherMilliseconds = 250

/** What one statement takes: channels, messages, and rows that are deleted. */
const batchChannels = 50
const batchTexts = 250
const batchDeleted = 2000

/** Of the words that a statement adds to a bucket, in UTF-16 code units. Further ones are not kept. */
const maxAdded = 500

/**
 * How often the next channels are compared with their positions, in milliseconds, and how many. That finds what processes that have died left,
 * and after an upgrade every message.
 */
const pollMilliseconds = 5000
const pollChannels = 1000

const beforeAll = `CH${'0'.repeat(32)}` as ChannelId

type IndexedApp = Pick<App, 'db' | 'logger' | 'unindexed'>

/**
 * Makes messages searchable, behind the sends: reads what has changed in a channel since its position, and writes tokens and position in one
 * statement: of the channels that this process has written to, and where `leads` of all others. Any number of processes may do so at once. It rests as
 * long as it works.
 */
export class MessageIndexer {
  readonly #app: IndexedApp
  readonly #leads: () => boolean
  readonly #timer: NodeJS.Timeout
  #next = beforeAll
  #running: Promise<void> | undefined
  #polling: Promise<void> | undefined
  #isClosed = false
  #stop = new AbortController()

  constructor(app: IndexedApp, leads = () => true) {
    this.#app = app
    this.#leads = leads
    app.unindexed.onAdd = () => this.#wake()
    this.#timer = setInterval(() => this.#poll(), pollMilliseconds)
    this.#timer.unref()
    this.#poll()
  }

  #wake(): void {
    if (this.#isClosed) return
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Never throws: what was not written is found again by a poll. */
  async #run(): Promise<void> {
    const { unindexed } = this.#app
    await this.#rest(gatherMilliseconds)
    while (unindexed.size > 0 && !this.#isClosed) {
      const began = performance.now()
      const ids = unindexed.first(batchChannels)
      for (const id of ids) unindexed.delete(id)
      try {
        for (const id of await this.#index(ids)) unindexed.add(id)
      } catch (error) {
        this.#warn(error)
        return
      }
      await this.#rest(performance.now() - began)
    }
  }

  /** Indexes some changes of each channel, and answers the channels that have more. */
  async #index(ids: readonly ChannelId[]): Promise<ChannelId[]> {
    const { db } = this.#app
    const states = await readIndexingStates(db, ids)
    const unfinished: ChannelId[] = []
    for (const state of states) if (await this.#delete(state)) unfinished.push(state.channelId)
    const behind = states.filter((state) => !state.isDeleted && state.lastSeq > startOf(state))
    if (behind.length === 0) return unfinished
    const size = Math.max(1, Math.floor(batchTexts / behind.length))
    const changed = await readChangedTexts(
      db,
      behind.map((state) => ({ channelId: state.channelId, after: startOf(state) })),
      size,
    )
    const byChannel = Map.groupBy(changed, ({ channelId }) => channelId)
    const moves = behind.map((state) => {
      const texts = byChannel.get(state.channelId) ?? []
      const isMore = texts.length === size
      if (isMore) unfinished.push(state.channelId)
      return {
        channelId: state.channelId,
        expected: state.position?.seq ?? null,
        // A change that came since has a higher `seq` than this was when it was read.
        seq: isMore ? texts.at(-1)!.seq : Math.max(state.lastSeq, texts.at(-1)?.seq ?? 0),
        language: state.language,
      }
    })
    const stateOf = new Map(behind.map((state) => [state.channelId, state]))
    const { texts, words } = await toIndexed(changed, stateOf)
    await writeIndexedTexts(db, moves, texts, words)
    return unfinished
  }

  /** Deletes rows of what is gone, and answers whether there are more. */
  async #delete({ channelId, isDeleted, firstIndex, position }: IndexingState): Promise<boolean> {
    if (!position || (!isDeleted && firstIndex <= position.firstIndex)) return false
    const below = isDeleted ? Number.MAX_SAFE_INTEGER : firstIndex
    const { db } = this.#app
    if ((await deleteIndexedTexts(db, channelId, below, batchDeleted)) === batchDeleted) return true
    await finishDeletion(db, channelId, isDeleted ? undefined : firstIndex)
    return false
  }

  #poll(): void {
    if (this.#isClosed || !this.#leads()) return
    this.#polling ??= this.#findUnindexed().finally(() => {
      this.#polling = undefined
    })
  }

  async #findUnindexed(): Promise<void> {
    const { db, unindexed } = this.#app
    try {
      // What is found is done before more is looked for.
      while (unindexed.size < batchChannels && !this.#isClosed) {
        const { unindexed: found, last } = await readUnindexedChannels(db, this.#next, pollChannels)
        this.#next = last ?? beforeAll
        for (const id of found) unindexed.add(id)
        await this.#running
        if (last === undefined || found.length === 0) return
      }
    } catch (error) {
      this.#warn(error)
    }
  }

  async #rest(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {})
    await setImmediate()
  }

  #warn(error: unknown): void {
    if (this.#isClosed && isUnavailable(error)) return
    this.#app.logger.warn({ err: error }, 'messages were not made searchable')
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#stop.abort()
    await Promise.all([this.#running, this.#polling])
  }
}

/** With another language, everything is done again. */
function startOf({ position, language }: IndexingState): number {
  return position?.language === language ? position.seq : 0
}

async function toIndexed(changed: readonly ChangedText[], stateOf: ReadonlyMap<ChannelId, IndexingState>) {
  const pacer = new Pacer()
  const texts: IndexedText[] = []
  const seen = new Map<ChannelId, Set<string>>()
  for (const { channelId, index, createdAt, body } of changed) {
    if (pacer.isDue) await pacer.pause()
    const { serviceId, language } = stateOf.get(channelId)!
    const tokens = body === null ? undefined : tokenizerOf(language).tokenize(body)
    texts.push({ channelId, serviceId, createdAt, index, tokens: tokens ? toVector(serviceId, tokens) : null })
    const words = seen.get(channelId) ?? new Set()
    seen.set(channelId, words)
    for (const { text } of tokens ?? []) words.add(text)
  }
  return { texts, words: Array.from(seen, ([channelId, words]) => toBuckets(channelId, words)).flat() }
}

function toBuckets(channelId: ChannelId, texts: ReadonlySet<string>): IndexedWords[] {
  const buckets = new Map<number, string>()
  for (const text of texts) {
    if (!isWord(text)) continue
    const bucket = bucketOf(text)
    const words = buckets.get(bucket)
    if (words === undefined) buckets.set(bucket, text)
    else if (words.length < maxAdded) buckets.set(bucket, `${words} ${text}`)
  }
  return Array.from(buckets, ([bucket, words]) => ({ channelId, bucket, words }))
}
