import type { Actor } from '../../model/actor.ts'
import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Member } from '../../model/member.ts'
import {
  defaultPreferences,
  isHidden,
  type ChannelPreferences,
  type NotificationLevel,
} from '../../model/user-channel.ts'
import { readMemberOf } from '../../store/member.ts'
import { readPreferences, writePreferences, type PreferencesChange } from '../../store/user-channel-preferences.ts'
import { notMember, requireMembership, requireUser, seesOwn } from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishChannelState } from '../realtime/publication.ts'
import { parseAttributes } from '../validation.ts'
import { requireUserSeq } from './member.ts'

export interface UpdateChannelPreferencesInput {
  /** SID or unique name. */
  readonly channelId: string
  readonly pinnedOrder?: number | null | undefined
  readonly muteEndsAt?: Date | null | undefined
  readonly isArchived?: boolean | null | undefined
  readonly isHidden?: boolean | null | undefined
  readonly notificationLevel?: NotificationLevel | null | undefined
  readonly attributes?: unknown
}

/**
 * Changes what the caller keeps about a channel for itself. Nobody else is told, and the channel's `seq` stays.
 * Needs a user that is a member. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function updateChannelPreferences(
  app: App,
  actor: Actor,
  input: UpdateChannelPreferencesInput,
): Promise<Member> {
  const { userId } = requireUser(actor)
  const { channel } = await requireMembership(app, actor, input.channelId)
  const change = parseChange(input)
  const { member, userSeq } = await app.db.transaction(async (tx) => {
    // A membership begins and ends under the lock of its user.
    const userSeq = await requireUserSeq(tx, userId)
    const member = await readMemberOf(tx, channel.id, userId)
    if (!member) throw notMember(channel)
    await writePreferences(tx, member, userSeq, change)
    return { member, userSeq }
  })
  publishChannelState(app, userId, userSeq, channel.id)
  return member
}

function parseChange(input: UpdateChannelPreferencesInput): PreferencesChange {
  const { pinnedOrder, muteEndsAt, isArchived, isHidden, notificationLevel, attributes } = input
  if (pinnedOrder != null && pinnedOrder < 0) throw badInput('pinnedOrder must not be negative', 'pinnedOrder')
  const change = {
    ...(pinnedOrder !== undefined && { pinnedOrder }),
    ...(muteEndsAt !== undefined && { muteEndsAt }),
    ...(isArchived != null && { isArchived }),
    ...(isHidden != null && { isHidden }),
    ...(notificationLevel !== undefined && { notificationLevel }),
    ...(attributes !== undefined && { attributes: parseAttributes(attributes, limits.preferencesAttributesBytes) }),
  }
  if (Object.keys(change).length === 0) throw badInput('nothing to change')
  return change
}

/** Preferences as they hold now: a mute that has ended is none, and what is hidden depends on what the channel holds. */
export interface ShownPreferences extends ChannelPreferences {
  readonly isHidden: boolean
}

export function showPreferences(
  preferences: ChannelPreferences,
  { shownIndex, now }: { readonly shownIndex: number; readonly now: number },
): ShownPreferences {
  const { muteEndsAt } = preferences
  const isMuted = muteEndsAt !== null && muteEndsAt.getTime() > now
  return { ...preferences, muteEndsAt: isMuted ? muteEndsAt : null, isHidden: isHidden(preferences, shownIndex) }
}

/** The preferences of each member, in their order, for the member itself and the backend; undefined for all others. */
export async function lookUpPreferences(
  app: App,
  members: readonly Member[],
  actor: Actor | undefined,
): Promise<(ShownPreferences | undefined)[]> {
  const own = members.filter(({ userId }) => seesOwn(actor, userId))
  if (own.length === 0) return members.map(() => undefined)
  const rows = await readPreferences(
    app.db,
    own.map(({ id }) => id),
  )
  const found = new Map(rows.map((row) => [row.id, row]))
  return members.map(({ id, userId, channelId }) => {
    const row = found.get(id)
    if (!row) return undefined
    const preferences = row.preferences ?? defaultPreferences(userId, channelId)
    return showPreferences(preferences, { shownIndex: row.shownIndex, now: app.clock.now() })
  })
}
