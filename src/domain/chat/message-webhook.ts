import type { Actor } from '../../model/actor.ts'
import { limits } from '../../model/limits.ts'
import { systemAuthor, type Message } from '../../model/message.ts'
import type { Db, Tx } from '../../store/engine/db.ts'
import { readRepeatedMessages } from '../../store/message.ts'
import type { Access } from '../access/authority.ts'
import type { App } from '../app.ts'
import { flagsOf, applyKeywordRules } from '../moderation/keyword-rule.ts'
import { parseAttributes, parseBody, parseIdentity } from '../validation.ts'
import type { Replacement } from '../webhooks/webhook-answer.ts'
import { messageParameters } from '../webhooks/webhook-parameters.ts'
import { openWebhooks } from '../webhooks/webhook.ts'
import type { Sending } from './message-writer.ts'

/** A message without its place. */
export type MessageDraft = Omit<Sending, 'channelId' | 'memberAsOf'>

/**
 * What the service's rules, and then its webhook, make of a message before it is sent, and what is told of it then. A repetition of one that was sent is answered with that one,
 * whatever a webhook would say today.
 */
export async function askBeforeSending(
  app: App,
  actor: Actor,
  access: Access,
  draft: MessageDraft,
): Promise<{ readonly draft: MessageDraft } | { readonly sent: Message }> {
  const { id: channelId } = access.channel
  const sent = await findSent(app, channelId, draft)
  if (sent) return { sent }
  const webhooks = await openWebhooks(app, actor, access)
  const { body, flaggedBy } = await applyKeywordRules(webhooks.service, draft.body)
  const { attributes } = draft
  const replaced = await webhooks.runPreEvent('onMessageSend', () =>
    messageParameters({ channelId, body, attributes, author: draft.author }),
  )
  const author = replaced.author === undefined ? draft.author : parseAuthor(replaced.author)
  const flags = flagsOf(webhooks.service, draft.id, flaggedBy)
  return {
    draft: {
      ...draft,
      body,
      ...parseReplaced(replaced),
      author,
      flags: flags.length > 0 ? flags : undefined,
      deliveries: webhooks.hasTarget('onMessageSent')
        ? (message) => webhooks.deliveries('onMessageSent', channelId, () => messageParameters(message))
        : undefined,
    },
  }
}

async function findSent({ db }: App, channelId: string, draft: MessageDraft): Promise<Message | undefined> {
  if (draft.clientMessageId === null) return undefined
  const read = async (on: Db | Tx) =>
    (await readRepeatedMessages(on, [{ ...draft, channelId, memberAsOf: 0 }])).get(draft.id)
  // Found by whoever tries again after a fault, it is acknowledged now.
  return (await read(db)) && db.readReplicated(read)
}

function parseAuthor(author: string): string {
  return author === systemAuthor ? author : parseIdentity(author)
}

/** What the answer of a webhook replaces of a message's text, checked like what callers send. */
export function parseReplaced({ body, attributes }: Replacement) {
  return {
    ...(body !== undefined && { body: parseBody(body) }),
    ...(attributes !== undefined && { attributes: parseAttributes(attributes, limits.messageAttributesBytes) }),
  }
}
