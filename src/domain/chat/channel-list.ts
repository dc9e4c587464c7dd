import type { Actor } from '../../model/actor.ts'
import { newestShownIndex, type ChannelType } from '../../model/channel.ts'
import { limits } from '../../model/limits.ts'
import { readOrderedPage, type OrderKey, type OrderedPageOf } from '../../model/list-order.ts'
import { foldName } from '../../model/name-token.ts'
import type { Page, PageArgs } from '../../model/page.ts'
import { defaultPreferences } from '../../model/user-channel.ts'
import { readChannelKeys, readChannelListRows, type ChannelKey, type ChannelListRow } from '../../store/channel-list.ts'
import { findService, requireUser } from '../access/authority.ts'
import type { App } from '../app.ts'
import { parseText } from '../validation.ts'
import { showPreferences, type ShownPreferences } from './channel-preferences.ts'

export type ChannelListOrderField = 'activity' | 'name' | 'createdAt'

export interface ChannelListFilter {
  readonly type?: ChannelType | null | undefined
  readonly isUnread?: boolean | null | undefined
  readonly isDirect?: boolean | null | undefined
  readonly isPinned?: boolean | null | undefined
  readonly isMuted?: boolean | null | undefined
  /** Undefined is false. */
  readonly isArchived?: boolean | null | undefined
  /** Undefined is false. */
  readonly isHidden?: boolean | null | undefined
  /** Beginning of the name or of a word in it. */
  readonly name?: string | null | undefined
}

/** A channel of the list, with what is read along with it. */
export interface ListedChannel extends Omit<ChannelListRow, 'preferences' | 'unreadCount'> {
  readonly cursor: string
  readonly preferences: ShownPreferences
  /** Null while the service keeps no read horizons. */
  readonly unreadCount: number | null
}

export interface ChannelList extends Omit<OrderedPageOf<never>, 'items' | 'cursorOf'> {
  readonly items: readonly ListedChannel[]
  /** Of all pages. */
  readonly totalCount: number
}

/**
 * A send takes the time of its message before it commits: until so many milliseconds later a channel can still turn out to have been active at a
 * time. A statement or a transaction ends within `DATABASE_TOTAL_TIMEOUT`, 10 seconds by default.
 */
const commitMargin = 15_000

/**
 * One page of the channels that the caller is in.
 * Needs a user. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listOwnChannels(
  app: App,
  actor: Actor,
  args: PageArgs & {
    readonly filter?: ChannelListFilter | null | undefined
    readonly orderBy?: { readonly field: ChannelListOrderField; readonly direction: 'asc' | 'desc' } | null | undefined
  },
): Promise<ChannelList> {
  const { userId, serviceId } = requireUser(actor)
  const filter = args.filter ?? {}
  const { field, direction } = args.orderBy ?? { field: 'activity', direction: 'desc' }
  const name = foldName(parseText('name', filter.name ?? '', limits.nameLength, undefined, 'filter.name'))
  const { type, isUnread, isDirect, isPinned, isMuted, isArchived = false, isHidden = false } = filter
  const choices = [type, isUnread, isDirect, isPinned, isMuted, isArchived, isHidden, name]
  const order = {
    field,
    isDescending: direction === 'desc',
    prefix: undefined,
    filter: JSON.stringify(choices.map((choice) => choice ?? null)),
  }
  const isKept = (chosen: boolean | null | undefined, is: boolean): boolean => chosen == null || chosen === is
  const read = async () => {
    const readStatusEnabled = (await findService(app, serviceId))?.readStatusEnabled ?? false
    const { now, keys } = await readChannelKeys(app.db, userId, {
      withUnread: isUnread != null && readStatusEnabled,
    })
    const kept = keys.filter(
      (key) =>
        !key.isUnopened &&
        (type == null || key.type === type) &&
        isKept(isUnread, key.isUnread) &&
        isKept(isDirect, key.isDirect) &&
        isKept(isPinned, key.isPinned) &&
        isKept(isMuted, key.isMuted) &&
        isKept(isArchived, key.isArchived) &&
        isKept(isHidden, key.isHidden) &&
        (name === '' || hasWord(foldName(key.name), name)),
    )
    return { now, kept, readStatusEnabled }
  }
  let reading: ReturnType<typeof read> | undefined
  const readOnce = () => (reading ??= read())
  const { items, cursorOf, ...page } = await readOrderedPage(actor, args, {
    order,
    sidPrefix: 'CH',
    valueOf: ({ value }: Placed) => value,
    isValue: (value) => field !== 'activity' || activityPattern.test(value),
    read: async (part) => {
      const { now, kept } = await readOnce()
      return placeIn[field](kept, part, now)
    },
  })
  const { kept, readStatusEnabled } = await readOnce()
  const rows = new Map<string, ChannelListRow>()
  if (items.length > 0) {
    const memberIds = items.map(({ memberId }) => memberId)
    for (const row of await readChannelListRows(app.db, memberIds)) rows.set(row.channel.id, row)
  }
  const listed = items.flatMap((item): ListedChannel | [] => {
    const row = rows.get(item.id)
    // The user has left it in between.
    if (!row) return []
    const { member, channel } = row
    return {
      ...row,
      cursor: cursorOf(item),
      preferences: showPreferences(row.preferences ?? defaultPreferences(member.userId, member.channelId), {
        shownIndex: newestShownIndex(channel),
        now: app.clock.now(),
      }),
      unreadCount: readStatusEnabled ? row.unreadCount : null,
    }
  })
  return { ...page, items: listed, totalCount: kept.length }
}

/** Whether a text, or a word in it, begins so. */
function hasWord(text: string, beginning: string): boolean {
  for (let at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, at + 1)) {
    if (at === 0 || !/[\p{L}\p{M}\p{N}]$/u.test(text.slice(0, at))) return true
  }
  return false
}

