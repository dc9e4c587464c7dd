import { OwnReactionsDocument } from '../graphql/generated/documents.ts'
import type { Change } from '../store/change.ts'
import { placeOf } from '../store/messages.ts'
import type { Message } from '../store/state.ts'
import type { SyncContext } from './context.ts'

/** Messages that are asked for at once: what the server answers together. */
const maxAsked = 100
/** So long more is waited for, in milliseconds: of what was missed each message comes for itself. */
const gathering = 50

/**
 * Reads whether the user itself has reacted, where that is not known: streams are for all, so they say how many have a reaction, and who has added or
 * taken one away only while they are heard. A message is asked for once each time that this becomes unknown.
 */
export class OwnReactions {
  readonly #context: SyncContext
  readonly #ids = new Set<string>()
  #isPaused = true
  #isBusy = false
  /** An answer is no reason to ask again: what it did not settle waits for the next event. */
  #isAnswered = false

  constructor(context: SyncContext) {
    this.#context = context
  }

  /** The state has these changes. */
  watch(changes: readonly Change[]): void {
    if (this.#isPaused || this.#isAnswered) return
    const { channels } = this.#context.state()
    for (const change of changes) {
      if (change.kind !== 'messages' && change.kind !== 'reactions') continue
      const known = channels.get(change.channelId)?.messages ?? []
      const news = change.kind === 'messages' ? change.messages : [change]
      for (const { index } of news) this.#add(known[placeOf(known, index)])
    }
  }

  /** There is a connection: asks for all that is not known. */
  resume(): void {
    this.#isPaused = false
    for (const { messages } of this.#context.state().channels.values()) {
      for (const message of messages) this.#add(message)
    }
  }

  pause(): void {
    this.#isPaused = true
    this.#ids.clear()
  }

  #add(message: Message | undefined): void {
    if (!message?.isOwnStale) return
    this.#ids.add(message.id)
    if (this.#isBusy) return
    this.#isBusy = true
    this.#context.env.clock.after(gathering, () => void this.#readAll())
  }

  async #readAll(): Promise<void> {
    while (this.#ids.size > 0) {
      const ids = [...this.#ids].slice(0, maxAsked)
      for (const id of ids) this.#ids.delete(id)
      await this.#read(ids)
    }
    this.#isBusy = false
  }

  async #read(ids: string[]): Promise<void> {
    const { link, log, commit } = this.#context
    try {
      const { nodes } = await link.request(OwnReactionsDocument, { ids })
      const changes = (nodes ?? []).flatMap((node): Change[] => {
        if (node?.__typename !== 'Message') return []
        const { channelId, index, revision: at, reactions } = node
        return [{ kind: 'reactions', channelId, index, at, reactions }]
      })
      this.#isAnswered = true
      commit(changes)
    } catch (error) {
      log.write('warn', 'whether the user has reacted was not read', error)
    } finally {
      this.#isAnswered = false
    }
  }
}
