import type { Actor } from '../../model/actor.ts'
import { parseCursor } from '../../model/cursor.ts'
import { badInput } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Message } from '../../model/message.ts'
import { parsePage, readPage, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, type ChannelId } from '../../model/sid.ts'
import {
  memberRow,
  moveDeliveries,
  readDeliveredIndex,
  readPendingMessages,
  startDevices,
  type PendingKey,
} from '../../store/delivery.ts'
import { requireMembership, requireUser } from '../access/authority.ts'
import type { App } from '../app.ts'
import { parseClientName } from '../validation.ts'
import { publishReceipts } from './publication.ts'

/**
 * What is queued for the caller, across its channels, by channel and index. Its own messages are not.
 * Needs a user. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listPendingDeliveries(
  app: App,
  actor: Actor,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<PageOf<Message>> {
  const { userId } = requireUser(actor)
  const page = parsePage<PendingKey>(actor, args, parseDeliveryCursor)
  return readPage(
    page,
    async ({ after, before, size }) => {
      const messages = await readPendingMessages(app.db, userId, after, size + 1)
      // The queue is only read from its front; its first message shows whether anything is before a position.
      return before === undefined ? messages : messages.filter((message) => isBefore(message, before))
    },
    (message) => message,
  )
}

function isBefore(one: PendingKey, other: PendingKey): boolean {
  return one.channelId === other.channelId ? one.index < other.index : one.channelId < other.channelId
}

/** A cursor of the queue is the channel's SID and the message's cursor in that channel. */
function parseDeliveryCursor(cursor: string, field: string) {
  const [channelId = '', inChannel = ''] = cursor.split(':')
  if (!isSid('CH', channelId)) throw badInput('the cursor is malformed', field)
  return { channelId, index: parseCursor(channelId, inChannel, field).index }
}

export interface AcknowledgeDeliveriesInput {
  /** SID or unique name. */
  readonly channelId: string
  /** Everything up to this message has been received. */
  readonly throughIndex: number
  readonly deviceId?: string | null | undefined
}

/**
 * Takes messages off the caller's queue by hand. Answers how far its queue is delivered now; it never goes back.
 * Needs a user that is a member. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function acknowledgeDeliveries(
  app: App,
  actor: Actor,
  input: AcknowledgeDeliveriesInput,
): Promise<{ channelId: ChannelId; deliveredIndex: number }> {
  const user = requireUser(actor)
  const named = parseClientName('deviceId', input.deviceId, limits.deviceIdLength)
  const { channel, member } = await requireMembership(app, actor, input.channelId)
  if (input.throughIndex < 0 || input.throughIndex > channel.lastIndex) {
    throw badInput('throughIndex must be the index of a message of the channel', 'throughIndex', 50406)
  }
  const deviceId = named ?? user.deviceId ?? memberRow
  await startDevices(app.db, [{ userId: user.userId, channelId: channel.id, deviceId }])
  const moved = await moveDeliveries(app.db, [
    { channelId: channel.id, memberId: member!.id, deviceId, index: input.throughIndex, seq: 0 },
  ])
  publishReceipts(app, 'delivered', moved)
  const deliveredIndex = await readDeliveredIndex(app.db, channel.id, member!.id, deviceId)
  return { channelId: channel.id, deliveredIndex: deliveredIndex ?? input.throughIndex }
}
