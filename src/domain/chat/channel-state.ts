import type { Actor } from '../../model/actor.ts'
import type { Channel } from '../../model/channel.ts'
import { badInput } from '../../model/error.ts'
import { truncateChannelRow, updateChannelRow } from '../../store/channel.ts'
import { abandonStreamsBelow } from '../../store/message-stream.ts'
import { assertMayFreeze, assertMayTruncate } from '../access/action-rules.ts'
import { lockAccess, requireMembership } from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishChannelEvent } from '../realtime/publication.ts'
import { channelParameters } from '../webhooks/webhook-parameters.ts'
import { openWebhooks } from '../webhooks/webhook.ts'

/**
 * Freezes a channel: nothing is sent, edited or typed in it but by those with `sendToFrozenChannel` and the backend.
 * Needs membership and `freezeChannel`. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function freezeChannel(app: App, actor: Actor, id: string): Promise<Channel> {
  return setFrozen(app, actor, id, true)
}

/**
 * Ends the freezing of a channel.
 * Needs membership and `freezeChannel`. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function unfreezeChannel(app: App, actor: Actor, id: string): Promise<Channel> {
  return setFrozen(app, actor, id, false)
}

async function setFrozen(app: App, actor: Actor, id: string, isFrozen: boolean): Promise<Channel> {
  const access = await requireMembership(app, actor, id)
  assertMayFreeze(access)
  const webhooks = await openWebhooks(app, actor, access)
  const { channel, isChanged } = await webhooks.transaction(async (tx, enqueue) => {
    const locked = await lockAccess(tx, actor, access)
    if (locked.isFrozen === isFrozen) return { channel: locked, isChanged: false }
    // A send whose access was read before is not written: its access is read again.
    const lastLeftSeq = isFrozen ? locked.lastSeq + 1 : locked.lastLeftSeq
    const channel = await updateChannelRow(tx, locked, { isFrozen, lastLeftSeq })
    enqueue('onChannelUpdated', channel.id, () => ({ ...channelParameters(channel), DateUpdated: channel.updatedAt }))
    return { channel, isChanged: true }
  })
  if (isChanged) publishChannelEvent(app, channel.id, { type: 'channelUpdated', seq: channel.seq, channel })
  return channel
}

export interface TruncateChannelInput {
  /** SID or unique name. */
  readonly channelId: string
  /** The messages below go; by default all that there are. */
  readonly beforeIndex?: number | null | undefined
}

/**
 * Takes away the oldest messages of a channel, for everybody and for good. Their numbers are not given again. Nothing happens when they are gone
 * already.
 * Needs membership and `truncateChannel`. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function truncateChannel(app: App, actor: Actor, input: TruncateChannelInput): Promise<Channel> {
  const access = await requireMembership(app, actor, input.channelId)
  assertMayTruncate(access)
  const { channel, isChanged } = await app.db.transaction(async (tx) => {
    const locked = await lockAccess(tx, actor, access)
    const end = locked.lastIndex + 1
    const firstIndex = input.beforeIndex ?? end
    if (firstIndex < 0 || firstIndex > end) {
      throw badInput('beforeIndex must be the index of a message of the channel, or of the next one', 'beforeIndex')
    }
    const isChanged = firstIndex > locked.firstIndex
    if (isChanged) await abandonStreamsBelow(tx, locked.id, firstIndex)
    return { channel: isChanged ? await truncateChannelRow(tx, locked, firstIndex) : locked, isChanged }
  })
  if (isChanged) {
    const seq = channel.truncatedSeq
    publishChannelEvent(app, channel.id, { type: 'channelTruncated', seq, truncation: { seq, channel } })
  }
  return channel
}
