import type { Env, PageEvent } from '../../src/env/types.ts'

interface Task {
  readonly at: number
  readonly order: number
  readonly tab: ScriptedTab | undefined
  readonly run: () => void
}

/** A tab of the scripted world. What is to happen in it waits while it is frozen, and never happens once it is gone. */
export class ScriptedTab {
  readonly name: string
  readonly #world: World
  readonly #listeners = new Map<PageEvent, Set<() => void>>()
  readonly #held: (() => void)[] = []
  isFrozen = false
  isGone = false
  isVisible = true
  /** Its channels neither say nor hear anything. */
  isMute = false

  constructor(world: World, name: string) {
    this.#world = world
    this.name = name
  }

  hold(run: () => void): void {
    this.#held.push(run)
  }

  emit(event: PageEvent): void {
    for (const listener of this.#listeners.get(event) ?? []) listener()
  }

  show(isVisible: boolean): void {
    this.isVisible = isVisible
    this.#world.after(0, () => this.emit(isVisible ? 'visible' : 'hidden'), this)
  }

  /** Stops the tab; with the browser's event, or without, as a process that hangs. */
  freeze({ isSaid }: { readonly isSaid: boolean }): void {
    if (isSaid) this.emit('freeze')
    this.isFrozen = true
  }

  thaw(): void {
    if (!this.isFrozen) return
    this.isFrozen = false
    for (const run of this.#held.splice(0)) this.#world.after(0, run, this)
    this.#world.after(0, () => this.emit('resume'), this)
  }

  /** Ends the tab; what the browser holds for it goes. */
  end({ isSaid }: { readonly isSaid: boolean }): void {
    if (isSaid && !this.isFrozen) this.emit('pagehide')
    this.isGone = true
    this.#world.forget(this)
  }

  env(): Env {
    const world = this.#world
    return {
      clock: {
        now: () => world.now,
        after: (milliseconds, callback) => {
          let isWanted = true
          world.after(milliseconds, () => isWanted && callback(), this)
          return () => (isWanted = false)
        },
      },
      random: () => world.random(),
      createId: () => `${this.name}-${(world.lastId += 1)}`,
      page: {
        isOnline: () => true,
        isVisible: () => this.isVisible,
        on: (event, listener) => {
          const listeners = this.#listeners.get(event) ?? new Set()
          this.#listeners.set(event, listeners.add(listener))
          return () => listeners.delete(listener)
        },
      },
      openSocket: () => {
        throw new Error('the engine of this world has no sockets')
      },
      locks: world.locksOf(this),
      openBroadcast: (name) => world.openChannel(this, name),
      databases: undefined,
      tabStorage: undefined,
    }
  }
}

interface Grant {
  readonly tab: ScriptedTab
  readonly hold: () => unknown
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface ScriptedChannel {
  readonly tab: ScriptedTab
  readonly name: string
  onmessage: ((event: { readonly data: unknown }) => void) | null
  postMessage(data: unknown): void
  close(): void
}

/** Time, locks and channels of a browser, driven by hand: nothing arrives at once, and in no other order than a seed says. */
export class World {
  now = 1_000_000
  lastId = 0
  /** As many of the next messages between tabs do not arrive. */
  losses = 0
  readonly random: () => number
  readonly #tasks: Task[] = []
  #lastOrder = 0
  readonly #held = new Map<string, Grant>()
  readonly #queued = new Map<string, Grant[]>()
  readonly #channels = new Set<ScriptedChannel>()
  /** When the last message arrives on each way: messages do not overtake each other. */
  readonly #arrivals = new Map<string, number>()

  constructor(random: () => number) {
    this.random = random
  }

  /** Milliseconds that something takes which is not a timer. */
  delay(most = 8): number {
    return Math.floor(this.random() * most)
  }

  after(milliseconds: number, run: () => void, tab?: ScriptedTab): void {
    this.#tasks.push({ at: this.now + milliseconds, order: (this.#lastOrder += 1), tab, run })
  }

  /** Lets time pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds
    for (;;) {
      await settled()
      const task = this.#tasks.reduce<Task | undefined>(
        (first, candidate) =>
          !first || candidate.at < first.at || (candidate.at === first.at && candidate.order < first.order)
            ? candidate
            : first,
        undefined,
      )
      if (!task || task.at > end) break
      this.#tasks.splice(this.#tasks.indexOf(task), 1)
      this.now = Math.max(this.now, task.at)
      if (task.tab?.isGone) continue
      if (task.tab?.isFrozen) task.tab.hold(task.run)
      else task.run()
    }
    this.now = end
  }

  holder(name: string): ScriptedTab | undefined {
    return this.#held.get(name)?.tab
  }

  forget(tab: ScriptedTab): void {
    for (const channel of this.#channels) if (channel.tab === tab) this.#channels.delete(channel)
    for (const [name, queue] of this.#queued) {
      this.#queued.set(
        name,
        queue.filter((grant) => grant.tab !== tab),
      )
    }
    for (const [name, grant] of this.#held) if (grant.tab === tab) this.#release(name, grant)
  }

  locksOf(tab: ScriptedTab): LockManager {
    const request = (name: string, options: LockOptions, hold: () => unknown): Promise<void> => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const grant: Grant = { tab, hold, resolve, reject }
      const queue = this.#queued.get(name) ?? []
      this.#queued.set(name, queue)
      this.after(
        this.delay(),
        () => {
          if (options.signal?.aborted) return reject(options.signal.reason)
          const robbed = options.steal ? this.#held.get(name) : undefined
          if (robbed) {
            this.after(this.delay(), () => robbed.reject(new DOMException('stolen', 'AbortError')), robbed.tab)
            this.#grant(name, grant)
          } else {
            this.#queued.get(name)!.push(grant)
            this.#next(name)
          }
        },
        tab,
      )
      options.signal?.addEventListener('abort', () => {
        const waiting = this.#queued.get(name)!
        const place = waiting.indexOf(grant)
        if (place >= 0) waiting.splice(place, 1)
        if (place >= 0) reject(options.signal!.reason)
      })
      return promise
    }
    return { request } as unknown as LockManager
  }

  #next(name: string): void {
    const grant = this.#held.has(name) ? undefined : this.#queued.get(name)?.shift()
    if (grant) this.#grant(name, grant)
  }

  #grant(name: string, grant: Grant): void {
    this.#held.set(name, grant)
    const run = async (): Promise<void> => {
      if (this.#held.get(name) !== grant) return
      await grant.hold()
      grant.resolve()
      this.#release(name, grant)
    }
    this.after(this.delay(), () => void run(), grant.tab)
  }

  #release(name: string, grant: Grant): void {
    if (this.#held.get(name) !== grant) return
    this.#held.delete(name)
    this.#next(name)
  }

  openChannel(tab: ScriptedTab, name: string): BroadcastChannel {
    const channel: ScriptedChannel = {
      tab,
      name,
      onmessage: null,
      postMessage: (data) => {
        const copy: unknown = structuredClone(data)
        if (tab.isMute || !this.#channels.has(channel)) return
        for (const other of this.#channels) {
          if (other !== channel && other.name === name && !other.tab.isMute) this.#deliver(channel, other, copy)
        }
      },
      close: () => this.#channels.delete(channel),
    }
    this.#channels.add(channel)
    return channel as unknown as BroadcastChannel
  }

  /** Runs it after a while, but not before what went the same way earlier. */
  inOrder(way: string, tab: ScriptedTab | undefined, run: () => void): void {
    const at = Math.max(this.#arrivals.get(way) ?? 0, this.now + this.delay())
    this.#arrivals.set(way, at)
    this.after(at - this.now, run, tab)
  }

  #deliver(from: ScriptedChannel, to: ScriptedChannel, data: unknown): void {
    if (this.losses > 0) return void (this.losses -= 1)
    this.inOrder(`${from.tab.name}>${to.tab.name}`, to.tab, () => {
      if (this.#channels.has(to)) to.onmessage?.({ data })
    })
  }
}

/** Resolves once everything has run that waits for nothing but promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
