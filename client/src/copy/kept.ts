import { deferred, type Deferred } from '../deferred.ts'
import type { Env } from '../env/types.ts'
import { ChatError } from '../errors.ts'
import type { AppendedChange, Change } from '../store/change.ts'
import { placeOf } from '../store/messages.ts'
import type { State } from '../store/state.ts'
import type { Database, Transaction } from './database.ts'
import { readAll, readStretch } from './read.ts'
import { copyStores, storeNames, type MetaKey } from './schema.ts'
import { trim } from './trim.ts'
import type { Copy } from './types.ts'
import { isKept, writeChanges } from './write.ts'

export interface KeptCopyOptions {
  readonly database: Database
  readonly env: Pick<Env, 'clock' | 'createId'>
  /** The state as it is when `write` is called, with its changes. */
  readonly getState: () => State
}

interface Batch extends Deferred<void> {
  readonly changes: Change[]
  state: State
}

/** Messages that are written before the copy is looked through for what it has too much of. */
const trimEvery = 2000

/** How often texts are written that are being written elsewhere, in milliseconds. */
const textMilliseconds = 2000

/** The copy in IndexedDB (K1). */
export class KeptCopy implements Copy {
  readonly #options: KeptCopyOptions
  #deviceId = ''
  #term: number | undefined
  /** Why what is written is not kept. */
  #failure: ChatError | undefined
  /** What waits for the transaction that runs: one transaction takes all of it. */
  #next: Batch | undefined
  #running: Batch | undefined
  /** Numbers of the batches that were written, and of those of them that are on the disk. */
  #written = 0
  #flushed = 0
  #untrimmed = trimEvery
  /** Texts that have grown since they were written. */
  readonly #texts = new Map<string, AppendedChange>()
  #cancelTexts: (() => void) | undefined

  constructor(options: KeptCopyOptions) {
    this.#options = options
  }

  get deviceId(): string {
    return this.#deviceId
  }

  async takeTerm(): Promise<number> {
    const { database, env } = this.#options
    // This writes, since some browsers open what they then do not let one write.
    const term = await database.run({ stores: ['meta'], mode: 'readwrite', durability: 'strict' }, (transaction) => {
      const meta = transaction.store('meta')
      let next = 1
      transaction.read<string | undefined>(meta.get('deviceId' satisfies MetaKey), (present) => {
        this.#deviceId = present ?? env.createId()
        if (!present) meta.put(this.#deviceId, 'deviceId' satisfies MetaKey)
      })
      transaction.read<number | undefined>(meta.get('term' satisfies MetaKey), (last = 0) => {
        next = last + 1
        meta.put(next, 'term' satisfies MetaKey)
      })
      return () => next
    })
    this.#term = term
    this.#failure = undefined
    return term
  }

  load(): Promise<readonly Change[]> {
    return this.#options.database.run({ stores: copyStores, mode: 'readonly' }, readAll)
  }

  async readMessages(channelId: string, from: number, to: number): Promise<readonly Change[]> {
    // What the state has lost goes from the copy too before it is read.
    await this.#idle()
    return this.#options.database.run({ stores: copyStores, mode: 'readonly' }, (transaction) =>
      readStretch(transaction, channelId, from, to),
    )
  }

  write(changes: readonly Change[]): Promise<void> {
    for (const change of changes) if (change.kind === 'appended') this.#addText(change)
    const kept = changes.filter(isKept)
    if (kept.length === 0) return Promise.resolve()
    const state = this.#options.getState()
    this.#next ??= { ...deferred<void>(), changes: [], state }
    this.#next.changes.push(...kept)
    this.#next.state = state
    const { promise } = this.#next
    void this.#work()
    return promise
  }

  async settled(): Promise<void> {
    await this.#idle()
    // Also of a batch that nobody waited for.
    if (this.#failure) throw this.#failure
    const written = this.#written
    if (this.#flushed >= written) return
    // The log of the database is one: what is on the disk after this has everything before it there too.
    await this.#run('strict', (transaction) => transaction.store('meta').put(written, 'flushed' satisfies MetaKey))
    this.#flushed = Math.max(this.#flushed, written)
  }

  async clear(): Promise<void> {
    await this.#idle()
    const deviceId = this.#options.env.createId()
    await this.#run('strict', (transaction) => {
      for (const name of copyStores) transaction.store(name).clear()
      transaction.store('meta').put(deviceId, 'deviceId' satisfies MetaKey)
      transaction.store('meta').put(this.#term, 'term' satisfies MetaKey)
    })
    this.#deviceId = deviceId
  }

  async remove(): Promise<void> {
    const { database } = this.#options
    await this.#idle()
    this.#term = undefined
    try {
      // Emptied first, since the deletion waits for tabs that have it open. Without the term in it nobody writes.
      await database.run({ stores: storeNames, mode: 'readwrite', durability: 'strict' }, (transaction) => {
        for (const name of storeNames) transaction.store(name).clear()
        return () => {}
      })
    } finally {
      await database.remove()
    }
  }

  async close(): Promise<void> {
    this.#writeTexts()
    await this.#idle()
    this.#term = undefined
    await this.#options.database.close()
  }

  #addText(change: AppendedChange): void {
    this.#texts.set(change.channelId + change.index, change)
    this.#cancelTexts ??= this.#options.env.clock.after(textMilliseconds, () => this.#writeTexts())
  }

  #writeTexts(): void {
    this.#cancelTexts?.()
    this.#cancelTexts = undefined
    const { channels } = this.#options.getState()
    const changes = [...this.#texts.values()].map(({ channelId, index }): Change => {
      const messages = channels.get(channelId)?.messages ?? []
      const place = placeOf(messages, index)
      return { kind: 'messages', channelId, messages: messages.slice(place, place + 1), covered: null }
    })
    this.#texts.clear()
    // What is not kept is said by the next batch.
    this.write(changes).catch(() => {})
  }

  async #work(): Promise<void> {
    while (this.#next && !this.#running) {
      const { changes, state, resolve, reject } = (this.#running = this.#next)
      this.#next = undefined
      try {
        const now = this.#options.env.clock.now()
        await this.#run('relaxed', (transaction) => writeChanges(transaction, changes, state, now))
        this.#written += 1
        resolve()
        await this.#trim(changes)
      } catch (error) {
        this.#failure ??= error as ChatError
        reject(error)
      }
      this.#running = undefined
    }
  }

  /** A transaction of this term. */
  #run(durability: 'relaxed' | 'strict', body: (transaction: Transaction) => void): Promise<void> {
    const term = this.#term
    if (this.#failure) return Promise.reject(this.#failure)
    return this.#options.database.run({ stores: copyStores, mode: 'readwrite', durability }, (transaction) => {
      transaction.read(transaction.store('meta').get('term' satisfies MetaKey), (present) => {
        if (present === term && term !== undefined) body(transaction)
        else transaction.refuse(new ChatError('CONFLICT', 'another tab writes the local copy'))
      })
      return () => {}
    })
  }

  async #trim(changes: readonly Change[]): Promise<void> {
    for (const change of changes) if (change.kind === 'messages') this.#untrimmed += change.messages.length
    if (this.#untrimmed < trimEvery) return
    this.#untrimmed = 0
    await this.#run('relaxed', trim)
  }

  async #idle(): Promise<void> {
    await (this.#next ?? this.#running)?.promise.catch(() => {})
  }
}
