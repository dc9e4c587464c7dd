import type { Change } from '../../src/store/change.ts'
import type { ScriptedTab, World } from './world.ts'

export interface ScriptedMessage {
  readonly id: string
  readonly clientMessageId: string
  readonly index: number
  readonly body: string
  readonly channelId: string
  readonly authorIdentity: string
  readonly revision: number
  readonly cursor: string
}

export interface ScriptedSocket {
  readonly tab: ScriptedTab
  readonly deviceId: string
  readonly onChanges: (changes: readonly Change[]) => void
  readonly onReplaced: () => void
  isOpen: boolean
}

export const channelId = 'channel'
export const cursorOf = (index: number): string => `channel.${index.toString(36)}.${(index + 1).toString(36)}.h`

/** The server of the scripted world: one channel, sends that are taken once, one socket for each device. */
export class ScriptedServer {
  readonly messages: ScriptedMessage[] = []
  /** How often each mutation that is no send was done. */
  readonly done = new Map<string, number>()
  readonly sockets = new Set<ScriptedSocket>()
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  open(socket: ScriptedSocket, after: number): void {
    for (const other of this.sockets) {
      if (other.deviceId !== socket.deviceId) continue
      this.close(other)
      this.#world.after(this.#world.delay(), () => other.onReplaced(), other.tab)
    }
    this.sockets.add(socket)
    for (const message of this.messages.slice(after + 1)) this.#stream(socket, message)
  }

  close(socket: ScriptedSocket): void {
    socket.isOpen = false
    this.sockets.delete(socket)
  }

  send(clientMessageId: string, body: string): ScriptedMessage {
    const present = this.messages.find((message) => message.clientMessageId === clientMessageId)
    if (present) return present
    const index = this.messages.length
    const message: ScriptedMessage = {
      id: `message${index}`,
      clientMessageId,
      index,
      body,
      channelId,
      authorIdentity: 'alice',
      revision: 1,
      cursor: cursorOf(index),
    }
    this.messages.push(message)
    for (const socket of this.sockets) this.#stream(socket, message)
    return message
  }

  perform(id: string): void {
    this.done.set(id, (this.done.get(id) ?? 0) + 1)
  }

  #stream(socket: ScriptedSocket, message: ScriptedMessage): void {
    this.#world.inOrder(`server>${socket.tab.name}`, socket.tab, () => {
      if (!socket.isOpen) return
      socket.onChanges([
        { kind: 'messages', channelId, messages: [message as never], covered: [message.index, message.index] },
        { kind: 'position', channelId, cursor: message.cursor },
      ])
    })
  }
}
