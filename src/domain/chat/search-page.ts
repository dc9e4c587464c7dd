import { compareKeys, type SearchedAddition, type SearchKey } from '../../model/message-search.ts'
import type { Message, MessageExtras } from '../../model/message.ts'
import { findMatches, type SearchQuery, type TextRange } from '../../model/search-query.ts'
import type { Tokenizer } from '../../model/search-text.ts'
import { readExtras } from '../../store/message-extras.ts'
import { readFoundMessages, readRanks } from '../../store/message-search.ts'
import type { WalkedFor } from '../../store/search-hits.ts'
import type { App } from '../app.ts'
import { Pacer } from '../moderation/pacer.ts'
import { compareRanked, scoreOf, toSearchCursor, type SearchCursor } from './search-cursor.ts'
import { HitSource, isSettled, keyText, maxRanked } from './search-hits.ts'
import { readRest, type Scope } from './search-scope.ts'
import { toTsquery, toVector } from './search-tokens.ts'
import { aboveAll } from './search-walk.ts'

/** How many rows a walk looks at for one page. Beyond that the page is short, and the next one goes on from there. */
const maxRows = 60_000
/** How many rows a walk looks at for the hits that are ranked. */
const maxRankedRows = 20_000

export interface FoundMessage {
  readonly message: Message
  /** Where it matches, in its body. */
  readonly highlights: readonly TextRange[]
  readonly cursor: string
}

export interface FoundPage {
  readonly items: readonly FoundMessage[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  /** Whether no message has the words that were asked for, and these have similar ones. */
  readonly isCorrected: boolean
  /** Where the next page begins: also of a page without items, when so many messages were looked at that the search paused. */
  readonly endCursor: string | null
}
interface Found {
  readonly key: SearchKey
  readonly message: Message
  readonly highlights: readonly TextRange[]
}

/** One search, of which a page is read. */
export class Search {
  readonly #app: App
  readonly #scope: Scope
  readonly #query: SearchQuery
  readonly #tsquery: string
  readonly #tokenizer: Tokenizer
  readonly #authors: ReadonlySet<string> | undefined
  readonly #from: Date | undefined
  readonly #has: readonly SearchedAddition[]
  readonly #digest: string
  readonly #pacer = new Pacer()

  constructor(
    app: App,
    asked: {
      readonly scope: Scope
      readonly query: SearchQuery
      readonly tokenizer: Tokenizer
      readonly authors: ReadonlySet<string> | undefined
      readonly from: Date | undefined
      readonly has: readonly SearchedAddition[]
      readonly digest: string
    },
  ) {
    this.#app = app
    this.#scope = asked.scope
    this.#query = asked.query
    this.#tsquery = toTsquery(asked.scope.serviceId, asked.query)
    this.#tokenizer = asked.tokenizer
    this.#authors = asked.authors
    this.#from = asked.from
    this.#has = asked.has
    this.#digest = asked.digest
  }

