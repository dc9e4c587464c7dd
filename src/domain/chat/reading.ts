import type { Actor } from '../../model/actor.ts'
import { ChatError, badInput, notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Member } from '../../model/member.ts'
import type { Service } from '../../model/service.ts'
import { isSid, type ChannelId, type ServiceId } from '../../model/sid.ts'
import { readOwnMembers, type OwnMember } from '../../store/member.ts'
import { readUnreadMembers } from '../../store/read-state.ts'
import type { Read, WrittenRead } from '../../store/read-write.ts'
import { readAllThreads } from '../../store/thread-follower.ts'
import { findService, requireMembership, requireUser, type Access } from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishChannelState, publishReceipts, publishThread } from '../realtime/publication.ts'
import { assertText } from '../validation.ts'
import { updatedMemberParameters } from '../webhooks/webhook-parameters.ts'
import { Webhooks, originOf } from '../webhooks/webhook.ts'
import { requireMessage } from './message.ts'
import { horizonOf } from './read-horizon.ts'

export interface ChannelRead {
  /** SID or unique name. */
  readonly channelId: string
  /** The newest message that was read. */
  readonly throughIndex: number
}

/**
 * Moves the caller's read horizon in a channel forwards, never back, and ends what it has marked as unread there.
 * Needs a user that is a member. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function markRead(app: App, actor: Actor, { channelId, throughIndex }: ChannelRead): Promise<Member> {
  const service = await requireReadStatus(app, requireUser(actor).serviceId)
  let access = await requireMembership(app, actor, channelId, 'cached')
  // What is remembered may not know the newest messages yet.
  if (throughIndex > access.channel.lastIndex) access = await requireMembership(app, actor, channelId)
  assertIndex('throughIndex', throughIndex, access.channel.lastIndex)
  return writeOwn(app, actor, service, access, { kind: 'advance', index: throughIndex })
}

/** What became of one of several reads: the member, or why there is none. */
export interface ChannelReadResult {
  /** As it was given. */
  readonly channelId: string
  readonly member: Member | null
  readonly error: unknown
}

/**
 * Does what `markRead` does in several channels, each for itself: where one is refused, the others are written.
 * Needs a user. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN.
 */
export async function markChannelsRead(
  app: App,
  actor: Actor,
  reads: readonly ChannelRead[],
): Promise<ChannelReadResult[]> {
  const { userId, serviceId } = requireUser(actor)
  if (reads.length > limits.channelReads)
    throw badInput(`reads must not have more than ${limits.channelReads}`, 'reads')
  for (const { channelId } of reads) assertText('channelId', channelId, undefined, 'reads')
  const service = await requireReadStatus(app, serviceId)
  const ids = reads.flatMap(({ channelId }) => (isSid('CH', channelId) ? channelId : []))
  const rows = ids.length > 0 ? await readOwnMembers(app.db, userId, ids) : []
  const known = new Map<string, OwnMember>(rows.map((row) => [row.member.channelId, row]))
  const mark = (read: ChannelRead): Promise<Member> => {
    const own = known.get(read.channelId)
    if (!own || read.throughIndex < 0 || read.throughIndex > own.lastIndex) return markRead(app, actor, read)
    const index = read.throughIndex
    const { channelId, id: memberId } = own.member
    const advance = { channelId, memberId, userId, kind: 'advance', index } as const
    return writeAndPublish(app, actor, service, advance).then(({ member }) => member)
  }
  const settled = await Promise.allSettled(reads.map(mark))
  return settled.map((one, at) => {
    const { channelId } = reads[at]!
    return one.status === 'fulfilled'
      ? { channelId, member: one.value, error: undefined }
      : { channelId, member: null, error: one.reason as unknown }
  })
}

/**
 * Moves the caller's read horizons to the newest message of every channel in which it has unread ones or unread mentions, and answers these
 * channels. The threads that it follows are read, too.
 * Needs a user. Throws CONFLICT, FORBIDDEN.
 */
