import { memoryCopy } from '../../src/copy/memory.ts'
import { Log } from '../../src/log.ts'
import { memoryQueue } from '../../src/outbox/memory.ts'
import { Store } from '../../src/store/store.ts'
import { TabHost } from '../../src/tabs/host.ts'
import { openLate, type Load } from '../../src/tabs/late.ts'
import type { Host, LoadedOptions, SharedOptions } from '../../src/tabs/types.ts'
import { ScriptedDevice, joined } from './device.ts'
import { ScriptedEngine } from './engine.ts'
import { ScriptedServer, channelId, cursorOf } from './server.ts'
import { ScriptedTab, World } from './world.ts'

/** How something that was asked ended; undefined while it has not. */
export interface Asked {
  readonly id: string
  readonly at: number
  end: { readonly at: number; readonly error?: string } | undefined
}

/** A client in a tab. */
export interface OpenTab {
  readonly tab: ScriptedTab
  readonly host: Host
  readonly store: Store
  readonly asked: Asked[]
  /** Puts a message into the outbox. */
  send(body: string): void
  request(kind: 'query' | 'mutation'): void
  /** Shows the messages of the channel, or no longer. */
  read(isShown: boolean): void
  bodies(): readonly string[]
}

/** Tabs of one user on one device. */
export class TabsWorld {
  readonly world: World
  readonly server: ScriptedServer
  readonly device: ScriptedDevice
  readonly tabs: OpenTab[] = []
  #lastAsked = 0

  constructor(random: () => number) {
    this.world = new World(random)
    this.server = new ScriptedServer(this.world)
    this.device = new ScriptedDevice(this.world)
  }

  open({ isVisible = true } = {}): OpenTab {
    const { world, server, device } = this
    const tab = new ScriptedTab(world, `tab${this.tabs.length + 1}`)
    tab.isVisible = isVisible
    const onError = (error: unknown): never => {
      throw error
    }
    const store = new Store({ onError })
    const env = tab.env()
    const options: SharedOptions = {
      env,
      store,
      log: new Log(env.clock.now),
      url: '',
      service: '',
      identity: 'alice',
      keepsOthers: true,
      createEngine: (connected) => new ScriptedEngine({ ...connected, world, tab, server, store }),
    }
    const openShared = (loaded: LoadedOptions): Host =>
      new TabHost({
        ...loaded,
        name: 'alice',
        openKept: () => device.open(tab),
        openMemory: (items) => {
          store.apply([joined, { kind: 'started', channelId, cursor: cursorOf(-1) }])
          return { copy: memoryCopy(env.createId), queue: memoryQueue(env.clock.now, items) }
        },
      })
    // The code of tabs comes a moment later.
    const coming = Promise.withResolvers<Awaited<ReturnType<Load>>>()
    world.after(world.delay(), () => coming.resolve({ openShared }), tab)
    const host = openLate(options, () => coming.promise)
    const asked: Asked[] = []
    const note = (promise: Promise<unknown>): string => {
      const entry: Asked = { id: `${(this.#lastAsked += 1)}`, at: world.now, end: undefined }
      asked.push(entry)
      promise.then(
        () => (entry.end = { at: world.now }),
        (error: Error & { code?: string }) => (entry.end = { at: world.now, error: error.code ?? String(error) }),
      )
      return entry.id
    }
    const opened: OpenTab = {
      tab,
      host,
      store,
      asked,
      send: (body) => {
        const send = async (): Promise<void> => {
          const item = await host.enqueue(channelId, { kind: 'send', clientMessageId: `id of ${body}`, body })
          await host.outcome(item.id)
        }
        note(send())
      },
      request: (kind) => {
        const id = `${this.#lastAsked + 1}`
        note(host.request(kind, { id }))
      },
      read: (isShown) => store.show(tab, channelId, isShown ? [0, 0] : null),
      bodies: () =>
        store
          .getSnapshot()
          .channels.get(channelId)
          ?.messages.map(({ body }) => body) ?? [],
    }
    this.tabs.push(opened)
    return opened
  }

  /** Tabs that are there. */
  get present(): readonly OpenTab[] {
    return this.tabs.filter(({ tab }) => !tab.isGone)
  }

  get leaders(): readonly OpenTab[] {
    return this.present.filter(({ host }) => host.isLeader)
  }
}
