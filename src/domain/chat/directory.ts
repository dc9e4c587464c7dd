import type { Actor } from '../../model/actor.ts'
import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { pageOfIds, readOrderedPage, readPageBySid, type OrderKey, type OrderedPageOf } from '../../model/list-order.ts'
import { searchPrefixes } from '../../model/name-token.ts'
import type { Page, PageArgs } from '../../model/page.ts'
import type { Service } from '../../model/service.ts'
import type { UserId } from '../../model/sid.ts'
import type { User } from '../../model/user.ts'
import { searchUserNames, type FoundName } from '../../store/user-name.ts'
import {
  readUserPage,
  readUsers,
  readUsersByIdentity,
  readUsersOfIdentities,
  readUsersSharing,
  readUsersWithin,
  type UserScope,
} from '../../store/user.ts'
import { requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { parseText } from '../validation.ts'

/** Whom the caller finds. A user finds those that it shares a channel with and itself, and all where the service's `userDirectory` says so. */
export function scopeOf(actor: Actor, { id, userDirectory }: Service): UserScope {
  const isLimited = actor.kind === 'user' && userDirectory === 'off'
  return { serviceId: id, visibleTo: isLimited ? actor.userId : undefined }
}

/** Which of these users the caller finds; where an execution serves the members of a channel, those that all of them do. */
export async function findAmong(
  app: App,
  actor: Actor,
  service: Service,
  ids: readonly UserId[],
): Promise<ReadonlySet<UserId>> {
  const asked = new Set(ids)
  if (actor.kind === 'backend' || service.userDirectory === 'all') return asked
  if (actor.kind === 'audience') return new Set(await readUsersWithin(app.db, [...asked], actor.channelId))
  const found = new Set(asked.delete(actor.userId) ? [actor.userId] : [])
  return asked.size === 0 ? found : found.union(new Set(await readUsersSharing(app.db, [...asked], actor.userId)))
}

type UserOrderField = 'createdAt' | 'identity'

interface UserFilter {
  readonly identityPrefix?: string | null | undefined
  readonly search?: string | null | undefined
}

type UserListArgs = PageArgs & {
  readonly serviceId?: string | null | undefined
  readonly filter?: UserFilter | null | undefined
  readonly orderBy?: { readonly field: UserOrderField; readonly direction: 'asc' | 'desc' } | null | undefined
}

/**
 * One page of the users that the caller finds, oldest first, by identity, or those whose names begin with what is searched for.
 * Needs nothing. Throws BAD_USER_INPUT, NOT_FOUND.
 */
export async function listUsers(app: App, actor: Actor, args: UserListArgs): Promise<OrderedPageOf<User>> {
  const prefixField = 'filter.identityPrefix'
  const prefix = args.filter?.identityPrefix || undefined
  if (prefix !== undefined) parseText('identityPrefix', prefix, limits.identityLength, undefined, prefixField)
  const search = parseSearch(args.filter?.search, 'filter.search')
  const service = await requireService(app, actor, args.serviceId)
  const scope = scopeOf(actor, service)
  if (search !== undefined) {
    if (prefix !== undefined) throw badInput('search and identityPrefix cannot be used together', prefixField)
    if (args.orderBy != null) throw badInput('what is searched for has an order of its own', 'orderBy')
    return searchUsers(app, actor, scope, search, args)
  }
  const field = args.orderBy?.field ?? (prefix ? 'identity' : 'createdAt')
  const isDescending = args.orderBy?.direction === 'desc'
  if (prefix !== undefined && field !== 'identity') {
    throw badInput('identityPrefix needs the order IDENTITY', prefixField)
  }
  if (field === 'createdAt' && !isDescending) {
    return readPageBySid(actor, args, 'US', (page) => readUserPage(app.db, scope, page))
  }
  return readOrderedPage(actor, args, {
    order: { field, isDescending, prefix },
    sidPrefix: 'US',
    valueOf: ({ identity }) => (field === 'identity' ? identity : ''),
    read: (page) =>
      field === 'identity'
        ? readUsersByIdentity(app.db, scope, prefix, page)
        : readUserPage(app.db, scope, pageOfIds(page)),
  })
}

/** Checks what is searched for; undefined where there is nothing. */
export function parseSearch(search: string | null | undefined, field: string): string | undefined {
  if (search == null) return undefined
  return parseText('search', search, limits.searchLength, undefined, field).trim() || undefined
}

/** Of a user whose identity is what was searched for: it stands before all others. */
const exactRank = '0'
const otherRank = '1'

/** The users of which each word begins a name. The one with this very identity comes first, then the others by the longest word. */
async function searchUsers(
  app: App,
  actor: Actor,
  scope: UserScope,
  search: string,
  args: PageArgs,
): Promise<OrderedPageOf<User>> {
  const prefixes = searchPrefixes(search)
  const values = new Map<UserId, string>()
  return readOrderedPage(actor, args, {
    order: { field: `search ${search}`, isDescending: false, prefix: undefined },
    sidPrefix: 'US',
    valueOf: ({ id }) => values.get(id)!,
    isValue: (value) => value === exactRank || value.startsWith(otherRank + (prefixes[0] ?? '')),
    read: async (page) => {
      const found = await searchPage(app, scope, { search, prefixes }, page)
      for (const { user, value } of found) values.set(user.id, value)
      return found.map(({ user }) => user)
    },
  })
}

/** The first users of which each word begins a name. */
export async function findUsersByName(app: App, scope: UserScope, search: string, size: number): Promise<User[]> {
  const page = { size, backwards: false, after: undefined, before: undefined }
  const found = await searchPage(app, scope, { search, prefixes: searchPrefixes(search) }, page)
  return found.slice(0, size).map(({ user }) => user)
}

interface FoundUser {
  readonly user: User
  readonly value: string
}

async function searchPage(
  app: App,
  scope: UserScope,
  { search, prefixes }: { readonly search: string; readonly prefixes: readonly string[] },
  page: Page<OrderKey<UserId>>,
): Promise<FoundUser[]> {
  const { size, backwards, after, before } = page
  if (prefixes.length === 0 || before?.value === exactRank) return []
  const [exact] = await readUsersOfIdentities(app.db, scope, [search])
  const toName = (key: OrderKey<UserId> | undefined): FoundName | undefined =>
    key && key.value !== exactRank ? { token: key.value.slice(1), id: key.id } : undefined
  const names = await searchUserNames(
    app.db,
    { ...scope, prefixes, except: exact?.id },
    { size, backwards, after: toName(after), before: toName(before) },
  )
  const rows = await readUsers(
    app.db,
    names.map(({ id }) => id),
  )
  const users = new Map(rows.map((user) => [user.id, user]))
  const found = names.flatMap(({ id, token }): FoundUser[] => {
    const user = users.get(id)
    return user && !user.deletedAt ? [{ user, value: otherRank + token }] : []
  })
  if (!exact || after) return found
  const first = { user: exact, value: exactRank }
  return (backwards ? [...found, first] : [first, ...found]).slice(0, size + 1)
}
