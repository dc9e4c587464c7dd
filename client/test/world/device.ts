import type { Copy } from '../../src/copy/types.ts'
import { ChatError } from '../../src/errors.ts'
import { newItem } from '../../src/outbox/item.ts'
import type { OutboxQueue } from '../../src/outbox/types.ts'
import { applyAll } from '../../src/store/apply.ts'
import type { Change } from '../../src/store/change.ts'
import { emptyState, type OutboxItem, type State } from '../../src/store/state.ts'
import type { Kept } from '../../src/tabs/types.ts'
import { channelId, cursorOf } from './server.ts'
import type { ScriptedTab, World } from './world.ts'

/** The channel that the user is in. */
export const joined: Change = {
  kind: 'joined',
  channel: { id: channelId, revision: 1, firstIndex: 0, membersCount: 1 } as never,
  membership: { id: 'member', channelId, unreadCount: 0, createdAt: '2026-01-01T00:00:00Z' } as never,
  head: -1,
  asOf: null,
}

const { state: emptyCopy } = applyAll(emptyState, [joined, { kind: 'started', channelId, cursor: cursorOf(-1) }])

/** What is on the disk, for all tabs: transactions run one after the other, and take their time. */
export class ScriptedDevice {
  readonly #world: World
  state: State = emptyCopy
  term = 0
  items: OutboxItem[] = []
  /** Nothing more goes into the outbox. */
  isFull = false
  #lastItem = 0
  #devices = 1
  #isRemoved = false

  constructor(world: World) {
    this.#world = world
  }

  /** What a tab has of it from opening to closing. */
  open(tab: ScriptedTab): Kept {
    let term: number | undefined
    let isOpen = true
    const run = <Result>(action: () => Result): Promise<Result> => {
      const { promise, resolve, reject } = Promise.withResolvers<Result>()
      // A transaction that was begun ends also when its tab does not hear of it.
      this.#world.inOrder('device', undefined, () => {
        try {
          if (!isOpen || this.#isRemoved) throw new ChatError('CLOSED', 'the copy is closed')
          const result = action()
          this.#world.after(0, () => resolve(result), tab)
        } catch (error) {
          this.#world.after(0, () => reject(error as Error), tab)
        }
      })
      return promise
    }
    const ofTerm = <Result>(action: () => Result): Promise<Result> =>
      run(() => {
        if (term === this.term) return action()
        throw new ChatError('CONFLICT', 'another tab has the term')
      })
    const deviceId = (): string => `device${this.#devices === 1 ? '' : ` ${this.#devices}`}`
    const copy: Copy = {
      get deviceId() {
        return deviceId()
      },
      takeTerm: () => run(() => (term = this.term += 1)),
      load: () => run(() => this.#changes()),
      readMessages: () => run(() => []),
      write: (changes) => ofTerm(() => void (this.state = applyAll(this.state, changes.filter(isKept)).state)),
      settled: () => ofTerm(() => {}),
      clear: () =>
        ofTerm(() => {
          this.#devices += 1
          this.state = emptyCopy
        }),
      remove: () =>
        run(() => {
          this.#isRemoved = true
          this.items = []
        }),
      close: async () => {
        isOpen = false
      },
    }
    const queue: OutboxQueue = {
      add: (id, action) =>
        run(() => {
          if (this.isFull) throw new ChatError('UNAVAILABLE', 'the device does not keep the local copy')
          const item = { id: (this.#lastItem += 1), ...newItem(id, action, false, this.#world.now) }
          this.items.push(item)
          return item
        }),
      items: () => run(() => [...this.items]),
      update: () => run(() => {}),
      remove: (id) => run(() => void (this.items = this.items.filter((item) => item.id !== id))),
      clear: () => run(() => void (this.items = [])),
    }
    return { copy, queue }
  }

  #changes(): readonly Change[] {
    const { messages, position, intervals } = this.state.channels.get(channelId)!
    return [
      joined,
      { kind: 'messages', channelId, messages, covered: intervals[0] ?? null },
      { kind: 'started', channelId, cursor: position! },
    ]
  }
}

const isKept = ({ kind }: Change): boolean => kind === 'messages' || kind === 'position'
