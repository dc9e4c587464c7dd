import type { Position } from '../../model/cursor.ts'
import { ChatError, notFound } from '../../model/error.ts'
import type { EndedState, Message } from '../../model/message.ts'
import type { KeywordRuleId } from '../../model/sid.ts'
import { lockChannel, moveChannelCounters, readChannels } from '../../store/channel.ts'
import { insertFlags } from '../../store/flag.ts'
import { abandonStream, deleteStream, endMessageText, readSilentStreams } from '../../store/message-stream.ts'
import { readMessage } from '../../store/message.ts'
import { messageKey, parentKey, readParents } from '../../store/thread.ts'
import { findService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { applyKeywordRules, flagsOf } from '../moderation/keyword-rule.ts'
import { decideSoFar, type DecidedText } from '../moderation/keyword-tail.ts'
import { publishChannelEvent } from '../realtime/publication.ts'
import { messageParameters } from '../webhooks/webhook-parameters.ts'
import { Webhooks, type Origin } from '../webhooks/webhook.ts'
import type { ChangedMessage } from './message.ts'
import type { OwnedStream } from './owned-stream.ts'
import { parseReplaced } from './send-message.ts'

/** A text that a rule or a webhook of the service has refused is empty, and was cancelled. */
const refusedText = ''

/**
 * Ends a text that this process writes: applies the service's keyword rules to the whole and asks its pre-event, as a send does before it is written. What they
 * refuse is empty for everyone, and the refusal is thrown when that is committed. Undefined where the text is another process's, or has ended.
 */
export async function endStream(app: App, stream: OwnedStream, state: EndedState): Promise<ChangedMessage | undefined> {
  const ending = end(app, stream, state)
  const changing = ending.then(({ changed }) => changed)
  changing.catch(() => {})
  stream.ending = changing
  try {
    const { changed, refusal } = await ending
    app.streams.drop(stream)
    if (refusal) throw refusal
    return changed
  } catch (error) {
    // It may be tried again.
    stream.ending = undefined
    throw error
  }
}

interface Ended {
  readonly changed: ChangedMessage | undefined
  readonly refusal: ChatError | undefined
}

async function end(app: App, stream: OwnedStream, state: EndedState): Promise<Ended> {
  const { channelId, messageId } = stream
  const [message, [channel]] = await Promise.all([readMessage(app.db, messageId), readChannels(app.db, [channelId])])
  if (!message || message.deletedAt || !channel || channel.deletedAt) {
    app.streams.drop(stream)
    throw notFound('the message', 50500)
  }
  const parent = message.parentIndex == null ? undefined : await readParent(app, message)
  const service = await findService(app, channel.serviceId)
  const webhooks = new Webhooks(app, service, JSON.parse(stream.origin) as Origin)
  const checked = await check(webhooks, { ...message, parent }, stream.text)
  const changed = await webhooks.transaction(async (tx, enqueue) => {
    const locked = await lockChannel(tx, channelId)
    if (!locked || message.index < locked.firstIndex || !(await deleteStream(tx, stream))) return undefined
    const seq = locked.lastSeq + 1
    const { body, attributes, refusal } = checked
    const row = await endMessageText(tx, message, { seq, state: refusal ? 'cancelled' : state, body, attributes })
    if (!row) return undefined
    await moveChannelCounters(tx, channelId, { lastSeq: seq })
    await insertFlags(tx, flagsOf(service, row.id, checked.flaggedBy))
    enqueue('onMessageSent', channelId, () => messageParameters({ ...row, parent }))
    const position: Position = { index: locked.lastIndex, seq }
    return { message: row, position }
  })
  if (changed) {
    const { message: row } = changed
    publishChannelEvent(app, channelId, { type: 'messageFinished', seq: row.seq, message: row })
    app.unindexed.add(channelId)
  }
  return { changed, refusal: changed && checked.refusal }
}

async function readParent({ db }: App, reply: Message): Promise<Message | undefined> {
  const key = parentKey(reply)
  return (await readParents(db, [key])).get(messageKey(key))
}

interface Checked {
  readonly body: string
  readonly attributes?: string | undefined
  readonly flaggedBy: readonly KeywordRuleId[]
  readonly refusal?: ChatError | undefined
}

/** What keyword rules and the pre-event make of the whole text. */
async function check(webhooks: Webhooks, message: Message, text: string): Promise<Checked> {
  try {
    const { body, flaggedBy } = await applyKeywordRules(webhooks.service, text)
    const replaced = await webhooks.runPreEvent('onMessageSend', () => messageParameters({ ...message, body }))
    return { body, flaggedBy, ...parseReplaced(replaced) }
  } catch (error) {
    if (!(error instanceof ChatError) || error.code !== 'FORBIDDEN') throw error
    return { body: refusedText, flaggedBy: [], refusal: error }
  }
}

/** How much later than its own a process ends the texts of others, in milliseconds: when something was appended is stored some seconds late. */
const graceMilliseconds = 5000

/** How many texts of others it looks at. */
const batchStreams = 50

/** How many of its own it ends at the same time. Each takes a transaction, and others must find connections left while thousands have fallen silent together. */
const maxEnds = 4

/** Ends the texts whose writers have been silent for as long as the setting says: this process's own, and if asked those of others, whose processes may be gone. */
export async function interruptSilent(app: App, ofOthers: boolean): Promise<void> {
  const milliseconds = app.config.STREAM_SILENCE_SECONDS * 1000
  const silent = app.streams.silentFor(milliseconds).values()
  const endSome = async (): Promise<void> => {
    // Somebody may go on with one while it waits here.
    for (const stream of silent) if (app.streams.isSilent(stream, milliseconds)) await interrupt(app, stream)
  }
  await Promise.all(Array.from({ length: maxEnds }, endSome))
  if (!ofOthers) return
  const silentSince = new Date(app.clock.now() - milliseconds - graceMilliseconds)
  const stored = await readSilentStreams(app.db, silentSince, batchStreams)
  // After an outage of the database, what is stored of a text is as old as that, however much comes to its owner.
  const isOwned = await Promise.all(stored.map(({ owner, messageId }) => app.streamCalls.owns(owner, messageId)))
  for (const { owner: _owner, ...key } of stored.filter((_, at) => !isOwned[at])) {
    if (app.streams.get(key.messageId)) continue
    const taken = await app.streams.take(key, silentSince)
    if (taken) await interrupt(app, taken)
  }
}

async function interrupt(app: App, stream: OwnedStream): Promise<void> {
  try {
    await endStream(app, stream, 'interrupted')
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    // Its channel or its message is gone. A refusal has ended it.
    if (error.code === 'NOT_FOUND') await abandonStream(app.db, stream)
  }
}

/** What the keyword rules of its service leave of a text that goes on. */
export async function decideText(app: App, { serviceId, text }: OwnedStream): Promise<DecidedText | undefined> {
  const rules = (await findService(app, serviceId))?.keywordRules ?? []
  return rules.length === 0 ? { visible: text, isRefused: false } : decideSoFar(rules, text)
}

/** Ends a text that a keyword rule has refused before its end. Never throws. */
export function refuseText(app: App, stream: OwnedStream): void {
  endStream(app, stream, 'cancelled').catch((error: unknown) => {
    if (!(error instanceof ChatError)) app.logger.warn({ err: error }, 'a text that a rule refuses was not ended')
  })
}
