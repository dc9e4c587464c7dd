import type { Actor } from '../../model/actor.ts'
import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Member } from '../../model/member.ts'
import type { Message } from '../../model/message.ts'
import { parsePage, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, uuidToSid, type ChannelId, type UserId } from '../../model/sid.ts'
import { readMentionCounts, readMentionPage, readMentionTotal, type MentionPlace } from '../../store/mention.ts'
import { readParticipants } from '../../store/user.ts'
import { requireUser } from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText } from '../validation.ts'
import { countedOf } from './read-horizon.ts'

/** Whom a message names, as its caller says. */
export interface MentionsInput {
  readonly identities?: readonly string[] | null | undefined
  readonly channel?: boolean | null | undefined
}

/** Whom a message names. */
export interface Mentions {
  /** Members of its channel. */
  readonly named: readonly { readonly identity: string; readonly userId: UserId }[]
  readonly channel: boolean
  /** Identities that are no members, and so are left out. */
  readonly dropped: readonly string[]
}

/** Throws BAD_USER_INPUT for what needs no look at the store. Undefined where nobody is named. */
export function checkMentions(input: MentionsInput | null | undefined): MentionsInput | undefined {
  const identities = input?.identities ?? []
  if (identities.length > limits.mentions) {
    throw badInput(`mentions must not name more than ${limits.mentions} identities`, 'mentions.identities')
  }
  for (const identity of identities) assertText('identity', identity, undefined, 'mentions.identities')
  return identities.length > 0 || input?.channel ? input! : undefined
}

/** Finds the members among those whom a message of the channel is to name. */
export async function findMentions(app: App, channelId: ChannelId, input: MentionsInput): Promise<Mentions> {
  const identities = [...new Set(input.identities)]
  const keys = identities.map((identity) => ({ channelId, identity }))
  const found = keys.length > 0 ? await readParticipants(app.db, keys) : []
  const members = new Map(found.flatMap(({ member }) => (member ? [[member.identity, member.userId] as const] : [])))
  return {
    named: identities.flatMap((identity) => {
      const userId = members.get(identity)
      return userId ? { identity, userId } : []
    }),
    channel: input.channel === true,
    dropped: identities.filter((identity) => !members.has(identity)),
  }
}

/**
 * How many messages that each member has not read name it, in their order. Null where the service keeps no read horizons, and for a user on the members
 * of others.
 */
export async function lookUpMentionCounts(
  app: App,
  members: readonly Member[],
  actor: Actor | undefined,
): Promise<(number | null)[]> {
  const ids = await countedOf(app, members, actor)
  const counts = ids.length > 0 ? await readMentionCounts(app.db, ids) : new Map<string, number>()
  return members.map(({ id }) => counts.get(id) ?? null)
}

/**
 * How many messages that the caller has not read name it, over all of its channels.
 * Needs a user. Throws FORBIDDEN.
 */
export async function countMentions(app: App, actor: Actor): Promise<number> {
  return readMentionTotal(app.db, requireUser(actor).userId)
}

/**
 * One page of the messages that name the caller, the newest first, of the channels that it is a member of and since its joining.
 * Needs a user. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listMentions(
  app: App,
  actor: Actor,
  {
    filter,
    ...args
  }: PageArgs & { readonly filter?: { readonly unread?: boolean | null | undefined } | null | undefined },
): Promise<PageOf<Message>> {
  const { userId } = requireUser(actor)
  const page = parsePage(actor, args, parsePlace)
  const unread = filter?.unread === true
  const read = (from: MentionPlace | undefined, isBackwards: boolean, size: number): Promise<Message[]> =>
    readMentionPage(app.db, userId, { from, size, isBackwards, unread })
  const rows = await read(page.after, false, page.size + 1)
  const items = rows.slice(0, page.size)
  return {
    items,
    hasNextPage: async () => rows.length > page.size,
    hasPreviousPage: async () => page.after !== undefined && (await read(page.after, true, 1)).length > 0,
  }
}

/** The place of a mention among the others of its user. */
export const toMentionCursor = ({ createdAt, channelId, index }: Message): string =>
  `${createdAt.getTime().toString(36)}.${channelId.slice(2)}.${index.toString(36)}`

function parsePlace(cursor: string, field: string): MentionPlace {
  const [, time, channel, index] = /^([0-9a-z]{1,9})\.([0-9a-f]{32})\.([0-9a-z]{1,11})$/.exec(cursor) ?? []
  const channelId = channel && uuidToSid('CH', channel)
  const place = { time: Number.parseInt(time!, 36), index: Number.parseInt(index!, 36) }
  if (!channelId || !isSid('CH', channelId) || place.time > 8.64e15 || !Number.isSafeInteger(place.index)) {
    throw badInput('the cursor is malformed', field)
  }
  return { ...place, channelId }
}