export async function markAllRead(app: App, actor: Actor): Promise<ChannelId[]> {
  const { userId, serviceId } = requireUser(actor)
  const service = await requireReadStatus(app, serviceId)
  const unread = await readUnreadMembers(app.db, userId)
  const settled = await Promise.allSettled(
    unread.map((own) => write(app, actor, service, { ...own, userId, kind: 'advance', index: own.lastIndex })),
  )
  const written = settled.flatMap((one) => (one.status === 'fulfilled' && one.value ? one.value : []))
  const last = written.toSorted((one, other) => (one.seq ?? 0) - (other.seq ?? 0)).at(-1)
  // Feeds read what comes before it from the store.
  if (last) publishState(app, last)
  publishReceipt(app, ...written)
  const lastThread = (await readAllThreads(app.db, userId)).toSorted((one, other) => one.userSeq - other.userSeq).at(-1)
  if (lastThread) publishThread(app, lastThread)
  const failed = settled.find(({ status }) => status === 'rejected')
  if (failed) throw (failed as PromiseRejectedResult).reason
  return written.map(({ member }) => member.channelId)
}

/**
 * Makes a message and all that follow it unread for the caller, until it reads or sends in the channel again. What others see of its reading
 * stays.
 * Needs a user that is a member. Throws CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function markUnread(app: App, actor: Actor, messageId: string): Promise<Member> {
  const service = await requireReadStatus(app, requireUser(actor).serviceId)
  const { message, access } = await requireMessage(app, actor, messageId)
  return writeOwn(app, actor, service, access, { kind: 'mark', index: message.index })
}

/** Writes a read of the caller's own membership, which may have become another one since it was remembered. */
async function writeOwn(
  app: App,
  actor: Actor,
  service: Service,
  access: Access,
  read: Pick<Read, 'kind' | 'index'>,
): Promise<Member> {
  const writeAs = async ({ channelId, id: memberId, userId }: Member): Promise<Member | undefined> => {
    const written = await write(app, actor, service, { ...read, channelId, memberId, userId })
    if (written) publish(app, written)
    return written?.member
  }
  const written =
    (await writeAs(access.member!)) ?? (await writeAs((await requireMembership(app, actor, access.channel.id)).member!))
  if (!written) throw notFound('the member', 50402)
  return written
}

/** Throws CONFLICT where the service keeps no read horizons. */
export async function requireReadStatus(app: App, serviceId: ServiceId): Promise<Service> {
  const service = await findService(app, serviceId)
  if (!service?.readStatusEnabled) throw new ChatError('CONFLICT', 'the service keeps no read horizons')
  return service
}

export function assertIndex(name: string, index: number, lastIndex: number): void {
  if (index < 0 || index > lastIndex) {
    throw badInput(`${name} must be the index of a message of the channel`, name, 50406)
  }
}

/** Writes a read and publishes it to the user's feeds. Throws NOT_FOUND when the member has left. */
export async function writeAndPublish(app: App, actor: Actor, service: Service, read: Read): Promise<WrittenRead> {
  const written = await write(app, actor, service, read)
  if (!written) throw notFound('the member', 50402)
  publish(app, written)
  return written
}

async function write(app: App, actor: Actor, service: Service, read: Read): Promise<WrittenRead | undefined> {
  const webhooks = new Webhooks(app, service, originOf(actor))
  const hasTarget = read.kind !== 'mark' && webhooks.hasTarget('onMemberUpdated')
  const written = await app.reads.write({
    ...read,
    deliveries: hasTarget
      ? (result) =>
          isReportDue(service, result)
            ? webhooks.deliveries('onMemberUpdated', read.channelId, () =>
                updatedMemberParameters(result.member, horizonOf(service, result.member)),
              )
            : []
      : undefined,
  })
  if (hasTarget && written && isReportDue(service, written)) app.wakeWebhookWorker()
  return written
}

/**
 * Whether a read is reported to webhooks: the first of its member in each interval of the clock. By the time that the row has, so it is the same
 * on every process.
 */
function isReportDue({ consumptionReportInterval }: Service, { seq, previousReadAt, member }: WrittenRead): boolean {
  if (seq === undefined) return false
  if (previousReadAt === null) return true
  const intervalOf = (moment: Date): number => Math.floor(moment.getTime() / (consumptionReportInterval * 1000))
  return intervalOf(previousReadAt) !== intervalOf(member.lastReadAt!)
}

function publish(app: App, written: WrittenRead): void {
  publishState(app, written)
  publishReceipt(app, written)
}

function publishState(app: App, { seq, member }: WrittenRead): void {
  if (seq !== undefined) publishChannelState(app, member.userId, seq, member.channelId)
}

function publishReceipt(app: App, ...reads: readonly WrittenRead[]): void {
  const further = reads.filter(({ hasNewReceipt }) => hasNewReceipt)
  publishReceipts(
    app,
    'read',
    further.map(({ member: { channelId, id } }) => ({ channelId, memberId: id })),
  )
}
