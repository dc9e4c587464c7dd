import type { Actor } from '../../model/actor.ts'
import { ChatError } from '../../model/error.ts'
import { limits } from '../../model/limits.ts'
import type { Message } from '../../model/message.ts'
import type { Service } from '../../model/service.ts'
import type { ChannelId, ServiceId } from '../../model/sid.ts'
import { countStreams } from '../../store/message-stream.ts'
import { noExtras, type NewExtras } from '../../store/message.ts'
import type { App } from '../app.ts'
import { applyKeywordRules } from '../moderation/keyword-rule.ts'
import { originOf } from '../webhooks/webhook.ts'
import type { Links } from './message-links.ts'

/** Throws FORBIDDEN for a text that a keyword rule refuses. What they would decide on is not written with the message, but published like what is appended. */
export async function holdBack<Draft extends { readonly body: string }>(
  service: Service | undefined,
  draft: Draft,
): Promise<{ readonly draft: Draft; readonly heldBack?: string | undefined }> {
  if (!service || service.keywordRules.length === 0 || draft.body === '') return { draft }
  await applyKeywordRules(service, draft.body)
  return { draft: { ...draft, body: '' }, heldBack: draft.body }
}

/** What a message is written with whose text streams. Throws RATE_LIMITED, UNAVAILABLE. */
export function streamingExtras(
  app: App,
  actor: Actor,
  links: Links | undefined,
  heldBack: string | undefined,
): NewExtras {
  app.streams.assertRoom(actor.kind === 'user' ? actor : undefined)
  const stream = {
    owner: app.streams.id,
    text: heldBack ?? null,
    origin: originTextOf(actor),
    startedAt: new Date(app.clock.now()),
  }
  return { ...(links?.extras ?? noExtras), stream }
}

const originTextOf = (actor: Actor): string => JSON.stringify(originOf(actor))

/** Throws CONFLICT where as many messages of a channel stream as may. */
export async function assertChannelRoom(app: App, channelId: ChannelId): Promise<void> {
  if ((await countStreams(app.db, channelId)) < limits.channelStreams) return
  throw new ChatError('CONFLICT', `a channel has at most ${limits.channelStreams} messages whose text is being written`)
}

/** A message was written whose text this process writes from now on. */
export function beginStream(
  app: App,
  actor: Actor,
  serviceId: ServiceId,
  message: Message,
  heldBack: string | undefined,
): void {
  const { channelId, id: messageId, index, author, body } = message
  const origin = originTextOf(actor)
  app.streams.begin({ serviceId, channelId, messageId, epoch: 1, index, author, body, text: heldBack ?? body, origin })
}
