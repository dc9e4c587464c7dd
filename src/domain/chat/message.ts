import { sql } from 'drizzle-orm'
import type { Actor } from '../../model/actor.ts'
import { parseCursor, type Position } from '../../model/cursor.ts'
import { badInput, ChatError, notFound } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Message } from '../../model/message.ts'
import { parsePage, readPage, type Page, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, type ChannelId, type KeywordRuleId } from '../../model/sid.ts'
import { moveChannelCounters } from '../../store/channel.ts'
import { insertFlags } from '../../store/flag.ts'
import { deleteMentions, insertMentions, mentionsOf } from '../../store/mention.ts'
import { deleteEdits } from '../../store/message-edit.ts'
import { clearExtras, readExtras } from '../../store/message-extras.ts'
import { abandonStream } from '../../store/message-stream.ts'
import {
  readIndexAt,
  readLockedMessage,
  readMessage,
  readMessagePage,
  updateMessageRow,
  type MessageFields,
} from '../../store/message.ts'
import { removeReply, withParents } from '../../store/thread.ts'
import {
  assertMayDelete,
  assertMayEditAttributes,
  assertMayEditText,
  assertMayMentionChannel,
} from '../access/action-rules.ts'
import {
  assertInChannel,
  assertNotFrozen,
  findService,
  notFoundIfHidden,
  lockAccess,
  actorName,
  requireMembership,
  type Access,
} from '../access/authority.ts'
import type { App } from '../app.ts'
import { flagsOf, applyKeywordRules } from '../moderation/keyword-rule.ts'
import { publishChannelEvent } from '../realtime/publication.ts'
import { assertExpectedVersion, checkExpectedVersion, parseAttributes, parseBody } from '../validation.ts'
import { messageParameters } from '../webhooks/webhook-parameters.ts'
import { openWebhooks, type Webhooks } from '../webhooks/webhook.ts'
import { checkMentions, findMentions, type Mentions, type MentionsInput } from './mention.ts'
import { keepVersion } from './message-edits.ts'
import { parseReplaced } from './send-message.ts'

/**
 * A message the caller may see: its own channel's, not deleted; when a channel is named, of that channel.
 * Needs membership. Throws NOT_FOUND.
 */
export async function requireMessage(
  app: App,
  actor: Actor,
  id: string,
  channelId?: string | null,
): Promise<{ message: Message; access: Access }> {
  const found = await findMessage(app, actor, id, channelId)
  if (found.message.deletedAt) throw notFound('the message', 50500)
  return found
}

/**
 * The same, and also a deleted message that has replies.
 * Needs membership. Throws NOT_FOUND.
 */
export async function findMessage(
  app: App,
  actor: Actor,
  id: string,
  channelId?: string | null,
): Promise<{ message: Message; access: Access }> {
  const message = isSid('IM', id) ? await readMessage(app.db, id) : undefined
  if (!message || (message.deletedAt && !(await hasReplies(app, message)))) throw notFound('the message', 50500)
  return notFoundIfHidden('the message', 50500, async () => {
    const access = await requireMembership(app, actor, message.channelId, 'cached')
    assertInChannel(access, channelId)
    return { message, access }
  })
}

async function hasReplies({ db }: App, message: Message): Promise<boolean> {
  const [extras] = await readExtras(db, [message])
  return (extras?.replyCount ?? 0) > 0
}

/** A message and the position of its change in the channel. */
export interface ChangedMessage {
  readonly message: Message
  readonly position: Position
  /** Identities that it was to name, and that are no members. */
  readonly droppedMentions?: readonly string[] | undefined
}

export interface UpdateMessageInput {
  readonly id: string
  /** SID or unique name: the message's channel, where that is to be made sure. */
  readonly channelId?: string | null | undefined
  readonly body?: string | null | undefined
  readonly attributes?: unknown
  /** The edit is refused where the message has another one. */
  readonly expectedVersion?: number | null | undefined
  /** Whom it names from now on; those whom it has named stay where this is left out. */
  readonly mentions?: MentionsInput | null | undefined
}

/**
 * Changes the body, the attributes or the mentions of a message.
 * Needs `sendToFrozenChannel` in a frozen channel, `editAnyMessage` for the body and the mentions, `mentionChannel` to name the channel, and `editAnyMessageAttributes` for attributes, or `editOwnMessage` and
 * `editOwnMessageAttributes` for the caller’s own. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND.
 */
