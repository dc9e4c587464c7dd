import type { Actor } from '../../model/actor.ts'
import { badInput, ChatError, notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import { readOrderedPage, type OrderedPageOf } from '../../model/list-order.ts'
import type { PageArgs } from '../../model/page.ts'
import type { ScheduledMessage, ScheduledState } from '../../model/scheduled-message.ts'
import { isSid, newSid, type ScheduledMessageId, type UserId } from '../../model/sid.ts'
import type { Tx } from '../../store/engine/db.ts'
import {
  countScheduled,
  findScheduledMessage,
  insertScheduledMessage,
  readRepeatedSchedule,
  readScheduledMessage,
  readScheduledOfService,
  readScheduledPage,
  updateScheduledRow,
  type ScheduleChange,
} from '../../store/scheduled-message.ts'
import { assertMaySend } from '../access/action-rules.ts'
import {
  findUser,
  isReachable,
  requireAccess,
  requireBackend,
  requireMembership,
  requireService,
  requireUser,
} from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishUserEvent } from '../realtime/publication.ts'
import {
  assertExpectedVersion,
  checkExpectedVersion,
  isInstant,
  parseAttributes,
  parseBody,
  parseClientName,
} from '../validation.ts'
import { requireUserSeq } from './member.ts'
import { assertAhead } from './saved-message.ts'
import { prepareContent, type MessageContentInput } from './send-message.ts'

export interface ScheduleMessageInput extends MessageContentInput {
  /** SID or unique name. */
  readonly channelId: string
  readonly clientMessageId?: string | null | undefined
  readonly sendAt: Date
}

/**
 * Schedules a message, which is sent in the caller's name at its time, with what the caller may do then. The same `clientMessageId` never makes a
 * second one.
 * Needs a user that is a member, and `sendMessage`. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function scheduleMessage(app: App, actor: Actor, input: ScheduleMessageInput): Promise<ScheduledMessage> {
  const { userId } = requireUser(actor)
  const { sendAt } = input
  const clientMessageId =
    parseClientName('clientMessageId', input.clientMessageId, limits.clientMessageIdLength) ?? null
  const access = await requireMembership(app, actor, input.channelId)
  assertMaySend(access)
  const content = await prepareContent(app, access.channel.id, input)
  const { scheduled, isNew } = await app.db.transaction(async (tx) => {
    const userSeq = await requireUserSeq(tx, userId)
    const known = clientMessageId === null ? undefined : await readRepeatedSchedule(tx, userId, clientMessageId)
    if (known) return { scheduled: known, isNew: false }
    // Not before: who asks again because it got no answer may ask after the time.
    assertAhead(app, 'sendAt', sendAt)
    await assertRoom(tx, userId)
    const { id: channelId, serviceId } = access.channel
    const draft = { userId, id: newSid('SM'), serviceId, channelId, clientMessageId, userSeq, content, sendAt }
    return { scheduled: await insertScheduledMessage(tx, draft), isNew: true }
  })
  if (isNew) publishScheduled(app, scheduled)
  return scheduled
}

export interface UpdateScheduledMessageInput {
  readonly scheduledMessageId: string
  readonly body?: string | null | undefined
  readonly attributes?: unknown
  readonly sendAt?: Date | null | undefined
  /** The change is refused where it has another version. */
  readonly expectedVersion?: number | null | undefined
}

/**
 * Changes a scheduled message that waits, or schedules again one that has failed.
 * Needs the user that has scheduled it. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function updateScheduledMessage(
  app: App,
  actor: Actor,
  input: UpdateScheduledMessageInput,
): Promise<ScheduledMessage> {
  requireUser(actor)
  const { body, attributes, sendAt } = input
  if (body == null && attributes === undefined && sendAt == null) throw badInput('nothing to change')
  if (sendAt != null) assertAhead(app, 'sendAt', sendAt)
  const changed = {
    ...(body != null && { body: parseBody(body) }),
    ...(attributes !== undefined && { attributes: parseAttributes(attributes, limits.messageAttributesBytes) }),
  }
  return changeScheduled(app, await requireScheduled(app, actor, input.scheduledMessageId), input, (known) => {
    if (known.state === 'cancelled') throw new ChatError('CONFLICT', 'the message was cancelled')
    if (known.state === 'failed' && sendAt == null) throw badInput('it has failed, and needs a new sendAt', 'sendAt')
    const content = { ...known.content, ...changed }
    const time = sendAt ?? known.sendAt
    return { content, sendAt: time, dueAt: time, state: 'waiting', failureCode: null, failureReason: null }
  })
}

/**
 * Cancels a scheduled message that waits, or removes one that has failed; one that is cancelled already stays as it is.
 * Needs the user that has scheduled it, or the backend. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function cancelScheduledMessage(
  app: App,
  actor: Actor,
  input: Pick<UpdateScheduledMessageInput, 'scheduledMessageId' | 'expectedVersion'>,
): Promise<ScheduledMessage> {
  return changeScheduled(app, await requireScheduled(app, actor, input.scheduledMessageId), input, (known) =>
    known.state === 'cancelled' ? undefined : { content: nothing, dueAt: null, state: 'cancelled' },
  )
}

/** What is kept of the text of a message that was cancelled or sent. */
export const nothing = { body: '', attributes: '{}' } as const

