'use client'
import type { Client } from '../../../client.ts'
import type { SendOptions } from '../../../handles/channel.ts'

/** Where a draft is: in a channel, or in the thread of one of its messages. */
export interface ComposerPlace {
  readonly channelId: string
  readonly parentId?: string | null | undefined
}

/** Where composers keep what is being written: `client.later.drafts` has it on all devices of the user. */
export interface ComposerDrafts {
  /** Calls back after each change. Returns the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void
  /** The text that waits in a place; empty where none does. */
  get(place: ComposerPlace): string
  /** Keeps a text, at each key; an empty one is none. */
  write(place: ComposerPlace, text: string): void
  /** The draft is sent now, and there is none from here on. Returns what its text is sent with, such as its `clientMessageId`; undefined where that is nothing. */
  take(place: ComposerPlace): SendOptions | undefined
  /** The user leaves the place. */
  flush(): void
}

/** Drafts beyond these lose the oldest. */
const maxDrafts = 100

/** Drafts in the memory of this tab. */
class MemoryDrafts implements ComposerDrafts {
  readonly #texts = new Map<string, string>()
  readonly #listeners = new Set<() => void>()

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get({ channelId, parentId }: ComposerPlace): string {
    return this.#texts.get(parentId ?? channelId) ?? ''
  }

  write({ channelId, parentId }: ComposerPlace, text: string): void {
    const key = parentId ?? channelId
    this.#texts.delete(key)
    if (text !== '') this.#texts.set(key, text)
    const [oldest] = this.#texts.keys()
    if (this.#texts.size > maxDrafts) this.#texts.delete(oldest!)
    for (const listener of this.#listeners) listener()
  }

  take(place: ComposerPlace): undefined {
    this.write(place, '')
  }

  flush(): void {}
}

const ofClients = new WeakMap<Client, ComposerDrafts>()

/** The drafts of this client where it has no module for them. */
export function memoryDrafts(client: Client): ComposerDrafts {
  const drafts = ofClients.get(client) ?? new MemoryDrafts()
  ofClients.set(client, drafts)
  return drafts
}
