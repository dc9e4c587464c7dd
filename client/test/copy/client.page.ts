// A script of a page with one client.
import { CreateChannelDocument } from '../../src/graphql/generated/documents.ts'
import { browserEnv, createClient, type Client } from '../../src/index.ts'
import { FaultyDevice } from './faulty-device.ts'

let client: Client

/** When messages have left, by their text. */
const left = new Map<string, number>()
const { send } = WebSocket.prototype
WebSocket.prototype.send = function (data) {
  const { payload } = JSON.parse(data as string) as { payload?: { variables?: { input?: { body?: string } } } }
  const body = payload?.variables?.input?.body
  if (body !== undefined) left.set(body, performance.now())
  send.call(this, data)
}

const channelOf = (id: string) => client.getSnapshot().channels.get(id)

const page = {
  open: (url: string, identity: string, token: string): void => {
    client = createClient({ url, identity, token: () => token })
  },
  /** On a device whose databases refuse to open. */
  openRefused: (url: string, identity: string, token: string): void => {
    const env = browserEnv()
    const device = new FaultyDevice(env)
    device.opening = 'isRefused'
    client = createClient({ url, identity, token: () => token, env: { ...env, databases: device.env.databases } })
  },
  isKept: () => client.getSnapshot().isKept,
  warnings: () => client.debug().flatMap(({ level, message }) => (level === 'warn' ? [message] : [])),
  status: () => client.getSnapshot().connection.status,
  makeChannel: async (): Promise<string> => {
    const { createChannel } = await client.request(CreateChannelDocument, { input: {} })
    return (await client.getChannel(createChannel!.channel.id)).id
  },
  send: async (id: string, bodies: readonly string[]): Promise<void> => {
    await Promise.all(bodies.map((body) => client.channel(id).sendMessage(body)))
  },
  /** Does not wait for the answer. */
  begin: (id: string, bodies: readonly string[]): void => {
    for (const body of bodies)
      client
        .channel(id)
        .sendMessage(body)
        .catch(() => {})
  },
  remove: (id: string, key: string): void =>
    void client
      .channel(id)
      .deleteMessage(key)
      .catch(() => {}),
  known: (id: string) => channelOf(id)?.messages.map(({ body }) => body),
  pending: (id: string) => channelOf(id)?.pending.map(({ action }) => (action.kind === 'send' ? action.body : '')),
  /** Scrolls back to the first message, and gives the texts of all rows. */
  scrollBack: async (id: string): Promise<string[]> => {
    const list = client.channel(id).messageList()
    await list.loadNewest()
    while (list.getSnapshot().hasOlder) await list.loadOlder()
    return list.getSnapshot().rows.map(({ body }) => body)
  },
  history: async (id: string) => (await client.channel(id).getMessages(100)).map(({ body }) => body),
  /** Milliseconds from a send to its leaving the socket, one after the other. */
  measure: async (id: string, count: number): Promise<number[]> => {
    const times: number[] = []
    for (let number = 0; number < count; number++) {
      const began = performance.now()
      await client.channel(id).sendMessage(`measured ${number}`)
      times.push(left.get(`measured ${number}`)! - began)
    }
    return times.toSorted((one, other) => one - other)
  },
  signOut: () => client.signOut(),
  databases: async () => (await indexedDB.databases()).map(({ name }) => name),
}
export type ClientPage = typeof page
Object.assign(globalThis, { page })