/**
 * One page of what the caller has scheduled and what could not be sent, by its time.
 * Needs a user. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listScheduledMessages(
  app: App,
  actor: Actor,
  args: PageArgs,
): Promise<OrderedPageOf<ScheduledMessage>> {
  const { userId } = requireUser(actor)
  return readOrderedPage(actor, args, {
    order: { field: 'sendAt', isDescending: false, prefix: undefined },
    sidPrefix: 'SM',
    valueOf: ({ sendAt }) => sendAt.toISOString(),
    isValue: isInstant,
    read: (page) => readScheduledPage(app.db, userId, page),
  })
}

export interface ScheduledFilterInput {
  readonly serviceId?: string | null | undefined
  readonly state?: ScheduledState | null | undefined
  readonly authorIdentity?: string | null | undefined
  /** SID or unique name. */
  readonly channelId?: string | null | undefined
}

/**
 * One page of what the users of a service have scheduled, in one state, by its time.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listScheduledOfService(
  app: App,
  actor: Actor,
  { serviceId, authorIdentity, channelId, ...given }: ScheduledFilterInput,
  args: PageArgs,
): Promise<OrderedPageOf<ScheduledMessage>> {
  requireBackend(actor)
  const service = await requireService(app, actor, serviceId)
  const within = { ...actor, serviceId: service.id }
  const user = authorIdentity == null ? undefined : await findUser(app, within, authorIdentity)
  if (authorIdentity != null && user?.serviceId !== service.id) throw notFound('the user', 50200, 'authorIdentity')
  const channel = channelId == null ? undefined : (await requireAccess(app, within, channelId)).channel
  const filter = {
    serviceId: service.id,
    state: given.state ?? 'waiting',
    userId: user?.id,
    channelId: channel?.id,
  } as const
  return readOrderedPage(actor, args, {
    order: { field: 'sendAt', isDescending: false, prefix: undefined, filter: Object.values(filter).join(' ') },
    sidPrefix: 'SM',
    valueOf: ({ sendAt }) => sendAt.toISOString(),
    isValue: isInstant,
    read: (page) => readScheduledOfService(app.db, filter, page),
  })
}

/**
 * The scheduled message with this SID: a user's own, or any of the backend's services.
 * Needs a user, or the backend. Throws FORBIDDEN, NOT_FOUND.
 */
export async function requireScheduled(app: App, actor: Actor, id: string): Promise<ScheduledMessage> {
  const found = isSid('SM', id) ? await findScheduled(app, actor, id) : undefined
  if (!found) throw notFound('the scheduled message')
  return found
}

async function findScheduled(app: App, actor: Actor, id: ScheduledMessageId): Promise<ScheduledMessage | undefined> {
  if (actor.kind !== 'backend') return readScheduledMessage(app.db, requireUser(actor).userId, id)
  const found = await findScheduledMessage(app.db, id)
  return found && (await isReachable(app, actor, found.serviceId)) ? found.message : undefined
}

async function changeScheduled(
  app: App,
  { userId, id }: ScheduledMessage,
  { expectedVersion }: Pick<UpdateScheduledMessageInput, 'expectedVersion'>,
  change: (known: ScheduledMessage) => Omit<ScheduleChange, 'userSeq' | 'version'> | undefined,
): Promise<ScheduledMessage> {
  checkExpectedVersion(expectedVersion)
  const { scheduled, isChanged } = await app.db.transaction(async (tx) => {
    const userSeq = await requireUserSeq(tx, userId)
    const known = await readScheduledMessage(tx, userId, id)
    // The cleanup takes no lock of the user.
    if (!known) throw notFound('the scheduled message')
    if (known.state === 'sending' || known.state === 'sent') throw isBeingSent()
    const changed = change(known)
    if (!changed) return { scheduled: known, isChanged: false }
    assertExpectedVersion('the scheduled message was changed meanwhile', known.version, expectedVersion)
    const row = await updateScheduledRow(tx, known, { ...changed, userSeq, version: known.version + 1 })
    // A claim, which takes no lock of the user, has come between.
    if (!row) throw isBeingSent()
    return { scheduled: row, isChanged: true }
  })
  if (isChanged) publishScheduled(app, scheduled)
  return scheduled
}

function isBeingSent(): ChatError {
  return new ChatError('CONFLICT', 'the message is being sent, or was sent')
}

async function assertRoom(tx: Tx, userId: UserId): Promise<void> {
  if ((await countScheduled(tx, userId)) < limits.scheduledMessages) return
  throw new ChatError('CONFLICT', `at most ${limits.scheduledMessages} messages wait or have failed`)
}

/** Tells the user's devices, and this process when to look. */
export function publishScheduled(app: App, scheduled: ScheduledMessage): void {
  publishUserEvent(app, scheduled.userId, { type: 'scheduledMessageChanged', seq: scheduled.userSeq, scheduled })
  if (scheduled.state === 'waiting') app.expectDue(scheduled.sendAt)
}
