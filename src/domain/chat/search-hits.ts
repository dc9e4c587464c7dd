import { compareKeys, type SearchHit, type SearchKey } from '../../model/message-search.ts'
import type { Db } from '../../store/engine/db.ts'
import { readIndexedHits, type WalkedFor } from '../../store/search-hits.ts'
import type { App } from '../app.ts'
import type { Scope } from './search-scope.ts'
import { ChannelWalk, ServiceWalk, ThreadWalk, type Walk } from './search-walk.ts'

/** After so many rows a walk has shown whether the query is common: it goes on where more than one of a hundred matches. */
const trialRows = 4000
const commonPart = 0.01

/** How many hits the index of tokens is asked for: more are read faster by walking. */
const maxIndexed = 10_000

/** How many hits are ranked: the newest ones. */
export const maxRanked = 2000

export const isSettled = (key: SearchKey, frontier: SearchKey | undefined): boolean =>
  !frontier || compareKeys(key, frontier) <= 0

/**
 * Candidates, newest first. It begins with a walk back in time. Where that finds little, it asks the index of tokens; where that has too
 * many in the whole service, the walk goes on until it has looked at enough. In one thread it always walks.
 */
export class HitSource {
  readonly #walk: Walk
  readonly #readIndex: () => Promise<SearchHit[] | undefined>
  readonly #maxRows: number
  readonly #limit: number
  #indexed: readonly SearchHit[] | undefined
  #hasAsked: boolean

  constructor({ db }: App, scope: Scope, until: SearchKey, asked: WalkedFor, need: number, rows: number) {
    const { serviceId, channels } = scope
    this.#walk = walkOf(db, scope, until, asked)
    this.#hasAsked = scope.thread !== undefined
    this.#maxRows = rows
    this.#limit = Math.max(maxRanked, need)
    this.#readIndex = () =>
      readIndexedHits(db, {
        ...asked,
        max: maxIndexed,
        serviceId,
        channelIds: channels?.map(({ id }) => id),
        until,
        limit: this.#limit,
      })
  }

  /** Those that nothing newer can come before. */
  settled(): SearchHit[] {
    const { frontier } = this
    return (this.#indexed ?? this.#walk.hits).filter((hit) => isSettled(hit, frontier)).sort(compareKeys)
  }

  /** Everything from here on is known; undefined when all is. */
  get frontier(): SearchKey | undefined {
    if (!this.#indexed) return this.#walk.frontier
    return this.#indexed.length < this.#limit ? undefined : this.#indexed.at(-1)
  }

  get isEnded(): boolean {
    return this.frontier === undefined || this.#indexed !== undefined || this.#walk.rows >= this.#maxRows
  }

  async more(): Promise<void> {
    const { rows, hits } = this.#walk
    if (!this.#hasAsked && rows >= trialRows && hits.length < rows * commonPart) {
      this.#hasAsked = true
      this.#indexed = await this.#readIndex()
    } else await this.#walk.step()
  }
}

function walkOf(db: Db, { serviceId, channels, thread }: Scope, until: SearchKey, asked: WalkedFor): Walk {
  if (!channels) return new ServiceWalk(db, serviceId, until, asked)
  if (thread && channels.length > 0) return new ThreadWalk(db, thread, until, asked)
  return new ChannelWalk(db, channels, until, asked)
}

export const keyText = ({ channelId, index }: SearchKey): string => `${channelId}${index}`
