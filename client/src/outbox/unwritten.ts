import type { Env } from '../env/types.ts'
import { maxItemAge } from '../store/outbox-item.ts'
import type { OutboxAction } from '../store/state.ts'

type Send = Extract<OutboxAction, { readonly kind: 'send' }>

interface Note {
  readonly channelId: string
  readonly action: Send
  readonly createdAt: number
}

/** Beyond these, and where the storage is full, a send waits for the disk alone. */
const maxNotes = 100

/**
 * Sends that are not on the disk yet, in the storage of the tab, which takes them in the same turn: a page that ends right after one leaves it to
 * the next page of the tab (O1).
 */
export class Unwritten {
  readonly #env: Pick<Env, 'clock' | 'tabStorage'>
  readonly #key: string
  /** What earlier pages of this tab have left, in the order of sending. */
  readonly left: readonly Note[]

  /** `owner` names the user, the service and the server. */
  constructor(env: Pick<Env, 'clock' | 'tabStorage'>, owner: readonly string[]) {
    this.#env = env
    this.#key = `fonechat.unwritten ${JSON.stringify(owner)}`
    const oldest = env.clock.now() - maxItemAge
    this.left = this.#notes().filter(({ createdAt }) => createdAt > oldest)
  }

  /** Notes a send; anything else is not. */
  note(channelId: string, action: OutboxAction): void {
    if (action.kind !== 'send') return
    const others = this.#others(action)
    if (others.length < maxNotes) this.#keep([...others, { channelId, action, createdAt: this.#env.clock.now() }])
  }

  /** It is in the outbox, or will not be. */
  forget(action: OutboxAction): void {
    if (action.kind === 'send') this.#keep(this.#others(action))
  }

  clear(): void {
    this.#keep([])
  }

  #others({ clientMessageId }: Send): readonly Note[] {
    return this.#notes().filter(({ action }) => action.clientMessageId !== clientMessageId)
  }

  #notes(): readonly Note[] {
    try {
      return JSON.parse(this.#env.tabStorage?.getItem(this.#key) ?? '[]') as Note[]
    } catch {
      return []
    }
  }

  #keep(notes: readonly Note[]): void {
    const { tabStorage } = this.#env
    try {
      if (notes.length === 0) tabStorage?.removeItem(this.#key)
      else tabStorage?.setItem(this.#key, JSON.stringify(notes))
    } catch {
      // It is full.
    }
  }
}
