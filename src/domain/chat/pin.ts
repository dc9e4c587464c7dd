import type { Actor } from '../../model/actor.ts'
import { ChatError, notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Message } from '../../model/message.ts'
import { parseNumberCursor, parsePage, readPage, toNumberCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import type { ChannelId } from '../../model/sid.ts'
import { moveChannelCounters } from '../../store/channel.ts'
import { countPinned, readExtras, readPinnedPage, writePin } from '../../store/message-extras.ts'
import { readLockedMessage } from '../../store/message.ts'
import { assertMayPin } from '../access/action-rules.ts'
import { actorName, assertNotFrozen, lockAccess, notFoundIfHidden, requireMembership } from '../access/authority.ts'
import type { App } from '../app.ts'
import { publishChannelEvent } from '../realtime/publication.ts'
import { requireMessage, type ChangedMessage } from './message.ts'

/**
 * Pins a message for all of its channel; one that is pinned already stays as it is. A channel has at most 100.
 * Needs membership and `pinMessage`, in a frozen channel also `sendToFrozenChannel`. Throws CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function pinMessage(app: App, actor: Actor, messageId: string): Promise<ChangedMessage> {
  return setPinned(app, actor, messageId, true)
}

/**
 * Unpins a message; one that is not pinned stays as it is.
 * Needs membership and `pinMessage`, in a frozen channel also `sendToFrozenChannel`. Throws FORBIDDEN, NOT_FOUND.
 */
export async function unpinMessage(app: App, actor: Actor, messageId: string): Promise<ChangedMessage> {
  return setPinned(app, actor, messageId, false)
}

async function setPinned(app: App, actor: Actor, messageId: string, isPinned: boolean): Promise<ChangedMessage> {
  const { message, access } = await requireMessage(app, actor, messageId)
  assertMayPin(access)
  const changed = await app.db.transaction(async (tx) => {
    const channel = await notFoundIfHidden('the message', 50500, () => lockAccess(tx, actor, access))
    assertNotFrozen(access, channel)
    const row = message.index < channel.firstIndex ? undefined : await readLockedMessage(tx, message)
    if (!row || row.deletedAt) throw notFound('the message', 50500)
    const [known] = await readExtras(tx, [row])
    const position = { index: channel.lastIndex, seq: channel.lastSeq }
    if (isPinned === ((known?.pinnedAt ?? null) !== null)) {
      return { message: { ...row, extras: known }, position, extras: undefined }
    }
    if (isPinned && (await countPinned(tx, channel.id)) >= limits.pinnedMessages) {
      throw new ChatError('CONFLICT', `a channel has at most ${limits.pinnedMessages} pinned messages`)
    }
    const seq = channel.lastSeq + 1
    const extras = await writePin(tx, row, { seq, by: isPinned ? actorName(actor) : null })
    await moveChannelCounters(tx, channel.id, { lastSeq: seq })
    return { message: { ...row, extras }, position: { ...position, seq }, extras }
  })
  const { extras, position, message: pinned } = changed
  if (extras) {
    const { seq } = extras
    const event = { type: 'messageExtrasUpdated', seq, message: { ...pinned, extras }, since: seq - 1 } as const
    publishChannelEvent(app, pinned.channelId, event)
  }
  return { message: pinned, position }
}

/**
 * One page of a channel’s pinned messages, the newest pin first.
 * Needs membership. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listPinnedMessages(
  app: App,
  actor: Actor,
  channelId: ChannelId,
  args: PageArgs,
): Promise<PageOf<Message>> {
  const page = parsePage(actor, args, parseNumberCursor)
  await requireMembership(app, actor, channelId, 'cached')
  return readPage(
    page,
    (part) => readPinnedPage(app.db, channelId, part),
    (message) => message.extras!.pinSeq,
  )
}

/** The place of a pinned message among the others of its channel. */
export const toPinCursor = ({ extras }: Message): string => toNumberCursor(extras!.pinSeq)
