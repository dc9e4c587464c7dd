import { createHash } from 'node:crypto'
import type { Actor } from '../../model/actor.ts'
import { badInput, forbidden } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { compareKeys, type MessageKey, type SearchedAddition, type SearchHit } from '../../model/message-search.ts'
import type { Message, MessageExtras, MessageKey as IndexKey } from '../../model/message.ts'
import { parsePage } from '../../model/page.ts'
import { findMatches, parseSearchQuery, type SearchQuery, type TextRange } from '../../model/search-query.ts'
import { tokenizerOf, type Tokenizer } from '../../model/search-text.ts'
import { isSid, type ChannelId, type ServiceId } from '../../model/sid.ts'
import type { Db } from '../../store/engine/db.ts'
import { readExtras } from '../../store/message-extras.ts'
import {
  readFoundMessages,
  readIndexedHits,
  readRanks,
  readSearchedChannels,
  readSearchedChannelsOfUser,
  readUnindexedMessages,
  type SearchedChannel,
  type WalkedFor,
} from '../../store/message-search.ts'
import { readIndexAt } from '../../store/message.ts'
import { readNewestChannels } from '../../store/search-words.ts'
import { requireMembership, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { Pacer } from '../moderation/pacer.ts'
import { assertText, parseText } from '../validation.ts'
import { findMessage } from './message.ts'
import { correctQuery } from './search-correction.ts'
import { toTsquery, toVector } from './search-tokens.ts'
import { aboveAll, ChannelWalk, ServiceWalk, ThreadWalk, type Walk } from './search-walk.ts'

/** After so many rows a walk has shown whether the query is common: it goes on where more than one of a hundred matches. */
const trialRows = 4000
const commonPart = 0.01

/** How many rows a walk looks at for one page. Beyond that the page is short, and the next one goes on from there. */
const maxRows = 60_000

/** How many hits the index of tokens is asked for: more are read faster by walking. */
const maxIndexed = 10_000

/** How many hits are ranked, the newest ones, and how many rows a walk looks at for them. */
const maxRanked = 2000
const maxRankedRows = 20_000

/** A message of this age counts as much as a new one that matches half as well. */
const halfLifeMilliseconds = 90 * 86_400_000

/** What is not indexed yet and is looked at all the same: channels, messages and bytes. */
const maxRestChannels = 200
const maxRestMessages = 2000
const maxRestBytes = 4 * 1024 * 1024

/** Whose words a backend that names no channels gets its corrections from: those of the newest messages. */
const correctedFromMessages = 4000
const correctedFromChannels = 200

export type SearchOrder = 'relevance' | 'recent'

export interface SearchMessagesArgs {
  readonly query: string
  readonly serviceId?: string | null | undefined
  readonly filter?:
    | {
        readonly channelIds?: readonly string[] | null | undefined
        readonly authors?: readonly string[] | null | undefined
        readonly from?: Date | null | undefined
        readonly to?: Date | null | undefined
        readonly parentId?: string | null | undefined
        readonly has?: readonly SearchedAddition[] | null | undefined
      }
    | null
    | undefined
  readonly orderBy?: SearchOrder | null | undefined
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
}

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

/**
 * Finds messages in the caller's channels, or for the backend in a service.
 * Needs membership of the channels that are named, and of that of the message whose replies are searched. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function searchMessages(app: App, actor: Actor, args: SearchMessagesArgs): Promise<FoundPage> {
  if (actor.kind === 'audience') throw forbidden('an audience cannot search')
  parseText('query', args.query, limits.searchQueryLength)
  const authors = parseAuthors(args.filter?.authors)
  const channelIds = parseChannelIds(args.filter?.channelIds)
  const service = await requireService(app, actor, args.serviceId)
  const tokenizer = tokenizerOf(service.language)
  const query = parseSearchQuery(args.query, tokenizer)
  const order = args.orderBy ?? 'relevance'
  const { from, to, parentId } = args.filter ?? {}
  const has = [...new Set(args.filter?.has)].toSorted()
  const narrowed = parentId != null || has.length > 0 ? [parentId, has] : []
  const asked = [service.id, query, channelIds, authors, from, to, order, ...narrowed]
  const correctedDigest = digestOf([...asked, 'corrected'])
  // Pages after the first one know by their cursor which of the two searches they belong to.
  const isCorrected = args.after?.startsWith(correctedDigest) === true
  const digest = isCorrected ? correctedDigest : digestOf(asked)
  const page = parsePage(actor, { first: args.first, after: args.after }, (cursor, field) =>
    parseSearchCursor(digest, order, cursor, field),
  )
  const scope = await readScope(app, actor, service, channelIds, parentId ?? undefined)
  const start = page.after ?? (to ? await startBefore(app.db, to, scope) : aboveAll)
  const find = async (wanted: SearchQuery, name: string): Promise<FoundPage> => {
    const search = new Search(app, {
      scope,
      query: wanted,
      tokenizer,
      authors: authors && new Set(authors),
      from: from ?? undefined,
      has,
      digest: name,
    })
    const found = await (order === 'recent'
      ? search.recent(start, page.size, page.after !== undefined)
      : search.relevant(start, page.size, page.after))
    return { ...found, isCorrected: name === correctedDigest }
  }
  if (isCorrected) return find((await correct(app, scope, query, tokenizer)) ?? query, correctedDigest)
  const found = await find(query, digest)
  if (page.after || found.items.length > 0 || found.hasNextPage) return found
  const corrected = await correct(app, scope, query, tokenizer)
  if (!corrected) return found
  const similar = await find(corrected, correctedDigest)
  return similar.items.length > 0 || similar.hasNextPage ? similar : found
}

async function correct({ db }: App, scope: Scope, query: SearchQuery, tokenizer: Tokenizer) {
  const { serviceId, channels } = scope
  const ids = channels
    ? newestFirst(channels).map(({ id }) => id)
    : await readNewestChannels(db, serviceId, correctedFromMessages, correctedFromChannels)
  return correctQuery(db, query, ids, await readRest(db, scope), tokenizer)
}

const newestFirst = (channels: readonly SearchedChannel[]): SearchedChannel[] =>
  channels.toSorted((one, other) => (other.lastMessageAt?.getTime() ?? 0) - (one.lastMessageAt?.getTime() ?? 0))

/** The messages that are not indexed yet, the newest of them. */
async function readRest(db: Db, { behind }: Scope): Promise<Message[]> {
  const channels = newestFirst(behind).slice(0, maxRestChannels)
  const size = Math.max(10, Math.floor(maxRestMessages / Math.max(1, channels.length)))
  return readUnindexedMessages(db, channels, size, maxRestBytes)
}

/** As an exclusive end: everything from before a moment. In a thread it is an index, so that what is newer is not walked through. */
async function startBefore(db: Db, to: Date, { thread }: Scope): Promise<MessageKey> {
  const createdAt = to.getTime()
  if (!thread) return { createdAt, channelId: `CH${'0'.repeat(32)}` as ChannelId, index: -1 }
  return { createdAt, channelId: thread.channelId, index: await readIndexAt(db, thread.channelId, to) }
}

function parseAuthors(authors: readonly string[] | null | undefined): readonly string[] | undefined {
  if (!authors) return undefined
  if (authors.length > limits.searchAuthors) {
    throw badInput(`authors must not have more than ${limits.searchAuthors} items`, 'filter.authors')
  }
  for (const author of authors) parseText('an author', author, limits.identityLength, undefined, 'filter.authors')
  return authors
}

function parseChannelIds(ids: readonly string[] | null | undefined): readonly string[] | undefined {
  if (!ids) return undefined
  if (ids.length > limits.searchChannels) {
    throw badInput(`channelIds must not have more than ${limits.searchChannels} items`, 'filter.channelIds')
  }
  for (const id of ids) assertText('a channel', id, undefined, 'filter.channelIds')
  return ids
}

/** Where is searched: in the replies to one message, in some channels, or in all of a service. */
interface Scope {
  readonly thread: IndexKey | undefined
  readonly serviceId: ServiceId
  readonly channels: readonly SearchedChannel[] | undefined
  /** Of these some messages may not be indexed yet. */
  readonly behind: readonly SearchedChannel[]
}

async function readScope(
  app: App,
  actor: Actor,
  { id: serviceId, language }: { readonly id: ServiceId; readonly language: string },
  channelIds: readonly string[] | undefined,
  parentId: string | undefined,
): Promise<Scope> {
  const thread = parentId === undefined ? undefined : await findParent(app, actor, parentId)
  const names = channelIds ?? (thread && [thread.channelId])
  const read = (ids: readonly ChannelId[]) => readSearchedChannels(app.db, serviceId, language, ids)
  if (actor.kind !== 'user' && !names) {
    const behind = await read(app.unindexed.first(maxRestChannels))
    return { serviceId, thread, channels: undefined, behind: behind.filter(isBehind) }
  }
  const sids = (names ?? []).filter((name) => isSid('CH', name))
  const own =
    actor.kind === 'user' ? await readSearchedChannelsOfUser(app.db, actor.userId, language) : await read(sids)
  const picked = names ? await pick(app, actor, own, names, read) : own
  const channels = thread ? picked.filter(({ id }) => id === thread.channelId) : picked
  const behind = channels.filter(isBehind)
  for (const { id } of behind) app.unindexed.add(id)
  return { serviceId, thread, channels, behind }
}

async function findParent(app: App, actor: Actor, id: string): Promise<IndexKey> {
  assertText('a message', id, undefined, 'filter.parentId')
  const { channelId, index } = (await findMessage(app, actor, id)).message
  return { channelId, index }
}

const isBehind = ({ lastSeq, indexedSeq }: SearchedChannel): boolean => lastSeq > indexedSeq

/** The channels that are named, each by SID or unique name. Throws where one does not exist for the caller, or is not its own. */
async function pick(
  app: App,
  actor: Actor,
  own: readonly SearchedChannel[],
  names: readonly string[],
  read: (ids: readonly ChannelId[]) => Promise<SearchedChannel[]>,
): Promise<SearchedChannel[]> {
  const known = new Map<string, SearchedChannel>(own.map((channel) => [channel.id, channel]))
  const picked = new Map<ChannelId, SearchedChannel>()
  for (const name of new Set(names)) {
    let channel = known.get(name)
    if (!channel) {
      const { id } = (await requireMembership(app, actor, name, 'cached')).channel
      channel = known.get(id) ?? (await read([id]))[0]
    }
    if (channel) picked.set(channel.id, channel)
  }
  return [...picked.values()]
}

interface Found {
  readonly key: MessageKey
  readonly message: Message
  readonly highlights: readonly TextRange[]
}

class Search {
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
  async recent(start: MessageKey, size: number, hasPreviousPage: boolean): Promise<Omit<FoundPage, 'isCorrected'>> {
    const found = new Map<string, Found>()
    for (const one of await this.#readRest(start)) found.set(keyText(one.key), one)
    const checked = new Set(found.keys())
    const source = new HitSource(this.#app, this.#scope, start, this.#walkedFor(false), size + 1, maxRows)
    let known: Found[] = []
    const knowUntil = (end: MessageKey | undefined): void => {
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
    start: MessageKey,
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
  async #readRest(until: MessageKey): Promise<Found[]> {
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
  async #verify(hits: readonly MessageKey[]): Promise<Found[]> {
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

const isSettled = (key: MessageKey, frontier: MessageKey | undefined): boolean =>
  !frontier || compareKeys(key, frontier) <= 0

/**
 * Candidates, newest first. It begins with a walk back in time. Where that finds little, it asks the index of tokens; where that has too
 * many in the whole service, the walk goes on until it has looked at enough. In one thread it always walks.
 */
class HitSource {
  readonly #walk: Walk
  readonly #readIndex: () => Promise<SearchHit[] | undefined>
  readonly #maxRows: number
  readonly #limit: number
  #indexed: readonly SearchHit[] | undefined
  #hasAsked: boolean

  constructor({ db }: App, scope: Scope, until: MessageKey, asked: WalkedFor, need: number, rows: number) {
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
  get frontier(): MessageKey | undefined {
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

function walkOf(db: Db, { serviceId, channels, thread }: Scope, until: MessageKey, asked: WalkedFor): Walk {
  if (!channels) return new ServiceWalk(db, serviceId, until, asked)
  if (thread && channels.length > 0) return new ThreadWalk(db, thread, until, asked)
  return new ChannelWalk(db, channels, until, asked)
}

const keyText = ({ channelId, index }: MessageKey): string => `${channelId}${index}`

/** A whole number, which a cursor can hold. It does not depend on the time at which it is asked. */
function scoreOf({ rank, createdAt }: SearchHit): number {
  return Math.round((Math.log2(Math.max(rank, 1e-6)) + createdAt / halfLifeMilliseconds) * 1e6)
}

function compareRanked(
  one: MessageKey & { readonly score: number },
  other: MessageKey & { readonly score: number },
): number {
  return other.score - one.score || compareKeys(one, other)
}

interface SearchCursor extends MessageKey {
  /** Only in the order of relevance: the score, and the time of the newest message of the first page. */
  readonly score?: number
  readonly asOf?: number
}

/** Names a search, since a cursor means nothing in another one. */
function digestOf(search: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(search)).digest('hex').slice(0, 8)
}

function toSearchCursor(
  digest: string,
  { createdAt, channelId, index }: MessageKey,
  ranked?: { readonly score: number; readonly asOf: number },
): string {
  const numbers = [createdAt, index, ...(ranked ? [ranked.score, ranked.asOf] : [])].map((number) =>
    number.toString(36),
  )
  return [digest, channelId.slice(2), ...numbers].join('.')
}

const cursorPattern = /^([0-9a-f]{8})\.([0-9a-f]{32})((?:\.-?[0-9a-z]{1,11}){2,4})$/

/** The end of the year 9999, the last one that can be written. */
const maxTime = 253_402_300_799_999

function parseSearchCursor(digest: string, order: SearchOrder, cursor: string, field: string): SearchCursor {
  const [, name, channel, rest] = cursorPattern.exec(cursor) ?? []
  const numbers =
    rest
      ?.slice(1)
      .split('.')
      .map((number) => Number.parseInt(number, 36)) ?? []
  const [createdAt, index, score, asOf] = numbers
  if (name === undefined || createdAt === undefined || index === undefined)
    throw badInput('the cursor is malformed', field)
  if (name !== digest) throw badInput('the cursor belongs to another search', field)
  const isRanked = order === 'relevance'
  const areTimes = [createdAt, asOf ?? 0].every((time) => time >= 0 && time <= maxTime)
  if (numbers.length !== (isRanked ? 4 : 2) || !numbers.every(Number.isSafeInteger) || !areTimes || index < -1) {
    throw badInput('the cursor is malformed', field)
  }
  const key = { createdAt, channelId: `CH${channel!}` as ChannelId, index }
  return isRanked ? { ...key, score: score!, asOf: asOf! } : key
}
