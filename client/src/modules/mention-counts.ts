import { UnreadMentionsDocument } from '../graphql/generated/documents.ts'
import type { HandleContext } from '../handles/context.ts'
import type { Change } from '../store/change.ts'
import { isMentioned } from '../store/mentioned.ts'
import type { Membership, Message, State } from '../store/state.ts'

/** Mentions of a page, and how many are read at most: the oldest beyond are not counted. */
const pageSize = 100
const maxRead = 1000
/** Milliseconds until what may have become unread is read again. */
const settling = 100

export interface MentionCounts {
  /** Of all channels that were read but archived ones. */
  readonly total: number
  /** By the SID of the channel; without those that have none. */
  readonly channels: ReadonlyMap<string, number>
}

/** What is known of a message: the revision that says so, and whether it counts. What was removed never counts again. */
interface Entry {
  readonly revision: number
  readonly isCounted: boolean
}

type Found = Pick<Message, 'channelId' | 'index' | 'revision'>

/**
 * Which messages name the user that it has not read: the server's list, and what happens from there on. A set by index: what comes twice, or late, changes nothing.
 */
export class UnreadMentions {
  readonly #context: HandleContext
  readonly #onChange: () => void
  readonly #entries = new Map<string, Map<number, Entry>>()
  /** While the list is read: up to where each channel was read meanwhile, by this or another device. */
  #readMeanwhile: Map<string, number> | undefined
  #reading = 0
  #isDue = false
  /** The channels that the counts are of. */
  #channels: State['channels'] | undefined
  /** The channels as they were before the last changes. */
  #before: State['channels']
  #counts: MentionCounts = { total: 0, channels: new Map() }

  constructor(context: HandleContext, onChange: () => void) {
    this.#context = context
    this.#onChange = onChange
    const { channels } = context.store.getSnapshot()
    this.#before = channels
    for (const { messages } of channels.values()) for (const message of messages) this.#see(message)
  }

  has({ channelId, index }: Pick<Message, 'channelId' | 'index'>): boolean {
    return this.#entries.get(channelId)?.get(index)?.isCounted === true
  }

  /** The same object until something of it changes. */
  get counts(): MentionCounts {
    const { channels } = this.#context.store.getSnapshot()
    if (channels !== this.#channels) {
      this.#channels = channels
      const counts = new Map<string, number>()
      let total = 0
      for (const [id, entries] of this.#entries) {
        const known = channels.get(id)
        let count = 0
        for (const [index, { isCounted }] of entries)
          if (isCounted && index >= (known?.channel.firstIndex ?? 0)) count += 1
        if (!known || count === 0) continue
        counts.set(id, count)
        if (!known.membership.preferences?.isArchived) total += count
      }
      const before = this.#counts
      const isSame =
        before.total === total &&
        before.channels.size === counts.size &&
        [...counts].every(([id, count]) => before.channels.get(id) === count)
      if (!isSame) this.#counts = { total, channels: counts }
    }
    return this.#counts
  }

  /** After the state has the changes. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) this.#apply(change)
    this.#before = this.#context.store.getSnapshot().channels
    this.#changed()
  }

  #apply(change: Change): void {
    const { kind } = change
    if (kind === 'messages') for (const message of change.messages) this.#see(message)
    else if (kind === 'reply') this.#see(change.message)
    else if (kind === 'messageRemoved') this.#put(change, false)
    else if (kind === 'read') this.#readThrough(change.channelId, change.index)
    else if (kind === 'joined' || kind === 'membership') this.#seeMembership(change.membership)
    else if (kind === 'channelGone') this.#entries.delete(change.channelId)
    else if (kind === 'reset') this.#readSoon()
    else if (kind === 'connection' && change.connection.status === 'live') void this.read()
  }

  #seeMembership({ channelId, lastReadIndex, unreadCount }: Membership): void {
    const before = this.#before.get(channelId)
    if ((lastReadIndex ?? -1) > (before?.membership.lastReadIndex ?? -1)) this.#readThrough(channelId, lastReadIndex!)
    // Perhaps it was marked as unread: which messages are is said by the server alone.
    else if ((unreadCount ?? 0) > (before?.unreadCount ?? 0)) this.#readSoon()
  }

  /** Reads the list anew. */
  async read(): Promise<void> {
    const { host, log } = this.#context
    const reading = ++this.#reading
    const meanwhile = (this.#readMeanwhile = new Map<string, number>())
    const known = new Set([...this.#entries.values()].flatMap((entries) => [...entries.values()]))
    try {
      const found: Found[] = []
      for (let after: string | null | undefined; after !== null && found.length < maxRead;) {
        const { viewer } = await host.request(UnreadMentionsDocument, { first: pageSize, after })
        if (reading !== this.#reading) return
        const { nodes, pageInfo } = viewer!.mentions!
        found.push(...nodes)
        after = pageInfo.hasNextPage ? pageInfo.endCursor : null
      }
      this.#replace(found, known, meanwhile)
    } catch (error) {
      // Without a connection, as a rule: it is read once there is one.
      log.write('debug', 'unread mentions were not read', error)
      if (reading === this.#reading) this.#readMeanwhile = undefined
    }
  }

  #readSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#context.env.clock.after(settling, () => {
      this.#isDue = false
      if (this.#context.store.getSnapshot().connection.status === 'live') void this.read()
    })
  }

  /** What was known before and is not in the list was read, or is gone. */
  #replace(found: readonly Found[], known: ReadonlySet<Entry>, meanwhile: ReadonlyMap<string, number>): void {
    this.#readMeanwhile = undefined
    for (const entries of this.#entries.values())
      for (const [index, entry] of entries) if (known.has(entry)) entries.delete(index)
    for (const one of found) if (one.index > (meanwhile.get(one.channelId) ?? -1)) this.#put(one, true)
    for (const entries of this.#entries.values())
      for (const [index, { isCounted }] of entries) if (!isCounted) entries.delete(index)
    this.#changed()
  }

  /** A message was read, or has come. What is marked as unread stands below what was read once: the list alone says so. */
  #see(message: Message): void {
    const { session, channels } = this.#context.store.getSnapshot()
    const { channelId, index, authorIdentity, isSilent } = message
    const known = channels.get(channelId)
    const identity = known?.membership.identity ?? session?.identity
    if (identity === undefined || known?.removed.has(index)) return
    // Who writes has read what stands above.
    if (authorIdentity === identity && index === known?.ownHead) this.#readThrough(channelId, index)
    const isUnread = index > Math.max(known?.membership.lastReadIndex ?? -1, known?.ownHead ?? -1)
    const isListed = this.#entries.get(channelId)?.get(index)?.isCounted === true
    this.#put(message, !isSilent && isMentioned(message, identity) && (isUnread || isListed))
  }

  #put({ channelId, index, revision }: Found, isCounted: boolean): void {
    const entries = this.#entries.get(channelId) ?? new Map<number, Entry>()
    this.#entries.set(channelId, entries)
    const known = entries.get(index)
    if (known && known.revision > revision) return
    if (isCounted || known || this.#readMeanwhile) entries.set(index, { revision, isCounted })
  }

  #readThrough(channelId: string, through: number): void {
    const meanwhile = this.#readMeanwhile
    meanwhile?.set(channelId, Math.max(through, meanwhile.get(channelId) ?? -1))
    const entries = this.#entries.get(channelId)
    for (const index of entries?.keys() ?? []) if (index <= through) entries!.delete(index)
  }

  #changed(): void {
    this.#channels = undefined
    this.#onChange()
  }
}
