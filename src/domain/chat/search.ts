import type { Actor } from '../../model/actor.ts'
import { badInput, forbidden } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { SearchedAddition } from '../../model/message-search.ts'
import { parsePage } from '../../model/page.ts'
import { parseSearchQuery, type SearchQuery } from '../../model/search-query.ts'
import { tokenizerOf, type Tokenizer } from '../../model/search-text.ts'
import { readNewestChannels } from '../../store/search-words.ts'
import { requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText, parseText } from '../validation.ts'
import { correctQuery } from './search-correction.ts'
import { digestOf, parseSearchCursor, type SearchOrder } from './search-cursor.ts'
import { Search, type FoundPage } from './search-page.ts'
import { newestFirst, readRest, readScope, startBefore, type Scope } from './search-scope.ts'
import { aboveAll } from './search-walk.ts'

/** Whose words a backend that names no channels gets its corrections from: those of the newest messages. */
const correctedFromMessages = 4000
const correctedFromChannels = 200

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
  // Left out where nothing is asked for, so that cursors given before the upgrade that brought them go on.
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
