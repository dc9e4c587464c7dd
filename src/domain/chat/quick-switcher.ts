import type { Actor } from '../../model/actor.ts'
import type { Channel } from '../../model/channel.ts'
import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { foldName, nameTokens, searchPrefixes } from '../../model/name-token.ts'
import type { ChannelId } from '../../model/sid.ts'
import type { User } from '../../model/user.ts'
import { readJoinableChannels } from '../../store/channel-summary.ts'
import { readChannels } from '../../store/channel.ts'
import { readSwitcherChannels, type SwitcherChannel } from '../../store/user-channel.ts'
import { requireService, requireUser } from '../access/authority.ts'
import type { App } from '../app.ts'
import { findUsersByName, parseSearch, scopeOf } from './directory.ts'

/**
 * Where the caller may want to go: its channels by their names or, direct ones, by those of the people in them, the one with the latest
 * message first; then people, then public channels by the beginning of their names. Without a query, its latest channels.
 * Needs a user, and `joinChannel` for public channels that it is not in. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function findDestinations(
  app: App,
  actor: Actor,
  { query, first }: { readonly query: string; readonly first?: number | null | undefined },
): Promise<(Channel | User)[]> {
  const { userId, identity, permissions } = requireUser(actor)
  const size = first ?? limits.switcherSize
  if (size < 1 || size > limits.switcherMaxSize)
    throw badInput(`first must be from 1 to ${limits.switcherMaxSize}`, 'first')
  const search = parseSearch(query, 'query')
  const prefixes = searchPrefixes(search ?? '')
  if (search !== undefined && prefixes.length === 0) return []
  const service = await requireService(app, actor, undefined)
  const [all, people, open] = await Promise.all([
    readSwitcherChannels(app.db, userId, prefixes),
    search === undefined ? [] : findUsersByName(app, scopeOf(actor, service), search, size + 1),
    search === undefined || !permissions.has('joinChannel')
      ? []
      : readJoinableChannels(app.db, service.id, userId, foldName(search), size),
  ])
  const own = all.filter((channel) => isNamed(channel, prefixes)).slice(0, size)
  const ids = [...own.map(({ id }) => id), ...open]
  const rows = new Map((await readChannels(app.db, ids)).map((row) => [row.id, row]))
  const channelsOf = (some: readonly ChannelId[]) => some.flatMap((id) => rows.get(id) ?? [])
  const others = people.filter((user) => user.identity !== identity)
  return [...channelsOf(ids.slice(0, own.length)), ...others, ...channelsOf(open)].slice(0, size)
}

function isNamed({ uniqueName, friendlyName, hasPerson }: SwitcherChannel, prefixes: readonly string[]): boolean {
  if (hasPerson || prefixes.length === 0) return true
  if (uniqueName === null && friendlyName === null) return false
  const tokens = nameTokens(uniqueName ?? friendlyName!, friendlyName)
  return prefixes.every((prefix) => tokens.some((token) => token.startsWith(prefix)))
}
