import type { Env } from '../env/types.ts'
import type { Store } from '../store/store.ts'
import type { Message } from './protocol.ts'

/** Of more channels the ones that were opened last are said. */
const maxChannels = 20
/** Tabs of which the leader remembers what they show. */
const maxTabs = 100
/** Only visible tabs repeat it, and their timers are not slow. */
const repeatMilliseconds = 10_000
/** A tab that ended without a word keeps notifications back for as long. */
const leaseMilliseconds = 30_000

interface Tab {
  readonly env: Pick<Env, 'clock' | 'page'>
  readonly store: Store
}

/** The channels that can be seen in this tab. */
export const seenIn = ({ env, store }: Tab): ReadonlySet<string> =>
  env.page.isVisible() ? store.shownChannelIds() : new Set()

/** Says to the leader which channels can be seen in this tab (T12). */
export class SeenHere {
  readonly #tab: Tab
  readonly #post: (message: Message) => void
  readonly #stops: readonly (() => void)[]
  #said: readonly string[] = []
  #cancel: (() => void) | undefined

  constructor(tab: Tab, post: (message: Message) => void) {
    this.#tab = tab
    this.#post = post
    const { page } = tab.env
    const look = (): void => {
      if (this.#now().join() !== this.#said.join()) this.say()
    }
    this.#stops = [page.on('visible', look), page.on('hidden', look), tab.store.watchShown(look)]
  }

  /** To a leader that may not know it. */
  say(): void {
    const channelIds = this.#now()
    this.#cancel?.()
    if (channelIds.length + this.#said.length > 0) this.#post({ kind: 'seen', channelIds })
    this.#said = channelIds
    if (channelIds.length > 0) this.#cancel = this.#tab.env.clock.after(repeatMilliseconds, () => this.say())
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    this.#cancel?.()
    if (this.#said.length > 0) this.#post({ kind: 'seen', channelIds: [] })
  }

  #now(): readonly string[] {
    return [...seenIn(this.#tab)].slice(-maxChannels)
  }
}

/** What followers have said that can be seen in them. */
export class SeenElsewhere {
  readonly #clock: Env['clock']
  readonly #tabs = new Map<string, { readonly channelIds: readonly string[]; readonly cancel: () => void }>()

  constructor(clock: Env['clock']) {
    this.#clock = clock
  }

  add(channelIds: readonly string[], from: string): void {
    this.#tabs.get(from)?.cancel()
    this.#tabs.delete(from)
    if (channelIds.length === 0 || this.#tabs.size >= maxTabs) return
    const cancel = this.#clock.after(leaseMilliseconds, () => this.#tabs.delete(from))
    this.#tabs.set(from, { channelIds, cancel })
  }

  has(channelId: string): boolean {
    return [...this.#tabs.values()].some(({ channelIds }) => channelIds.includes(channelId))
  }
}
