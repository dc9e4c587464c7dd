import type { Socket } from '../src/env/types.ts'
// A script of a page that opens clients in frames, and ends them as pages end. In a frame it is such a client.
import { browserEnv, createClient, type Client } from '../src/index.ts'

/** What somebody does, or what happens to a tab of theirs. */
export interface Step {
  readonly kind: 'send' | 'edit' | 'remove' | 'read' | 'disconnect' | 'connect' | 'lose' | 'openTab' | 'reload' | 'kill'
  readonly who: 0 | 1
  readonly tab: 0 | 1
  readonly which: number
  /** Milliseconds until the next step; null goes on in the same turn. */
  readonly wait: number | null
}

export interface Person {
  readonly identity: string
  readonly token: string
}

/** What a tab shows in the end. */
export interface Shown {
  readonly rows: readonly (readonly unknown[])[]
  readonly unreadCount: number | null
  /** The same, as the server says. */
  readonly serverCount: number | null
  readonly head: number
  readonly waiting: number
  readonly heard: readonly number[]
  readonly status: string
  readonly debug: string
}

class Tab {
  #client!: Client
  #channelId = ''
  #socket: Socket | undefined
  readonly #heard: number[] = []
  /** Then the client does not hear that its page ends. */
  isKilled = false

  constructor() {
    addEventListener('pagehide', (event) => this.isKilled && event.stopImmediatePropagation())
  }

