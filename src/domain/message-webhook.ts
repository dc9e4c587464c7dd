import type { App } from '../app.ts'
import type { Actor } from '../model/actor.ts'
import { limits } from '../model/limits.ts'
import { systemAuthor, type Message } from '../model/message.ts'
import type { Db, Tx } from '../store/db.ts'
import { readRepeatedMessages, type NewMessage } from '../store/message.ts'
import type { Access } from './authority.ts'
import { parseAttributes, parseBody, parseIdentity } from './validation.ts'
import type { Replacement } from './webhook-answer.ts'
import { aboutMessage } from './webhook-parameters.ts'
import { openWebhooks } from './webhook.ts'

export type MessageDraft = Pick<NewMessage, 'author' | 'body' | 'attributes' | 'clientMessageId'>

/** How a message goes on: as rules and the webhook want to have it, and told of when it is written. */
interface Asked {
  readonly draft: MessageDraft
  write(message: NewMessage): Promise<Message | undefined>
}

/**
 * What the service's rules, and then its webhook, make of a message before it is sent. A repetition of one that was sent is answered with that one,
 * whatever a webhook would say today.
 */
export async function askBeforeSending(
  app: App,
  actor: Actor,
  access: Access,
  draft: MessageDraft,
): Promise<Asked | { readonly sent: Message }> {
  const { id: channelId } = access.channel
  const sent = await findSent(app, channelId, draft)
  if (sent) return { sent }
  const webhooks = await openWebhooks(app, actor, access)
  const { body, flaggedBy } = webhooks.judge(draft.body)
  const replaced = await webhooks.ask('onMessageSend', () => aboutMessage({ ...draft, body, channelId }))
  const author = replaced.author === undefined ? draft.author : parseAuthor(replaced.author)
  const notices = (message: Message) => webhooks.notices('onMessageSent', channelId, () => aboutMessage(message))
  const isTold = webhooks.hears('onMessageSent') || flaggedBy.length > 0
  return {
    draft: { ...draft, body, ...parseReplaced(replaced), author },
    write: (message) =>
      isTold
        ? app.toldMessages.write({ ...message, notices, flags: webhooks.flags(message.id, flaggedBy) })
        : app.messages.write(message),
  }
}

async function findSent({ db }: App, channelId: string, draft: MessageDraft): Promise<Message | undefined> {
  if (draft.clientMessageId === null) return undefined
  const id = 'the same'
  const read = async (on: Db | Tx) =>
    (await readRepeatedMessages(on, [{ ...draft, channelId, id, memberAsOf: 0 }])).get(id)
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
