import type { Actor } from '../../model/actor.ts'
import { ChatError, forbidden } from '../../model/error.ts'
import { JsonText } from '../../model/json-text.ts'
import { limits } from '../../model/limits.ts'
import type { MessageContent } from '../../model/message-content.ts'
import { systemAuthor, type Message } from '../../model/message.ts'
import { newSid, type ChannelId } from '../../model/sid.ts'
import type { Db, Tx } from '../../store/engine/db.ts'
import { noExtras, readRepeatedMessages, type NewExtras } from '../../store/message.ts'
import { tracing } from '../../tracing/tracing.ts'
import { assertMaySend } from '../access/action-rules.ts'
import { assertNotFrozen, isFrozenFor, requireMembership, type Access } from '../access/authority.ts'
import type { App } from '../app.ts'
import { applyKeywordRules, flagsOf } from '../moderation/keyword-rule.ts'
import { publishChannelEvent } from '../realtime/publication.ts'
import { parseAttributes, parseBody, parseClientName, parseIdentity } from '../validation.ts'
import { checkReplacement, type Replacement } from '../webhooks/webhook-answer.ts'
import { messageParameters } from '../webhooks/webhook-parameters.ts'
import { openWebhooks } from '../webhooks/webhook.ts'
import { checkLinks, findLinks, type Links, type LinksInput } from './message-links.ts'
import type { Sending } from './message-writer.ts'
import { assertChannelRoom, beginStream, holdBack, streamingExtras } from './stream-begin.ts'

/** What a message says, as it is given to be sent, drafted or scheduled. */
export interface MessageContentInput extends LinksInput {
  readonly body: string
  readonly attributes?: unknown
}

export interface SendMessageInput extends MessageContentInput {
  /** SID or unique name. */
  readonly channelId: string
  readonly clientMessageId?: string | null | undefined
  /** Backend only: in whose name. */
  readonly authorIdentity?: string | null | undefined
  /** Its text is appended to while it is read, until it is finished. */
  readonly isStreaming?: boolean | null | undefined
}

export interface SentMessage extends Message {
  /** Identities that it was to name, and that are no members. */
  readonly droppedMentions?: readonly string[] | undefined
}

/** How often the membership is read again for one send. */
const maxAttempts = 5

/**
 * Sends a message: once it is answered it is committed, and the same `clientMessageId` never makes a second one.
 * A reply is a message of its channel, with the next index. Needs membership and `sendMessage`, to name the channel also `mentionChannel`, to stream its text also `streamMessage`, in a frozen channel also `sendToFrozenChannel`; only the backend names another author. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND, RATE_LIMITED.
 */
export function sendMessage(app: App, actor: Actor, input: SendMessageInput): Promise<SentMessage> {
  if (tracing === undefined) return send(app, actor, input)
  return tracing.child('send message', {}, () => send(app, actor, input))
}