  start({ identity, token }: Person, channelId: string): void {
    const env = browserEnv()
    const openSocket = (url: string): Socket => (this.#socket = env.openSocket(url))
    this.#client = createClient({ identity, token: () => token, otherUsers: 'keep', env: { ...env, openSocket } })
    this.#channelId = channelId
    const channel = this.#client.channel(channelId)
    channel.on('messageAdded', ({ index }) => this.#heard.push(index))
    this.#list = channel.messageList()
    this.#list.subscribe(() => {})
    this.#list.loadNewest().catch(() => {})
  }

  #list!: ReturnType<ReturnType<Client['channel']>['messageList']>

  get isLive(): boolean {
    return this.#client.getSnapshot().connection.status === 'live'
  }

  send(body: string): Promise<unknown> {
    return this.#client.channel(this.#channelId).sendMessage(body)
  }

  /** One’s own messages, also those that wait: what names each, and its text. */
  get own(): readonly { readonly id: string; readonly body: string }[] {
    return this.#list
      .getSnapshot()
      .rows.flatMap(({ isMine, message, item, body }) =>
        isMine ? [{ id: message?.id ?? (item!.action as { clientMessageId: string }).clientMessageId, body }] : [],
      )
  }

  edit(id: string, body: string): Promise<unknown> {
    return this.#client.channel(this.#channelId).updateMessage(id, body)
  }

  remove(id: string): Promise<unknown> {
    return this.#client.channel(this.#channelId).deleteMessage(id)
  }

  read(): Promise<unknown> {
    return this.#client.channel(this.#channelId).setAllMessagesRead()
  }

  connect(): void {
    this.#client.connect()
  }

  disconnect(): void {
    this.#client.disconnect()
  }

  /** The connection is lost: what was sent may have arrived, and no answer comes. */
  lose(): void {
    const { onclose } = this.#socket ?? {}
    if (!onclose) return
    this.#socket!.onmessage = this.#socket!.onclose = this.#socket!.onopen = null
    this.#socket!.close()
    this.#socket = undefined
    onclose({ code: 1006, reason: '' })
  }

  async shown(): Promise<Shown> {
    // As views do: one that has few rows reads more.
    await (this.#list.getSnapshot().isLoaded ? this.#list.loadOlder() : this.#list.loadNewest()).catch(() => {})
    const { connection, outbox, session } = this.#client.getSnapshot()
    const { member } = await this.#client.request<{ member: { unreadCount: number | null } }, object>(
      'query ($id: ID!, $identity: String!) { member(channelId: $id, identity: $identity) { unreadCount } }' as never,
      { id: this.#channelId, identity: session?.identity },
    )
    const channel = this.#client.channel(this.#channelId)
    return {
      rows: this.#list
        .getSnapshot()
        .rows.map(({ message, body, status }) => [message?.index, body, message?.revision, status]),
      unreadCount: channel.unreadCount,
      serverCount: member.unreadCount,
      head: channel.state?.position ? channel.state.head : -1,
      waiting: outbox.filter(({ status }) => status !== 'failed').length,
      heard: this.#heard,
      status: connection.status,
      debug: this.#client
        .debug()
        .slice(-12)
        .map((entry) => JSON.stringify(entry))
        .join('\n'),
    }
  }
}

interface OpenTab {
  readonly frame: HTMLIFrameElement
  readonly tab: Tab
}

/** Two people in a channel. */
class World {
  readonly #people: readonly Person[]
  readonly #channelId: string
  readonly #tabs: [OpenTab[], OpenTab[]] = [[], []]
  readonly sent: string[] = []
  /** What somebody wanted to remove. */
  readonly removed: string[] = []

  constructor(people: readonly Person[], channelId: string) {
    this.#people = people
    this.#channelId = channelId
  }

  get tabs(): readonly Tab[] {
    return this.#tabs.flat().map(({ tab }) => tab)
  }

  async open(who: 0 | 1, place = this.#tabs[who].length): Promise<void> {
    const frame = document.createElement('iframe')
    frame.src = '?tab'
    const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
    document.body.append(frame)
    await loaded
    const { tab } = frame.contentWindow as unknown as { tab: Tab }
    tab.start(this.#people[who]!, this.#channelId)
    this.#tabs[who][place] = { frame, tab }
  }

  async act({ kind, who, tab: place, which }: Step, number: number): Promise<void> {
    const tabs = this.#tabs[who]
    const at = place % tabs.length
    const { frame, tab } = tabs[at]!
    const own = tab.own
    const message = own[which % Math.max(own.length, 1)]
    switch (kind) {
      case 'send':
        this.sent.push(`${number}`)
        return pass(tab.send(`${number}`))
      case 'edit':
        return message && pass(tab.edit(message.id, `${nameOf(message.body)} edited ${number}`))
      case 'remove':
        if (message) this.removed.push(nameOf(message.body))
        return message && pass(tab.remove(message.id))
      case 'read':
        return pass(tab.read())
      case 'openTab':
        return tabs.length < 2 ? this.open(who) : undefined
      case 'reload':
      case 'kill':
        tab.isKilled = kind === 'kill'
        frame.remove()
        return this.open(who, at)
      case 'connect':
      case 'disconnect':
      case 'lose':
        return tab[kind]()
    }
  }

  close(): void {
    for (const { frame } of this.#tabs.flat()) frame.remove()
  }
}

const nameOf = (body: string): string => body.split(' ')[0]!
const pass = (promise: Promise<unknown>): void => void promise.catch(() => {})
const after = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

let world: World | undefined

const driver = {
  /** Lives a history, until all tabs are live and nothing waits. Answers what was sent, and what was to be removed. */
  live: async (people: readonly Person[], channelId: string, steps: readonly Step[]) => {
    world?.close()
    world = new World(people, channelId)
    await Promise.all([world.open(0), world.open(1)])
    for (const [number, step] of steps.entries()) {
      await world.act(step, number)
      if (step.wait !== null) await after(step.wait)
    }
    for (const tab of world.tabs) tab.connect()
    return { sent: world.sent, removed: world.removed }
  },
  areLive: () => world!.tabs.every(({ isLive }) => isLive),
  shown: () => Promise.all(world!.tabs.map((tab) => tab.shown())),
}
export type ReloadsPage = typeof driver

if (location.search === '?tab') Object.assign(globalThis, { tab: new Tab() })
else Object.assign(globalThis, { page: driver })