  /** A page in the order of time, newest first. */
  async recent(start: SearchKey, size: number, hasPreviousPage: boolean): Promise<Omit<FoundPage, 'isCorrected'>> {
    const found = new Map<string, Found>()
    for (const one of await this.#readRest(start)) found.set(keyText(one.key), one)
    const checked = new Set(found.keys())
    const source = new HitSource(this.#app, this.#scope, start, this.#walkedFor(false), size + 1, maxRows)
    let known: Found[] = []
    const knowUntil = (end: SearchKey | undefined): void => {
      known = [...found.values()].filter(({ key }) => isSettled(key, end))
    }
    while (true) {
      const hits = source.settled().filter((hit) => !checked.has(keyText(hit)))
      knowUntil(hits[0] ?? source.frontier)
      for (let at = 0; at < hits.length && known.length <= size;) {
        const batch = hits.slice(at, (at += Math.max(10, size + 1 - known.length)))
        for (const hit of batch) checked.add(keyText(hit))
        for (const one of await this.#verify(batch)) found.set(keyText(one.key), one)
        knowUntil(at < hits.length ? batch.at(-1) : source.frontier)
      }
      if (known.length > size || source.isEnded) break
      await source.more()
    }
    known.sort((one, other) => compareKeys(one.key, other.key))
    const items = known.slice(0, size).map(({ key, message, highlights }) => ({
      message,
      highlights,
      cursor: toSearchCursor(this.#digest, key),
    }))
    // The search has paused at the frontier.
    const pause = known.length > size ? undefined : source.frontier
    return {
      items,
      hasNextPage: known.length > size || pause !== undefined,
      hasPreviousPage,
      endCursor: pause ? toSearchCursor(this.#digest, pause) : (items.at(-1)?.cursor ?? null),
    }
  }

  /** A page of the newest hits, the best ones first. */
  async relevant(
    start: SearchKey,
    size: number,
    after: SearchCursor | undefined,
  ): Promise<Omit<FoundPage, 'isCorrected'>> {
    // What is newer than the first page has no place in its order.
    const until = after ? { ...aboveAll, createdAt: after.asOf! } : start
    const rest = await this.#readRest(until)
    const ranks =
      rest.length === 0
        ? []
        : await readRanks(
            this.#app.db,
            rest.map(({ message }) => toVector(this.#scope.serviceId, this.#tokenizer.tokenize(message.body))),
            this.#tsquery,
          )
    const source = new HitSource(this.#app, this.#scope, until, this.#walkedFor(true), maxRanked, maxRankedRows)
    while (source.settled().length < maxRanked && !source.isEnded) await source.more()
    const ofRest = new Map(
      rest.map((one, at) => [keyText(one.key), { found: one, hit: { ...one.key, rank: ranks[at]! } }]),
    )
    const hits = source.settled().filter((hit) => !ofRest.has(keyText(hit)))
    const newest = [...hits, ...Array.from(ofRest.values(), ({ hit }) => hit)].sort(compareKeys).slice(0, maxRanked)
    const asOf = after?.asOf ?? newest[0]?.createdAt ?? 0
    const ranked = newest
      .map((hit) => ({ ...hit, score: scoreOf(hit) }))
      .sort(compareRanked)
      .filter((hit) => !after || compareRanked(hit, { ...after, score: after.score! }) > 0)
    const items: FoundMessage[] = []
    for (let at = 0; at < ranked.length && items.length <= size;) {
      const batch = ranked.slice(at, (at += size + 1))
      const unknown = batch.filter((hit) => !ofRest.has(keyText(hit)))
      const verified = new Map((await this.#verify(unknown)).map((one) => [keyText(one.key), one]))
      for (const hit of batch) {
        const one = ofRest.get(keyText(hit))?.found ?? verified.get(keyText(hit))
        if (!one) continue
        items.push({
          message: one.message,
          highlights: one.highlights,
          cursor: toSearchCursor(this.#digest, hit, { score: hit.score, asOf }),
        })
      }
    }
    const shown = items.slice(0, size)
    return {
      items: shown,
      hasNextPage: items.length > size,
      hasPreviousPage: after !== undefined,
      endCursor: shown.at(-1)?.cursor ?? null,
    }
  }

  #walkedFor(isRanked: boolean): WalkedFor {
    return { query: this.#tsquery, from: this.#from, isRanked, has: this.#has }
  }

  /** What matches among the messages that are not indexed yet, older than a key. */
  async #readRest(until: SearchKey): Promise<Found[]> {
    const messages = await readRest(this.#app.db, this.#scope)
    const found = (await this.#match(messages)).filter(({ key }) => compareKeys(key, until) > 0)
    if (this.#has.length === 0 || found.length === 0) return found
    const extras = await readExtras(
      this.#app.db,
      found.map(({ message }) => message),
    )
    return found.filter((_, at) => this.#has.every((one) => isThere[one](extras[at])))
  }

  /** The messages as they are now, where they match. */
  async #verify(hits: readonly SearchKey[]): Promise<Found[]> {
    return this.#match(await readFoundMessages(this.#app.db, hits))
  }

  async #match(messages: readonly Message[]): Promise<Found[]> {
    const found: Found[] = []
    const { thread } = this.#scope
    for (const message of messages) {
      if (thread && message.parentIndex !== thread.index) continue
      if (this.#authors && !this.#authors.has(message.author)) continue
      const createdAt = message.createdAt.getTime()
      if (this.#from && createdAt < this.#from.getTime()) continue
      if (this.#pacer.isDue) await this.#pacer.pause()
      const highlights = findMatches(this.#tokenizer.tokenize(message.body), this.#query)
      if (highlights)
        found.push({ key: { createdAt, channelId: message.channelId, index: message.index }, message, highlights })
    }
    return found
  }
}

const isThere: Readonly<Record<SearchedAddition, (extras: MessageExtras | null | undefined) => boolean>> = {
  reactions: (extras) => (extras?.reactions.length ?? 0) > 0,
  thread: (extras) => (extras?.replyCount ?? 0) > 0,
}
