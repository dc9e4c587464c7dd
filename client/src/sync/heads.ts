import { ChannelHeadsDocument, ChannelListDocument } from '../graphql/generated/documents.ts'
import type { Change } from '../store/change.ts'
import { indexOfCursor } from '../store/cursor.ts'
import type { SyncContext } from './context.ts'
import { listedChanges } from './page-changes.ts'
import { isTooFarBehind, maxPositions } from './positions.ts'
import type { Progress } from './progress.ts'
import type { Unlisted } from './unlisted.ts'

export interface HeadsOptions extends SyncContext {
  readonly progress: Progress
  readonly unlisted: Unlisted
  /** Another page was read. */
  readonly onPage: () => void
}

const listPageSize = 50
/** Channels beyond are read when the list is scrolled. */
const maxListPages = 4
const headPageSize = 100
const maxHeadPages = maxPositions / headPageSize

interface Newest {
  readonly index: number
  readonly cursor: string
}

/** Reads the list of channels, and the newest message of each to know what is missing. `isOver` is whether the connection has ended meanwhile. */
export class Heads {
  readonly #options: HeadsOptions
  /** Then a list in the order of activity can be left where it is known. */
  #hasSeenAll = false

  constructor(options: HeadsOptions) {
    this.#options = options
  }

  /** The first pages of the list. */
  async readList(isOver: () => boolean): Promise<void> {
    const { state, commit, onPage } = this.#options
    let after: string | null = null
    for (let page = 0; page < maxListPages; page++) {
      const before = state()
      const { nodes, pageInfo } = await this.#readListed(after)
      if (isOver()) return
      const { hasNextPage, endCursor: cursor } = pageInfo
      for (const { channelId } of nodes) this.#begin(channelId)
      commit([...listedChanges(nodes, before), { kind: 'list', isComplete: !hasNextPage, cursor }])
      onPage()
      if (!hasNextPage) return
      after = cursor
    }
  }

  async #readListed(after: string | null) {
    const { viewer } = await this.#options.link.request(ChannelListDocument, { first: listPageSize, after })
    return viewer!.channels!
  }

  async #readHeads(after: string | null) {
    const { viewer } = await this.#options.link.request(ChannelHeadsDocument, { first: headPageSize, after })
    return viewer!.channels!
  }

  /** The newest messages, of channels in which something was said last first. */
  async readNewest(isOver: () => boolean): Promise<void> {
    const seen = await this.#walk(isOver, (isKnown) => isKnown && this.#hasSeenAll)
    if (seen) this.#hasSeenAll = true
  }

  /** After the server has lost data of the user: the list without what is no longer in it. */
  async readAll(isOver: () => boolean): Promise<void> {
    const { state, commit, progress } = this.#options
    const before = [...state().channels.values()]
    await this.readList(isOver)
    const seen = await this.#walk(isOver, () => false)
    if (!seen) return
    const gone = before.filter(({ channel }) => !seen.has(channel.id))
    for (const { channel } of gone) progress.forget(channel.id)
    commit(
      gone.map(({ channel, membership }) => ({ kind: 'channelGone', channelId: channel.id, memberId: membership.id })),
    )
  }

  /** Answers the channels that were seen; undefined when these are not all. */
  async #walk(isOver: () => boolean, isEnough: (isKnown: boolean) => boolean): Promise<Set<string> | undefined> {
    const seen = new Set<string>()
    let after: string | null = null
    for (let page = 0; page < maxHeadPages; page++) {
      const { nodes, pageInfo } = await this.#readHeads(after)
      if (isOver()) return undefined
      this.#options.onPage()
      let isKnown = false
      for (const { channelId, channel } of nodes) {
        seen.add(channelId)
        isKnown = this.#meet(channelId, channel.lastMessage)
      }
      if (!pageInfo.hasNextPage) return seen
      // What comes after it in the order of activity is older than what was caught up with.
      if (isEnough(isKnown)) return undefined
      after = pageInfo.endCursor
    }
    return undefined
  }

  /** A channel that is known, and has no stream yet, begins at what is known of it: what is sent from then on is heard. */
  #begin(channelId: string): void {
    const known = this.#options.state().channels.get(channelId)
    const last = known?.position === null ? known.messages.at(-1) : undefined
    if (last) this.#options.commit([{ kind: 'started', channelId, cursor: last.cursor }])
  }

  /** Sets where the channel's stream begins, and what it has to reach. Returns whether its newest message is there already. */
  #meet(channelId: string, newest: Newest | null): boolean {
    if (!newest) return false
    const { progress, state, unlisted, commit } = this.#options
    const { index, cursor } = newest
    this.#begin(channelId)
    const known = state().channels.get(channelId)
    const position = known ? known.position : (unlisted.cursors.get(channelId) ?? null)
    if (position !== null && !isTooFarBehind(position, index)) {
      progress.expect(channelId, index, indexOfCursor(position))
      return index <= indexOfCursor(position)
    }
    if (!known) unlisted.set(channelId, cursor)
    else {
      const reset: readonly Change[] = position === null ? [] : [{ kind: 'reset', channelId }]
      commit([...reset, { kind: 'started', channelId, cursor }])
    }
    return false
  }
}