/** A channel and its place in an order, as its cursor has it. */
interface Placed extends ChannelKey {
  readonly value: string
}

type Key = OrderKey<ChannelKey['id']>

/** What of the list belongs to a page, in the direction of the page and one more; the list is in ascending order. */
type Place = (kept: readonly ChannelKey[], page: Page<Key>, now: number) => Placed[]

const compare = (one: string | number, other: string | number): number => (one < other ? -1 : one > other ? 1 : 0)

function cut<Item>(list: Item[], page: Page<Key>, compareTo: (item: Item, key: Key) => number): Item[] {
  const { after, before, backwards, size } = page
  const within = list.filter(
    (item) =>
      (after === undefined || compareTo(item, after) > 0) && (before === undefined || compareTo(item, before) < 0),
  )
  if (backwards) within.reverse()
  return within.slice(0, size + 1)
}

const placeByValue =
  (valueOf: (key: ChannelKey) => string): Place =>
  (kept, page) => {
    const compareKeys = (one: Key, other: Key) => compare(one.value, other.value) || compare(one.id, other.id)
    const placed = kept.map((key) => ({ ...key, value: valueOf(key) }))
    return cut(placed.sort(compareKeys), page, compareKeys)
  }

/** `<moment>.<0 for a repetition, 1 for the list itself>.<activity>`, times in milliseconds. */
const activityPattern = /^(\d{1,15})\.([01])\.(\d{1,15})$/

interface ActivityKey {
  readonly id: string
  readonly moment: number
  readonly isRepeated: boolean
  readonly activeAt: number
}

function parseActivity({ id, value }: Key): ActivityKey {
  const [, moment, zone, activeAt] = activityPattern.exec(value)!
  return { id, moment: Number(moment), isRepeated: zone === '0', activeAt: Number(activeAt) }
}

function compareActivity(one: Omit<ActivityKey, 'moment'>, other: Omit<ActivityKey, 'moment'>): number {
  if (one.isRepeated !== other.isRepeated) return one.isRepeated ? -1 : 1
  const order = compare(one.activeAt, other.activeAt) || compare(one.id, other.id)
  return one.isRepeated ? -order : order
}

/**
 * A walk from the newest on meets each channel where it is at that moment, and one that becomes active has moved to where the walk has been.
 * So after the oldest channel follow those that have been active since the walk began, the earliest first: as long as they are walked, one that
 * moves once more stays ahead. Cursors have the moment at which the walk began. A channel may come again; none is left out.
 */
const placeByActivity: Place = (kept, page, now) => {
  const [after, before] = [page.after && parseActivity(page.after), page.before && parseActivity(page.before)]
  const moment = Math.min(after?.moment ?? now, before?.moment ?? now)
  const place = (key: ChannelKey, isRepeated: boolean) => ({
    ...key,
    isRepeated,
    value: `${moment}.${isRepeated ? 0 : 1}.${key.activeAt}`,
  })
  const list = kept.map((key) => place(key, false))
  // The list is ascending here, so a walk from the newest on comes with `before`. What it has yet to meet is not repeated.
  const moved = before
    ? list.filter(
        (item) => item.activeAt > moment - commitMargin && (before.isRepeated || compareActivity(item, before) > 0),
      )
    : []
  const all = [...moved.map((key) => place(key, true)), ...list].sort(compareActivity)
  return cut(all, page, (item, key) => compareActivity(item, parseActivity(key)))
}

const placeIn: Readonly<Record<ChannelListOrderField, Place>> = {
  activity: placeByActivity,
  name: placeByValue(({ name }) => foldName(name)),
  createdAt: placeByValue(() => ''),
}
