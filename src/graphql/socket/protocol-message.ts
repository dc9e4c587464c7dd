import { MessageType, parseMessage, type Message } from 'graphql-ws'

/** Only the server sends the protocol's other messages. */
const fromClients: ReadonlySet<MessageType> = new Set([
  MessageType.ConnectionInit,
  MessageType.Ping,
  MessageType.Pong,
  MessageType.Subscribe,
  MessageType.Complete,
])

/** A ping's payload is echoed, deep ones take levels of the stack, and anyone may send them before authenticating. */
const maxPingCharacters = 4096

/** Parses a message of graphql-transport-ws; undefined when it is none that clients may send. */
export function readMessage(text: string): Message | undefined {
  try {
    const message = parseMessage(withText(JSON.parse(text) as Subscribing))
    if (message.type === MessageType.Ping && text.length > maxPingCharacters) return undefined
    return fromClients.has(message.type) ? message : undefined
  } catch {
    return undefined
  }
}

/** Assumed here; `parseMessage` checks it. */
interface Subscribing {
  readonly payload?: { readonly documentId?: unknown; readonly query?: unknown }
}

/** graphql-ws requires a `query` in every `subscribe`, which a request with a `documentId` does not have. */
function withText(message: Subscribing): Subscribing {
  const { payload } = message
  if (payload?.documentId == null || payload.query != null) return message
  return { ...message, payload: { ...payload, query: '' } }
}
