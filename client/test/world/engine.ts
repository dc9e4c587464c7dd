import { ChatError } from '../../src/errors.ts'
import type { Change } from '../../src/store/change.ts'
import { indexOfCursor } from '../../src/store/cursor.ts'
import type { ConnectionState, OutboxAction, OutboxItem } from '../../src/store/state.ts'
import type { Store } from '../../src/store/store.ts'
import type { Connected, ConnectedOptions } from '../../src/tabs/types.ts'
import { channelId, cursorOf, type ScriptedServer, type ScriptedSocket } from './server.ts'
import type { ScriptedTab, World } from './world.ts'

export interface ScriptedEngineOptions extends ConnectedOptions {
  readonly world: World
  readonly tab: ScriptedTab
  readonly server: ScriptedServer
  readonly store: Store
}

/** Does to the scripted server what the client's engine does to the real one. */
export class ScriptedEngine implements Connected {
  readonly #options: ScriptedEngineOptions
  readonly #waiting = new Set<PromiseWithResolvers<void>>()
  #socket: ScriptedSocket | undefined
  #items: readonly OutboxItem[] = []
  readonly #ended = new Set<number>()
  #isBusy = false

  constructor(options: ScriptedEngineOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    await this.refreshOutbox()
  }

  stop(): void {
    this.disconnect()
  }

  connect(): void {
    if (this.#socket) return
    const { tab, server, world, copy, store, onReplaced } = this.#options
    const socket: ScriptedSocket = {
      tab,
      deviceId: copy.deviceId,
      onChanges: (changes) => this.#commit(changes),
      onReplaced: () => {
        if (this.#socket !== socket) return
        this.#socket = undefined
        onReplaced()
      },
      isOpen: true,
    }
    this.#socket = socket
    this.#show({ status: 'connecting' })
    world.after(
      world.delay(),
      () => {
        if (this.#socket !== socket) return
        const position = store.getSnapshot().channels.get(channelId)!.position ?? cursorOf(-1)
        this.#commit([{ kind: 'started', channelId, cursor: position }])
        server.open(socket, indexOfCursor(position))
        this.#show({ status: 'live' })
        for (const { resolve } of this.#waiting) resolve()
        this.#waiting.clear()
        this.#work()
      },
      tab,
    )
  }

  disconnect(): void {
    if (this.#socket) this.#options.server.close(this.#socket)
    this.#socket = undefined
    this.#show({ status: 'offline', since: 0, retryAt: null })
  }

  async request<Result, Variables>(document: string, variables: Variables): Promise<Result> {
    const { server } = this.#options
    if (!this.#isLive()) {
      const waiter = Promise.withResolvers<void>()
      this.#waiting.add(waiter)
      await waiter.promise
    }
    return this.#ask(() => {
      if (document.startsWith('mutation')) server.perform((variables as { id: string }).id)
      return 'done' as Result
    })
  }

  subscribe(): () => void {
    return () => {}
  }

  apply(changes: readonly Change[]): void {
    this.#commit(changes)
  }

  async enqueue(id: string, action: OutboxAction): Promise<OutboxItem> {
    const item = await this.#options.queue.add(id, action).catch((error: unknown) => {
      this.#options.onNotKept(error)
      throw error
    })
    this.#list([...this.#items, item])
    this.#work()
    return item
  }

  async retry(): Promise<void> {}

  async discard(): Promise<void> {}

  async refreshOutbox(): Promise<void> {
    const items = await this.#options.queue.items()
    this.#list(items.filter(({ id }) => !this.#ended.has(id)))
    this.#work()
  }

  #isLive(): boolean {
    return this.#socket !== undefined && this.#options.server.sockets.has(this.#socket)
  }

  /** The server does it when the request has arrived, whether the answer arrives or not. */
  #ask<Result>(action: () => Result): Promise<Result> {
    const { world, tab } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const socket = this.#socket
    world.after(world.delay(), () => {
      if (!socket?.isOpen) {
        world.after(0, () => reject(new ChatError('OFFLINE', 'the connection was lost')), tab)
        return
      }
      const result = action()
      world.after(
        world.delay(),
        () => (socket.isOpen ? resolve(result) : reject(new ChatError('OFFLINE', 'the connection was lost'))),
        tab,
      )
    })
    return promise
  }

  #work(): void {
    const [item] = this.#items
    if (item && !this.#isBusy && this.#isLive()) void this.#send(item)
  }

  async #send(item: OutboxItem): Promise<void> {
    const { server, queue, onOutcome } = this.#options
    const { clientMessageId, body } = item.action as Extract<OutboxAction, { kind: 'send' }>
    this.#isBusy = true
    try {
      const message = await this.#ask(() => server.send(clientMessageId, body))
      await queue.remove(item.id)
      this.#ended.add(item.id)
      this.#items = this.#items.filter(({ id }) => id !== item.id)
      this.#commit([
        { kind: 'messages', channelId, messages: [message as never], covered: null },
        { kind: 'outbox', items: this.#items },
      ])
      onOutcome(item.id, { payload: message })
    } catch {
      // It stays in the queue: whoever is connected next sends it again.
    }
    this.#isBusy = false
    this.#work()
  }

  #list(items: readonly OutboxItem[]): void {
    this.#items = items
    this.#commit([{ kind: 'outbox', items }])
  }

  #show(connection: ConnectionState): void {
    this.#commit([{ kind: 'connection', connection }])
  }

  #commit(changes: readonly Change[]): void {
    const { store, copy, onChanges, onNotKept } = this.#options
    store.apply(changes)
    const kept = copy.write(changes)
    kept.catch(onNotKept)
    onChanges(changes, kept)
  }
}
