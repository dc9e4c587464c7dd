import { MessageType, parseMessage, type Message } from 'graphql-ws'

/** The protocol's other messages are the server's to send. */
const fromClients: ReadonlySet<MessageType> = new Set([
  MessageType.ConnectionInit,
  MessageType.Ping,
  MessageType.Pong,
  MessageType.Subscribe,
  MessageType.Complete,
])

/** The payload of a ping is written back, and deep ones take levels of the stack. Anyone may send them, before they say who they are. */
const maxPingCharacters = 4096

/** What a client says, if it is a message of graphql-transport-ws that clients send. */
export function readMessage(text: string): Message | undefined {
  try {
    const message = parseMessage(withText(JSON.parse(text) as Subscribing))
    if (message.type === MessageType.Ping && text.length > maxPingCharacters) return undefined
    return fromClients.has(message.type) ? message : undefined
  } catch {
    return undefined
  }
}

/** What a message is, or else `parseMessage` says so. */
interface Subscribing {
  readonly payload?: { readonly documentId?: unknown; readonly query?: unknown }
}

/** graphql-ws wants a text in every `subscribe`; whoever names a document by its id has none. */
function withText(message: Subscribing): Subscribing {
  const { payload } = message
  if (payload?.documentId == null || payload.query != null) return message
  return { ...message, payload: { ...payload, query: '' } }
}
