import type { Actor } from '../../model/actor.ts'
import type { OrderedPageOf } from '../../model/list-order.ts'
import { readOrderedPage } from '../../model/list-order.ts'
import type { Message } from '../../model/message.ts'
import type { PageArgs } from '../../model/page.ts'
import type { FollowedThread } from '../../model/thread.ts'
import { readMemberOf } from '../../store/member.ts'
import {
  readFollowedThread,
  readFollowedThreads,
  readThreadCounts,
  writeFollowedThread,
  type ListedThread,
  type ThreadCount,
} from '../../store/thread-follower.ts'
import {
  findService,
  notMember,
  nullIfHidden,
  requireMembership,
  requireUser,
  type Access,
} from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishThread } from '../realtime/publication.ts'
import { requireUserSeq } from './member.ts'
import { requireParent } from './message-links.ts'
import { findMessage } from './message.ts'
import { assertIndex, requireReadStatus } from './reading.ts'

/** Threads without a reply for so long are not listed. */
const activeMilliseconds = 90 * 86_400_000

/**
 * Lets the caller follow the replies to a message; those that there are count as read.
 * Needs a user that is a member. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function followThread(app: App, actor: Actor, parentId: string): Promise<FollowedThread> {
  const { parent, access } = await requireThread(app, actor, parentId)
  return change(app, actor, parent, access, (known) =>
    known.isFollowed ? undefined : { isFollowed: true, readIndex: parent.extras?.lastReplyIndex ?? known.readIndex },
  )
}

/**
 * Ends that; the caller’s next reply lets it follow again.
 * Needs a user that is a member. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function unfollowThread(app: App, actor: Actor, parentId: string): Promise<FollowedThread> {
  const { parent, access } = await requireThread(app, actor, parentId)
  return change(app, actor, parent, access, (known) => (known.isFollowed ? { isFollowed: false } : undefined))
}

/**
 * Moves forwards, never back, how far the caller has read the replies to a message that it follows. What it has read in the channel stays.
 * Needs a user that is a member. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function markThreadRead(
  app: App,
  actor: Actor,
  { parentId, throughIndex }: { readonly parentId: string; readonly throughIndex: number },
): Promise<FollowedThread> {
  await requireReadStatus(app, requireUser(actor).serviceId)
  const found = await requireThread(app, actor, parentId)
  const { parent } = found
  let { access } = found
  // What is remembered may not know the newest replies yet.
  if (throughIndex > access.channel.lastIndex) access = await requireMembership(app, actor, parent.channelId)
  assertIndex('throughIndex', throughIndex, access.channel.lastIndex)
  return change(app, actor, parent, access, ({ isFollowed, readIndex }) =>
    isFollowed && throughIndex > readIndex ? { readIndex: throughIndex } : undefined,
  )
}

/**
 * What the caller keeps about the replies to a message; null where it is hidden from it.
 * Needs a user that is a member. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function findThread(app: App, actor: Actor, parentId: string): Promise<FollowedThread | null> {
  const { userId } = requireUser(actor)
  return nullIfHidden(async () => {
    const { parent } = await requireThread(app, actor, parentId)
    const key = { channelId: parent.channelId, parentIndex: parent.index, userId }
    return (await readFollowedThread(app.db, key)) ?? unfollowed(key)
  })
}

export interface ThreadFilter {
  readonly unread?: boolean | null | undefined
}

/** A page of followed threads, and how many there are on all pages. */
export interface ThreadList extends OrderedPageOf<ListedThread> {
  readonly totalCount: number
}

/**
 * One page of the threads that the caller follows and that had a reply in the last 90 days, that with the newest reply first.
 * Needs a user. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listThreads(
  app: App,
  actor: Actor,
  { filter, ...args }: PageArgs & { readonly filter?: ThreadFilter | null | undefined },
): Promise<ThreadList> {
  const { userId } = requireUser(actor)
  const unread = filter?.unread ?? undefined
  const all = await readFollowedThreads(app.db, userId, new Date(app.clock.now() - activeMilliseconds))
  const kept = all
    .filter(({ unreadCount }) => unread === undefined || unread === unreadCount > 0)
    .map((listed) => ({ ...listed, value: listed.lastReplyAt.toISOString() }))
    .sort((one, other) => compare(one, other))
  const page = await readOrderedPage(actor, args, {
    order: { field: 'lastReplyAt', isDescending: true, prefix: undefined, filter: `${unread}` },
    sidPrefix: 'IM',
    valueOf: ({ value }: (typeof kept)[number]) => value,
    read: async ({ after, before, size, backwards }) => {
      const within = kept.filter((key) => (!after || compare(key, after) > 0) && (!before || compare(key, before) < 0))
      return (backwards ? within.toReversed() : within).slice(0, size + 1)
    },
  })
  return { ...page, totalCount: kept.length } as ThreadList
}

/** How many replies are unread of each of these threads, in their order; null where the service keeps no read horizons, and of channels that the caller has left. */
export async function lookUpThreadCounts(
  app: App,
  threads: readonly FollowedThread[],
  actor: Actor | undefined,
): Promise<(ThreadCount | null)[]> {
  const service = actor?.kind === 'user' ? await findService(app, actor.serviceId) : undefined
  if (!service?.readStatusEnabled) return threads.map(() => null)
  return (await readThreadCounts(app.db, threads)).map((count) => count ?? null)
}

interface Key {
  readonly value: string
  readonly id: string
}

function compare(one: Key, other: Key): number {
  if (one.value !== other.value) return one.value < other.value ? -1 : 1
  return one.id < other.id ? -1 : Number(one.id > other.id)
}

async function requireThread(app: App, actor: Actor, parentId: string): Promise<{ parent: Message; access: Access }> {
  requireUser(actor)
  const { access } = await findMessage(app, actor, parentId)
  return { access, parent: await requireParent(app, access.channel.id, parentId) }
}

const unfollowed = (key: Pick<FollowedThread, 'channelId' | 'parentIndex' | 'userId'>): FollowedThread => ({
  ...key,
  isFollowed: false,
  readIndex: -1,
  userSeq: 0,
})

/** Writes what `decide` changes of what the caller keeps, under its next number; nothing where that is nothing. */
async function change(
  app: App,
  actor: Actor,
  parent: Message,
  { channel }: Access,
  decide: (known: FollowedThread) => Partial<FollowedThread> | undefined,
): Promise<FollowedThread> {
  const { userId } = requireUser(actor)
  const key = { channelId: parent.channelId, parentIndex: parent.index, userId }
  const before = (await readFollowedThread(app.db, key)) ?? unfollowed(key)
  if (!decide(before)) return before
  const thread = await app.db.transaction(async (tx) => {
    // A membership begins and ends under the lock of its user.
    const userSeq = await requireUserSeq(tx, userId)
    if (!(await readMemberOf(tx, channel.id, userId))) throw notMember(channel)
    const known = (await readFollowedThread(tx, key)) ?? unfollowed(key)
    return writeFollowedThread(tx, { ...known, ...decide(known), userSeq })
  })
  publishThread(app, thread)
  return thread
}
