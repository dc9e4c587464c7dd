// A script of a page that has a client, as an application does.
import { databaseName } from '../../src/copy/schema.ts'
import { createClient, type Client } from '../../src/index.ts'

export interface TabPage {
  /** Holds the lock of the user's tabs as one does that has hung: it answers nobody. */
  hang(identity: string): Promise<void>
  start(identity: string, token: string): void
  /** The state of the connection, and whether this tab has a socket. */
  status(): { readonly status: string; readonly hasSocket: boolean }
  send(channelId: string, body: string): Promise<number>
  /** Puts a message into the outbox, and does not wait for it. */
  post(channelId: string, body: string): void
  /** The id of the message with this text. */
  idOf(channelId: string, body: string): string
  /** Changes a message, or deletes it, and reloads the page in the same turn. */
  changeAndReload(channelId: string, messageId: string, changed: string | null): void
  bodies(channelId: string): readonly string[]
  /** Shows the messages of the channel until it is called again. */
  read(channelId: string): void
  /** The texts of which this tab had to notify the user. */
  notified(): readonly string[]
  waiting(): number
  request(): Promise<unknown>
  signOut(): Promise<void>
  debug(): string
}

let client: Client
const notified: string[] = []
let stopReading: (() => void) | undefined
let sockets = 0
const Original = WebSocket
globalThis.WebSocket = class extends Original {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols)
    sockets += 1
    this.addEventListener('close', () => (sockets -= 1))
  }
}

const nameOf = (identity: string): string =>
  databaseName({ url: `${location.origin.replace('http', 'ws')}/graphql`, service: '', identity })

const page: TabPage = {
  hang: (identity) =>
    new Promise((resolve) => {
      void navigator.locks
        .request(nameOf(identity), () => {
          resolve()
          return new Promise(() => {})
        })
        .catch(() => {})
    }),
  start: (identity, token) => {
    client = createClient({ identity, token: () => token })
    client.on('notification', ({ body }) => notified.push(body))
  },
  status: () => ({ status: client.getSnapshot().connection.status, hasSocket: sockets > 0 }),
  send: async (channelId, body) => (await client.channel(channelId).sendMessage(body)).index,
  post: (channelId, body) => {
    client
      .channel(channelId)
      .sendMessage(body)
      .catch(() => {})
  },
  idOf: (channelId, body) => client.channel(channelId).state!.messages.find((message) => message.body === body)!.id,
  changeAndReload: (channelId, id, changed) => {
    const channel = client.channel(channelId)
    void (changed === null ? channel.deleteMessage(id) : channel.updateMessage(id, changed)).catch(() => {})
    location.reload()
  },
  bodies: (channelId) =>
    client
      .getSnapshot()
      .channels.get(channelId)
      ?.messages.map(({ body }) => body) ?? [],
  read: (channelId) => {
    if (stopReading) stopReading()
    else
      stopReading = client
        .channel(channelId)
        .messageList()
        .subscribe(() => {})
  },
  notified: () => notified,
  waiting: () => client.getSnapshot().outbox.length,
  request: () => client.request('query { viewer { identity } }', {}),
  signOut: () => client.signOut(),
  debug: () => JSON.stringify(client.debug().slice(-30)),
}
Object.assign(globalThis, { page })
