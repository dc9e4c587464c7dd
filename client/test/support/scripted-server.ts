import { acknowledgement, ScriptedEnv, settle, type Frame, type ScriptedSocket } from './scripted.ts'

/** A channel at the scripted server, with a message for each index up to its head. */
export interface ScriptedChannel {
  readonly id: string
  head: number
  unreadCount: number
}

const operationOf = ({ payload }: Frame): string => /\w+ (\w+)/.exec(String(payload!['query']))![1]!

/** Says what the spec wants to a client on a platform of its own: it knows the channels, and what was asked on each connection. */
export class ScriptedServer {
  readonly env = new ScriptedEnv()
  readonly channels: ScriptedChannel[] = []
  /** Number of the user's newest event. */
  viewerSeq = 1
  userId = acknowledgement.userId
  /** Every operation, in the order in which it came. */
  readonly asked: { readonly name: string; readonly variables: Readonly<Record<string, unknown>> }[] = []
  /** Says something else than the channels do, or refuses (`errors`): by the name of the operation. */
  readonly answers = new Map<string, () => object>()
  readonly #streams = new Map<string, string>()
  readonly #handled = new Map<ScriptedSocket, number>()

  cursorOf({ id, head }: ScriptedChannel): string {
    return `${id.slice(2)}.${head.toString(36)}.${(head + 1).toString(36)}.h`
  }

  get viewerCursor(): string {
    return `bob.${this.viewerSeq.toString(36)}.h`
  }

  messageOf(channel: ScriptedChannel, index = channel.head) {
    const time = new Date(1_000_000 + index).toISOString()
    return {
      id: `${channel.id}-${index}`,
      channelId: channel.id,
      index,
      cursor: this.cursorOf({ ...channel, head: index }),
      revision: index,
      body: `${index}`,
      authorIdentity: 'alice',
      author: null,
      attributes: {},
      clientMessageId: null,
      createdAt: time,
      updatedAt: time,
      wasEdited: false,
      version: 1,
      editedAt: null,
      pinnedAt: null,
      pinnedBy: null,
      isSilent: false,
    }
  }

  memberOf(channel: ScriptedChannel) {
    const { id, head, unreadCount } = channel
    return {
      id: `MB${id}`,
      channelId: id,
      identity: 'bob',
      revision: 1,
      createdAt: new Date(0).toISOString(),
      lastReadIndex: null,
      unreadCount,
      role: null,
      preferences: {},
      channel: {
        id,
        revision: 1,
        uniqueName: null,
        friendlyName: id,
        attributes: {},
        firstIndex: 0,
        membersCount: 1,
        lastMessage: head < 0 ? null : this.messageOf(channel),
        members: { totalCount: 1, nodes: [] },
      },
    }
  }

  /** The client connects: accepts it, and answers until it asks nothing more. */
  async accept(): Promise<void> {
    await settle()
    const { socket } = this.env
    socket.onopen?.()
    const { userId } = this
    socket.receive({ type: 'connection_ack', payload: { ...acknowledgement, userId } })
    await this.answer()
  }

  /** Answers until the client asks nothing more. */
  async answer(): Promise<void> {
    const { socket } = this.env
    for (;;) {
      await settle()
      const at = this.#handled.get(socket) ?? 0
      if (at === socket.sent.length) return
      this.#handled.set(socket, socket.sent.length)
      for (const frame of socket.sent.slice(at)) {
        if (frame.type === 'ping') socket.receive({ type: 'pong' })
        else if (frame.type === 'subscribe') this.#handle(socket, frame)
      }
    }
  }

  /** Time passes in steps of a second, each answered. */
  async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 1000) {
      this.env.clock.pass(Math.min(1000, left))
      await this.answer()
    }
  }

  /** What a stream of the present connection delivers. */
  async emit(stream: 'Events' | 'ViewerEvents', event: object): Promise<void> {
    const field = stream === 'Events' ? 'events' : 'viewerEvents'
    this.env.socket.receive({ type: 'next', id: this.#streams.get(stream), payload: { data: { [field]: event } } })
    await this.answer()
  }

  /** The stream ends with an error. */
  async end(stream: 'Events' | 'ViewerEvents', extensions: { readonly code: string; readonly retryAfterMs?: number }) {
    this.env.socket.receive({ type: 'error', id: this.#streams.get(stream), payload: [{ message: 'no', extensions }] })
    await this.answer()
  }

  #handle(socket: ScriptedSocket, frame: Frame): void {
    const name = operationOf(frame)
    const variables = (frame.payload!['variables'] ?? {}) as Readonly<Record<string, unknown>>
    this.asked.push({ name, variables })
    const { id } = frame
    if (name === 'Events' || name === 'ViewerEvents') this.#streams.set(name, id!)
    const answer = this.answers.get(name)?.() ?? { data: this.#dataOf(name, variables) }
    if ('error' in answer) return socket.receive({ type: 'error', id, payload: [answer.error] })
    socket.receive({ type: 'next', id, payload: answer })
    if (name !== 'Events' && name !== 'ViewerEvents') socket.receive({ type: 'complete', id })
  }

  #dataOf(name: string, { channelId }: Readonly<Record<string, unknown>>): object {
    const pageInfo = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null }
    const channel = this.channels.find(({ id }) => id === channelId)
    switch (name) {
      case 'ViewerEvents':
        return { viewerEvents: { __typename: 'Ready', cursor: this.viewerCursor } }
      case 'ChannelList':
      case 'ChannelHeads':
        return {
          viewer: { id: 'US1', channels: { nodes: this.channels.map((each) => this.memberOf(each)), pageInfo } },
        }
      case 'Events': {
        const cursors = this.channels.map((each) => ({ channel: { id: each.id }, cursor: this.cursorOf(each) }))
        return { events: { __typename: 'Ready', cursors } }
      }
      case 'ViewerMember':
        return { member: channel ? this.memberOf(channel) : null }
      case 'Messages': {
        const nodes = Array.from({ length: channel!.head + 1 }, (_, index) => this.messageOf(channel!, index))
        return { channel: { id: channel!.id, firstIndex: 0, messages: { nodes, pageInfo } } }
      }
      default:
        throw new Error(`nothing is said about ${name}`)
    }
  }
}
