import { memoryCopy } from '../../src/copy/memory.ts'
import { Log } from '../../src/log.ts'
import { memoryQueue } from '../../src/outbox/memory.ts'
import { Unwritten } from '../../src/outbox/unwritten.ts'
import { Store } from '../../src/store/store.ts'
import { TabHost } from '../../src/tabs/host.ts'
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
  readonly host: TabHost
  readonly store: Store
  readonly asked: Asked[]
  /** Puts a message into the outbox. */
  send(body: string): void
  request(kind: 'query' | 'mutation'): void
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
    const host = new TabHost({
      env,
      store,
      log: new Log(env.clock.now),
      name: 'alice',
      unwritten: new Unwritten(env, ['alice']),
      createEngine: (options) => new ScriptedEngine({ ...options, world, tab, server, store }),
      openKept: () => device.open(tab),
      openMemory: (items) => {
        store.apply([joined, { kind: 'started', channelId, cursor: cursorOf(-1) }])
        return { copy: memoryCopy(env.createId), queue: memoryQueue(env.clock.now, items) }
      },
    })
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
