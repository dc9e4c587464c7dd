import { badInput, notFound } from '../../model/error.ts'
import type { Message } from '../../model/message.ts'
import { isSid, type ChannelId } from '../../model/sid.ts'
import { readMessage, type NewExtras } from '../../store/message.ts'
import { messageKey, readParents, readQuoted } from '../../store/thread.ts'
import type { App } from '../app.ts'
import { checkMentions, findMentions, type MentionsInput } from './mention.ts'

/** What a message is sent with beside its own text, as its caller gives it. */
export interface LinksInput {
  /** SID of the message that it replies to. */
  readonly parentId?: string | null | undefined
  readonly showInChannel?: boolean | null | undefined
  readonly quotedMessageId?: string | null | undefined
  readonly silent?: boolean | null | undefined
  readonly mentions?: MentionsInput | null | undefined
}

/** What a message is written with, and the messages that it answers and quotes. */
export interface Links {
  readonly extras: NewExtras
  readonly parent: Message | undefined
  readonly quoted: Message | undefined
  /** Identities that it was to name, and that are no members. */
  readonly droppedMentions: readonly string[]
}

/** Throws BAD_USER_INPUT for what needs no look at the store. Undefined for an ordinary message. */
export function checkLinks(input: LinksInput): LinksInput | undefined {
  const { parentId, showInChannel, quotedMessageId, silent } = input
  const mentions = checkMentions(input.mentions)
  if (showInChannel != null && parentId == null) throw badInput('showInChannel is for replies', 'showInChannel')
  return parentId == null && quotedMessageId == null && !silent && !mentions ? undefined : { ...input, mentions }
}

/**
 * Finds what a message is sent with in its channel. A deleted message takes further replies while it has some, since it stands in the channel.
 * Throws BAD_USER_INPUT, NOT_FOUND.
 */
export async function findLinks(app: App, channelId: ChannelId, input: LinksInput): Promise<Links> {
  const [parent, quoted, mentions] = await Promise.all([
    input.parentId == null ? undefined : requireParent(app, channelId, input.parentId),
    input.quotedMessageId == null ? undefined : requireQuoted(app, channelId, input.quotedMessageId),
    input.mentions ? findMentions(app, channelId, input.mentions) : undefined,
  ])
  const extras = {
    parentIndex: parent?.index,
    isHidden: parent !== undefined && input.showInChannel !== true,
    isSilent: input.silent === true,
    quotedId: quoted?.id,
    mentions,
  }
  return { extras, parent, quoted, droppedMentions: mentions?.dropped ?? [] }
}

/**
 * A message of the channel that others may reply to, or have replied to; with what was added to it.
 * Throws BAD_USER_INPUT, NOT_FOUND.
 */
export async function requireParent(app: App, channelId: ChannelId, id: string): Promise<Message> {
  const found = isSid('IM', id) ? await readMessage(app.db, id) : undefined
  if (found?.channelId !== channelId) throw parentNotFound()
  if (found.parentIndex != null) throw badInput('a reply has no replies', 'parentId')
  const parent = (await readParents(app.db, [found])).get(messageKey(found))
  if (!parent) throw parentNotFound()
  return parent
}

const parentNotFound = () => notFound('the message', 50500, 'parentId')

async function requireQuoted(app: App, channelId: ChannelId, id: string): Promise<Message> {
  const [quoted] = isSid('IM', id) ? await readQuoted(app.db, [{ channelId, quotedId: id }]) : []
  if (!quoted || quoted.deletedAt) throw notFound('the message', 50500, 'quotedMessageId')
  return quoted
}