export async function updateMessage(app: App, actor: Actor, input: UpdateMessageInput): Promise<ChangedMessage> {
  const { message: found, access } = await requireMessage(app, actor, input.id, input.channelId)
  const change: { body?: string; attributes?: string } = {}
  const webhooks = await openWebhooks(app, actor, access)
  const message = await withParent(app, found, webhooks)
  let moderated: Awaited<ReturnType<typeof applyKeywordRules>> | undefined
  checkExpectedVersion(input.expectedVersion)
  checkMentions(input.mentions)
  if (input.body == null && input.attributes === undefined && input.mentions == null) {
    throw badInput('nothing to change')
  }
  if (input.body != null || input.mentions != null) assertMayEditText(actor, access, found)
  if (input.mentions?.channel) assertMayMentionChannel(access)
  if (input.body != null) {
    moderated = await applyKeywordRules(webhooks.service, parseBody(input.body))
    change.body = moderated.body
  }
  if (input.attributes !== undefined) {
    assertMayEditAttributes(actor, access, found)
    change.attributes = parseAttributes(input.attributes, limits.messageAttributesBytes)
  }
  const mentions = input.mentions == null ? undefined : await findMentions(app, message.channelId, input.mentions)
  assertVersion(message, input.expectedVersion)
  assertNotStreaming(message)
  const replaced = await webhooks.runPreEvent('onMessageUpdate', () => ({
    ...messageParameters({ ...message, ...change }),
    Index: null,
    ModifiedBy: actorName(actor),
  }))
  const changed = await changeMessage(
    app,
    actor,
    message,
    access,
    { ...change, ...parseReplaced(replaced), ...(mentions && toColumns(mentions)) },
    webhooks,
    { flaggedBy: moderated?.flaggedBy, expectedVersion: input.expectedVersion, mentions },
  )
  return { ...changed, droppedMentions: mentions?.dropped }
}

/**
 * Deletes a message. Its number stays taken; its text is gone.
 * Needs `deleteAnyMessage`, or `deleteOwnMessage` for the caller’s own. Throws FORBIDDEN, NOT_FOUND.
 */
export async function deleteMessage(
  app: App,
  actor: Actor,
  { id, channelId }: { readonly id: string; readonly channelId?: string | null | undefined },
): Promise<ChangedMessage> {
  const { message: found, access } = await requireMessage(app, actor, id, channelId)
  assertMayDelete(actor, access, found)
  const webhooks = await openWebhooks(app, actor, access)
  const message = await withParent(app, found, webhooks)
  await webhooks.runPreEvent('onMessageRemove', () => ({
    ...messageParameters(message),
    Index: null,
    RemovedBy: actorName(actor),
  }))
  return changeMessage(
    app,
    actor,
    message,
    access,
    { body: '', attributes: '{}', mentions: null, mentionsChannel: null, deletedAt: 'now' },
    webhooks,
  )
}

/** Where webhooks are told of a reply, with the message that it answers. */
async function withParent({ db }: App, message: Message, { service }: Webhooks): Promise<Message> {
  return service && message.parentIndex != null ? (await withParents(db, [message]))[0]! : message
}

function assertVersion({ version }: Message, expected: number | null | undefined): void {
  assertExpectedVersion('the message was edited meanwhile', version ?? 1, expected)
}

/** A text that has ended is never written again, so looking at it before its channel is locked is enough. */
export function assertNotStreaming({ streamState }: Pick<Message, 'streamState'>): void {
  if (streamState !== 'streaming') return
  throw new ChatError('CONFLICT', 'the text of the message is being written', undefined, { streamState })
}

const toColumns = ({ named, channel }: Mentions) => ({
  mentions: named.length > 0 ? named.map(({ identity }) => identity) : null,
  mentionsChannel: channel || null,
})

interface Editing {
  readonly mentions?: Mentions | undefined
  readonly flaggedBy?: readonly KeywordRuleId[] | undefined
  readonly expectedVersion?: number | null | undefined
}

