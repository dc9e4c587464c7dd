import type { RequestOptions } from '../graphql/document.ts'
import { OpenDirectChannelDocument, PresenceChangedDocument, UsersDocument } from '../graphql/generated/documents.ts'
import type { PresenceChangedSubscription, UsersQuery } from '../graphql/generated/types.ts'
import { ChannelHandle } from '../handles/channel.ts'
import type { HandleContext } from '../handles/context.ts'
import { listedChanges } from '../sync/page-changes.ts'
import type { Module } from './types.ts'

/** Most people whose presence is followed at a time. */
const maxFollowed = 500
/** Views that appear together ask together, in milliseconds. */
const settling = 50

/** Whether somebody has an open connection, and when it was last seen. Null where it is not reported. */
export type Presence = PresenceChangedSubscription['presenceChanged'][number]
export type FoundUser = NonNullable<UsersQuery['users']>['nodes'][number]

export interface People {
  /** Users whose name or identity begins so, at most `first` (25). */
  find(text: string, options?: RequestOptions & { readonly first?: number }): Promise<readonly FoundUser[]>
  /** The one direct channel of the user and these others, from 1 to 9, which is made where there is none. */
  openDirectChannel(identities: readonly string[], options?: RequestOptions): Promise<ChannelHandle>
  /**
   * Follows the presence of these people until the result is called, and calls back after each change. Of all that is followed at a time the first 500
   * identities are asked for.
   */
  follow(identities: readonly string[], listener: () => void): () => void
  /** What is known of the presence of somebody who is followed; the same object until it changes. Undefined before it was said, and while disconnected it is what it was. */
  presence(identity: string): Presence | undefined
}

/** People: `createClient({ modules: [people()] }).people`. */
export function people(): Module<'people', People> {
  return {
    name: 'people',
    create: (context) => {
      const { host, store } = context
      const presences = new Presences(context)
      return {
        find: async (text, { signal, first } = {}) => {
          const variables = { search: text, ...(first !== undefined && { first }) }
          return (await host.request(UsersDocument, variables, { signal })).users?.nodes ?? []
        },
        openDirectChannel: async (identities, options) => {
          const before = store.getSnapshot()
          const input = { identities: [...identities] }
          const { openDirectChannel } = await host.request(OpenDirectChannelDocument, { input }, options)
          const { member } = openDirectChannel!
          host.apply(listedChanges([member], before))
          return new ChannelHandle(context, member.channelId)
        },
        follow: (identities, listener) => presences.follow(identities, listener),
        presence: (identity) => presences.get(identity),
      }
    },
  }
}

/** Follows the presence of whomever the views show, by one subscription that is made anew when they show others. */
class Presences {
  readonly #context: HandleContext
  readonly #known = new Map<string, Presence>()
  readonly #views = new Set<{ readonly identities: readonly string[]; readonly listener: () => void }>()
  #asked: readonly string[] = []
  #stop: (() => void) | undefined
  #isSettling = false

  constructor(context: HandleContext) {
    this.#context = context
  }

  get(identity: string): Presence | undefined {
    return this.#known.get(identity)
  }

  follow(identities: readonly string[], listener: () => void): () => void {
    const view = { identities, listener }
    this.#views.add(view)
    this.#changed()
    return () => {
      if (this.#views.delete(view)) this.#changed()
    }
  }

  #changed(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    this.#context.env.clock.after(settling, () => {
      this.#isSettling = false
      this.#ask()
    })
  }

  #ask(): void {
    const wanted = new Set([...this.#views].flatMap(({ identities }) => identities))
    const identities = [...wanted].slice(0, maxFollowed).toSorted()
    if (identities.length === this.#asked.length && identities.every((one, place) => one === this.#asked[place])) return
    this.#asked = identities
    this.#stop?.()
    for (const identity of this.#known.keys()) if (!wanted.has(identity)) this.#known.delete(identity)
    this.#stop =
      identities.length === 0
        ? undefined
        : this.#context.host.subscribe(PresenceChangedDocument, { identities }, ({ presenceChanged }) =>
            this.#heard(presenceChanged),
          )
  }

  /** The server may note the time up to a minute later: until then it is when this client saw the user go. */
  #withTime(presence: Presence): Presence {
    const known = this.#known.get(presence.identity)
    if (presence.lastSeenAt !== null || presence.isOnline !== false || !known) return presence
    const { isOnline, lastSeenAt } = known
    return { ...presence, lastSeenAt: isOnline ? new Date(this.#context.env.clock.now()).toISOString() : lastSeenAt }
  }

  #heard(presences: readonly Presence[]): void {
    const news = presences
      .map((presence) => this.#withTime(presence))
      .filter(({ identity, isOnline, lastSeenAt }) => {
        const known = this.#known.get(identity)
        return known?.isOnline !== isOnline || known.lastSeenAt !== lastSeenAt
      })
    for (const presence of news) this.#known.set(presence.identity, presence)
    const changed = new Set(news.map(({ identity }) => identity))
    for (const { identities, listener } of this.#views) if (identities.some((one) => changed.has(one))) listener()
  }
}
