import { setTimeout as delay } from 'node:timers/promises'
import type { Actor } from '../../model/actor.ts'
import { ChatError, badInput } from '../../model/error.ts'
import type { EndedState, Message } from '../../model/message.ts'
import { parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { readStreamOwner, readStreamPage, type StreamUnderWay } from '../../store/message-stream.ts'
import { assertMayWriteStream } from '../access/action-rules.ts'
import {
  assertNotFrozen,
  notFoundIfHidden,
  requireAccess,
  requireBackend,
  requireMembership,
  requireService,
  type Access,
} from '../access/authority.ts'
import type { App } from '../app.ts'
import { assertText } from '../validation.ts'
import { requireMessage, type ChangedMessage } from './message.ts'
import { OwnedStream, type Appended } from './owned-stream.ts'
import type { RemoteStream } from './stream-calls.ts'
import { endStream } from './stream-end.ts'
import { wrongOffset } from './stream-owner.ts'

/** How soon a process asks again for a text that its owner is ending, in milliseconds: rules and a pre-event may take seconds, and what it ends is all of it. */
const endingMilliseconds = 100

export interface AppendInput {
  readonly messageId: string
  /** Where the piece begins: the length of the text before it, in UTF-16 code units. */
  readonly offset: number
  readonly text: string
}

/**
 * Appends to the text of a message that was sent with `isStreaming`. What is answered is accepted, and stored up to `durableOffset`: the writer keeps the rest.
 * Needs membership of its author and `streamMessage`, in a frozen channel also `sendToFrozenChannel`. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND, RATE_LIMITED.
 */
export async function appendToMessage(app: App, actor: Actor, input: AppendInput): Promise<Appended> {
  const { messageId, offset, text } = input
  if (text === '') throw badInput('text must not be empty', 'text')
  assertText('text', text)
  assertOffset(offset)
  let silentOwner: string | undefined
  for (;;) {
    const found = await findStream(app, actor, messageId)
    if ('message' in found) throw hasEnded(found.message)
    const { access } = found
    assertNotFrozen(access)
    const append = (stream: OwnedStream) => app.streams.append(stream, offset, text, access.hasHooks)
    if ('stream' in found) {
      const appended = append(found.stream)
      if (appended !== 'ending') return appended
      // Where the database is away it may go on after all.
      await found.stream.ending?.catch(() => {})
      continue
    }
    const { owner, ...key } = found.remote
    if (owner === silentOwner) {
      const stream = await app.streams.take(key)
      const appended = stream && append(stream)
      if (appended && appended !== 'ending') return appended
    } else {
      const appended = await app.streamCalls.append(owner, key.messageId, offset, text, access.hasHooks)
      if (appended === 'ending') {
        await delay(endingMilliseconds)
        continue
      }
      if (appended) return appended
      silentOwner = owner
    }
    // Somebody else may own it by now, or it has ended.
    app.streamCalls.known.delete(messageId)
  }
}

export interface FinishInput {
  readonly messageId: string
  /** The length that the text must have. */
  readonly offset?: number | null | undefined
}

/**
 * Ends the text of a message as its writer has meant it. Called again it answers the same.
 * Needs membership of its author and `streamMessage`. Throws BAD_USER_INPUT, CONFLICT, FORBIDDEN, NOT_FOUND, RATE_LIMITED.
 */
export function finishMessage(app: App, actor: Actor, { messageId, offset }: FinishInput): Promise<ChangedMessage> {
  if (offset != null) assertOffset(offset)
  return endText(app, actor, messageId, 'completed', offset ?? undefined)
}

/**
 * Ends the text of a message before it is complete. What there is of it stays. Called again it answers the same.
 * Needs membership of its author and `streamMessage`. Throws CONFLICT, FORBIDDEN, NOT_FOUND, RATE_LIMITED.
 */
export function cancelMessage(app: App, actor: Actor, messageId: string): Promise<ChangedMessage> {
  return endText(app, actor, messageId, 'cancelled')
}

/**
 * One page of the texts that are being written in a service, or in one of its channels, those first that were begun first.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listStreams(
  app: App,
  actor: Actor,
  filter: { readonly serviceId?: string | null | undefined; readonly channelId?: string | null | undefined },
  args: PageArgs,
): Promise<PageOf<StreamUnderWay>> {
  requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('IM'))
  const { id: serviceId } = await requireService(app, actor, filter.serviceId)
  const within = { ...actor, serviceId }
  const channel = filter.channelId == null ? undefined : (await requireAccess(app, within, filter.channelId)).channel
  return readPage(
    page,
    (part) => readStreamPage(app.db, { serviceId, channelId: channel?.id }, part),
    ({ message }) => message.id,
  )
}

function assertOffset(offset: number): void {
  if (offset < 0) throw badInput('offset must be 0 or more', 'offset')
}

async function endText(
  app: App,
  actor: Actor,
  messageId: string,
  state: EndedState,
  offset?: number,
): Promise<ChangedMessage> {
  let silentOwner: string | undefined
  for (;;) {
    const found = await findStream(app, actor, messageId)
    if ('message' in found) return answerEnded(app, actor, found.message, state)
    let stream = 'stream' in found ? found.stream : undefined
    if ('remote' in found) {
      const { owner, ...key } = found.remote
      const handedOver = owner === silentOwner ? undefined : await app.streamCalls.handOver(owner, key.messageId)
      if (handedOver === 'ending') {
        await delay(endingMilliseconds)
        continue
      }
      if (handedOver || owner === silentOwner) stream = await app.streams.take(key, undefined, handedOver)
      silentOwner = owner
      app.streamCalls.known.delete(messageId)
    }
    if (stream?.ending) {
      // Whatever it becomes, it is answered as what it is then.
      await stream.ending.catch(() => {})
    } else if (stream) {
      if (offset !== undefined && offset !== stream.text.length) throw wrongOffset(stream.text.length)
      const ended = await endStream(app, stream, state)
      if (ended) return ended
    }
  }
}

/** A repetition is answered with what there is, and the position of the channel, which is no earlier than that of the end. */
async function answerEnded(app: App, actor: Actor, message: Message, state: EndedState): Promise<ChangedMessage> {
  if (message.streamState !== state) throw hasEnded(message)
  const { channel } = await requireMembership(app, actor, message.channelId)
  return { message, position: { index: channel.lastIndex, seq: channel.lastSeq } }
}

const hasEnded = ({ streamState }: Message): ChatError =>
  streamState == null
    ? new ChatError('CONFLICT', 'the message was not sent with isStreaming')
    : new ChatError('CONFLICT', 'the text of the message has ended', undefined, { streamState })

interface OwnStream {
  readonly stream: OwnedStream
  readonly access: Access
}

/** The text is written by another process. */
interface OthersStream {
  readonly remote: RemoteStream
  readonly access: Access
}

/** Who writes the text of a message, or the message, if that does not stream. */
async function findStream(
  app: App,
  actor: Actor,
  id: string,
): Promise<OwnStream | OthersStream | { readonly message: Message }> {
  const owned = app.streams.get(id)
  const known = owned ?? app.streamCalls.known.get(id)
  if (known) {
    const { channelId, author, index } = known
    const access = await notFoundIfHidden('the message', 50500, () =>
      requireMembership(app, actor, channelId, 'cached'),
    )
    assertMayWriteStream(actor, access, author)
    const isTruncated = index < access.channel.firstIndex
    if (known instanceof OwnedStream) {
      if (isTruncated) app.streams.drop(known)
      if (!known.isDropped) return { stream: known, access }
    } else if (!isTruncated) return { remote: known, access }
  }
  const { message, access } = await requireMessage(app, actor, id)
  assertMayWriteStream(actor, access, message.author)
  if (message.streamState !== 'streaming') return { message }
  const { channelId, id: messageId, index, author } = message
  const owner = await readStreamOwner(app.db, { channelId, messageId })
  // It has ended since it was read.
  if (owner === undefined) return { message: (await requireMessage(app, actor, id)).message }
  const remote = { owner, channelId, messageId, index, author }
  app.streamCalls.known.set(messageId, remote)
  return { remote, access }
}