async function changeMessage(
  app: App,
  actor: Actor,
  message: Message,
  access: Access,
  change: MessageFields & { deletedAt?: 'now' },
  webhooks: Webhooks,
  { flaggedBy = [], expectedVersion, mentions }: Editing = {},
): Promise<ChangedMessage> {
  const service = change.deletedAt ? undefined : await findService(app, access.channel.serviceId)
  const changed = await webhooks.transaction(async (tx, enqueue) => {
    const channel = await notFoundIfHidden('the message', 50500, () => lockAccess(tx, actor, access))
    if (message.index < channel.firstIndex) throw notFound('the message', 50500)
    // A deletion says nothing new.
    if (!change.deletedAt) {
      assertNotFrozen(access, channel)
      const locked = expectedVersion == null ? undefined : await readLockedMessage(tx, message)
      if (locked && locked.deletedAt === null) assertVersion(locked, expectedVersion)
      await keepVersion(tx, service, message)
    }
    // Its row comes before that of the message, as when it is stored.
    else if (message.streamState === 'streaming')
      await abandonStream(tx, { channelId: message.channelId, messageId: message.id })
    const seq = channel.lastSeq + 1
    const lastUpdatedBy = actorName(actor)
    const row = await updateMessageRow(tx, message, { ...change, seq, lastUpdatedBy })
    if (!row) throw notFound('the message', 50500)
    await moveChannelCounters(tx, channel.id, {
      lastSeq: seq,
      ...(change.deletedAt && { messagesCount: sql`messages_count - 1` }),
    })
    if (change.deletedAt) {
      await clearExtras(tx, row)
      await deleteEdits(tx, row)
      await deleteMentions(tx, row)
    }
    if (mentions) {
      await deleteMentions(
        tx,
        row,
        mentions.named.map(({ userId }) => userId),
      )
      await insertMentions(tx, mentionsOf(row, mentions))
    }
    const parent = change.deletedAt && row.parentIndex != null ? await removeReply(tx, row) : undefined
    await insertFlags(tx, flagsOf(webhooks.service, row.id, flaggedBy))
    if (change.deletedAt) {
      const removal = { RemovedBy: lastUpdatedBy, DateRemoved: row.deletedAt }
      enqueue('onMessageRemoved', channel.id, () => ({ ...messageParameters(message), ...removal }))
    } else {
      const update = { ModifiedBy: lastUpdatedBy, DateUpdated: row.updatedAt }
      enqueue('onMessageUpdated', channel.id, () => ({
        ...messageParameters({ ...row, parent: message.parent }),
        ...update,
      }))
    }
    return { message: { ...row, parent }, position: { index: channel.lastIndex, seq } }
  })
  const { message: row } = changed
  const type = change.deletedAt ? 'messageRemoved' : 'messageUpdated'
  publishChannelEvent(app, row.channelId, { type, seq: row.seq, message: row })
  app.unindexed.add(row.channelId)
  return changed
}

/** Where to jump to in a channel: exactly one of these. */
export interface MessagesAround {
  readonly cursor?: string | null | undefined
  readonly index?: number | null | undefined
  readonly moment?: Date | null | undefined
}

export interface MessageListArgs extends PageArgs {
  readonly around?: MessagesAround | null | undefined
  /** Every message that is not deleted; otherwise what the channel shows. */
  readonly includeReplies?: boolean | null | undefined
}

/**
 * One page of a channel's history, in index order.
 * Needs membership. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listMessages(
  app: App,
  actor: Actor,
  channelId: ChannelId,
  { around, includeReplies, ...args }: MessageListArgs,
): Promise<PageOf<Message>> {
  const page = parsePage(actor, args, (cursor, field) => parseCursor(channelId, cursor, field).index)
  const withReplies = includeReplies === true
  const read = (part: Page<number>): Promise<Message[]> => readMessagePage(app.db, channelId, part, { withReplies })
  if (!around) {
    await requireMembership(app, actor, channelId, 'cached')
    return readPage(page, read, ({ index }) => index)
  }
  if (page.backwards || page.after !== undefined || page.before !== undefined) {
    throw badInput('around can be combined with first alone', 'around')
  }
  if (around.index != null && around.index < 0) throw badInput('index must not be negative', 'around.index')
  const named = around.cursor == null ? around.index : parseCursor(channelId, around.cursor, 'around.cursor').index
  await requireMembership(app, actor, channelId, 'cached')
  const index = named ?? (await readIndexAt(app.db, channelId, around.moment!))
  return readAround(read, index, page.size)
}

/** Half of the page from before the index, the rest from there on; what one side lacks comes from the other. */
async function readAround(
  read: (page: Page<number>) => Promise<Message[]>,
  index: number,
  size: number,
): Promise<PageOf<Message>> {
  const page = { size, after: undefined, before: undefined }
  const [older, newer] = await Promise.all([
    read({ ...page, before: index, backwards: true }),
    read({ ...page, after: index - 1, backwards: false }),
  ])
  const before = Math.min(older.length, Math.max(Math.floor(size / 2), size - newer.length))
  return {
    items: [...older.slice(0, before).reverse(), ...newer.slice(0, size - before)],
    hasPreviousPage: async () => older.length > before,
    hasNextPage: async () => newer.length > size - before,
  }
}