async function send(app: App, actor: Actor, input: SendMessageInput): Promise<SentMessage> {
  const draft = parseDraft(actor, input)
  const asked = checkLinks(input)
  const isStreaming = input.isStreaming === true
  const sender = JSON.stringify([actor.kind === 'user' ? actor.userId : '', draft.author, input.channelId])
  const prepared = await app.sendOrder.run(
    sender,
    prepare(app, actor, { channelId: input.channelId, draft, asked, isStreaming }),
  )
  if ('sent' in prepared) return prepared.sent
  let { access, links } = prepared
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    assertMaySend(access, asked?.mentions?.channel === true, isStreaming)
    const { channel } = access
    if (isFrozenFor(access)) {
      const sent = await findSent(app, channel.id, draft)
      if (sent) return sent
      assertNotFrozen(access)
    }
    const message = await app.messages.write({
      ...prepared.draft,
      channelId: channel.id,
      memberAsOf: actor.kind === 'user' ? channel.lastLeftSeq : Number.MAX_SAFE_INTEGER,
      extras: isStreaming
        ? streamingExtras(app, actor, links, prepared.heldBack)
        : withSender(links?.extras, draft, prepared.draft.author),
    })
    if (message) {
      // Another id is the first message's, which this send repeats: it was published when it was written.
      if (message.id === draft.id) {
        const added = links?.quoted ? { ...message, quoted: links.quoted } : message
        if (isStreaming) beginStream(app, actor, channel.serviceId, message, prepared.heldBack)
        publishChannelEvent(app, channel.id, { type: 'messageAdded', seq: message.seq, message: added })
        app.unindexed.add(channel.id)
        if (prepared.draft.deliveries) app.wakeWebhookWorker()
      }
      return links ? { ...message, droppedMentions: links.droppedMentions } : message
    }
    // Someone has left, or the channel was frozen, since they were read; or it is gone, or what it replies to. Later sends may be waiting for their webhook: not for those.
    if (isStreaming) {
      const sent = await findSent(app, channel.id, draft)
      if (sent) return sent
      await assertChannelRoom(app, channel.id)
    }
    ;({ access, links } = await app.sendOrder.run(`${sender} again`, readAgain(app, actor, channel.id, asked)))
  }
  throw new ChatError('CONFLICT', 'the channel changes too fast', 50349)
}

/** A name that a send was given is its sender's, also where a pre-event has put another author in its place. */
function withSender(
  extras: NewExtras | undefined,
  { author: sender, clientMessageId }: Draft,
  author: string,
): NewExtras | undefined {
  if (author === sender || clientMessageId === null) return extras
  return { ...noExtras, ...extras, sender }
}

/** What a send is allowed by and goes with, as it is now. */
interface Read {
  readonly access: Access
  /** Undefined of an ordinary message. */
  readonly links: Links | undefined
}

async function readAgain(app: App, actor: Actor, channelId: ChannelId, asked: LinksInput | undefined): Promise<Read> {
  const access = await requireMembership(app, actor, channelId)
  return { access, links: asked && (await findLinks(app, channelId, asked)) }
}

/** A message without its channel. */
type Draft = Omit<Sending, 'channelId' | 'memberAsOf' | 'extras'>

function parseDraft(actor: Actor, input: SendMessageInput): Draft {
  return {
    id: newSid('IM'),
    ...parseContent(input),
    clientMessageId: parseClientName('clientMessageId', input.clientMessageId, limits.clientMessageIdLength) ?? null,
    author: authorOf(actor, input.authorIdentity),
  }
}

/** Checks what a message says, which needs no database. */
function parseContent({ body, attributes }: MessageContentInput) {
  return { body: parseBody(body), attributes: parseAttributes(attributes, limits.messageAttributesBytes) }
}

/** Checks what a message says and what it replies to or quotes in its channel, for what is to be sent later. */
export async function prepareContent(
  app: App,
  channelId: ChannelId,
  input: MessageContentInput,
): Promise<MessageContent> {
  const content = parseContent(input)
  const links = checkLinks(input)
  if (!links) return content
  await findLinks(app, channelId, links)
  const { parentId, showInChannel, quotedMessageId, silent, mentions } = links
  return {
    ...content,
    mentions: mentions ? { identities: mentions.identities ?? [], channel: mentions.channel ?? false } : undefined,
    parentId: parentId ?? undefined,
    showInChannel: showInChannel ?? undefined,
    quotedMessageId: quotedMessageId ?? undefined,
    silent: silent ?? undefined,
  }
}

/** What was stored of a draft or a scheduled message, as it is given to be sent. */
export function toContentInput({ attributes, ...content }: MessageContent): MessageContentInput {
  return { ...content, attributes: new JsonText(attributes) }
}

function authorOf(actor: Actor, author: string | null | undefined): string {
  switch (actor.kind) {
    case 'backend':
      return author == null ? systemAuthor : parseAuthor(author)
    case 'user':
      if (author != null && author !== actor.identity) throw forbidden('only the backend sends in the name of others')
      return actor.identity
    case 'audience':
      throw forbidden('an audience cannot send')
  }
}

function parseAuthor(author: string): string {
  return author === systemAuthor ? author : parseIdentity(author, 'authorIdentity')
}

interface Asked {
  readonly channelId: string
  readonly draft: Draft
  readonly asked: LinksInput | undefined
  readonly isStreaming: boolean
}

interface Prepared extends Read {
  readonly draft: Draft
  /** Of a text that streams: how it begins, where it is not in the draft because keyword rules have not decided on it. */
  readonly heldBack?: string | undefined
}

/** Applies the service's keyword rules to a draft, then its pre-event, and decides what is written beside the message. */
async function prepare(
  app: App,
  actor: Actor,
  { channelId, draft, asked, isStreaming }: Asked,
): Promise<Prepared | { readonly sent: Message }> {
  const known = await requireMembership(app, actor, channelId, 'cached')
  // A freezing is noticed by the write; what is remembered may be older than its end.
  const access = isFrozenFor(known) ? await requireMembership(app, actor, channelId) : known
  const found = asked ? await findLinksOf(app, access.channel.id, draft, asked) : undefined
  if (found && 'sent' in found) return found
  const links = found as Links | undefined
  if (!access.hasHooks) return { access, links, draft }
  assertMaySend(access)
  // Neither rules nor webhooks have a say in a repetition.
  const sent = await findSent(app, access.channel.id, draft)
  if (sent) return { sent }
  assertNotFrozen(access)
  const webhooks = await openWebhooks(app, actor, access)
  if (isStreaming) return { access, links, ...(await holdBack(webhooks.service, draft)) }
  const { body, flaggedBy } = await applyKeywordRules(webhooks.service, draft.body)
  const replaced = await webhooks.runPreEvent('onMessageSend', () =>
    messageParameters({
      channelId: access.channel.id,
      body,
      attributes: draft.attributes,
      author: draft.author,
      parent: links?.parent,
    }),
  )
  const flags = flagsOf(webhooks.service, draft.id, flaggedBy)
  return {
    access,
    links,
    draft: {
      ...draft,
      body,
      ...parseReplaced(replaced),
      ...parseReplacedAuthor(replaced),
      flags: flags.length > 0 ? flags : undefined,
      deliveries: webhooks.hasTarget('onMessageSent')
        ? (message) => webhooks.deliveries('onMessageSent', message.channelId, () => messageParameters(message))
        : undefined,
    },
  }
}

/** A repetition is answered also when what it replies to or quotes is gone since. */
async function findLinksOf(
  app: App,
  channelId: ChannelId,
  draft: Draft,
  asked: LinksInput,
): Promise<Links | { readonly sent: Message }> {
  try {
    return await findLinks(app, channelId, asked)
  } catch (error) {
    const sent = await findSent(app, channelId, draft)
    if (sent) return { sent }
    throw error
  }
}

/** The message that was sent before with the same `clientMessageId`; `author` is who sends it. */
export async function findSent(
  { db }: App,
  channelId: ChannelId,
  draft: Pick<Draft, 'id' | 'author' | 'clientMessageId'>,
): Promise<Message | undefined> {
  if (draft.clientMessageId === null) return undefined
  const read = async (on: Db | Tx) => (await readRepeatedMessages(on, [{ ...draft, channelId }])).get(draft.id)
  // Answering it acknowledges it, so it must be replicated (P1): it may be found by a retry after a fault.
  return (await read(db)) && db.readReplicated(read)
}

/** Checks what the answer of a pre-event replaces, as if the caller had sent it. */
export function parseReplaced({ body, attributes }: Replacement) {
  return checkReplacement(() => ({
    ...(body !== undefined && { body: parseBody(body) }),
    ...(attributes !== undefined && { attributes: parseAttributes(attributes, limits.messageAttributesBytes) }),
  }))
}

/** The same for the author, which only a new message takes from an answer. */
function parseReplacedAuthor({ author }: Replacement) {
  return author === undefined ? {} : { author: checkReplacement(() => parseAuthor(author)) }
}
