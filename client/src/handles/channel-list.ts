import type { RequestOptions } from '../graphql/document.ts'
import { ChannelListDocument } from '../graphql/generated/documents.ts'
import { selectChannelList, type ChannelListSnapshot } from '../store/channel-list.ts'
import type { State } from '../store/state.ts'
import { listedChanges } from '../sync/page-changes.ts'
import type { HandleContext } from './context.ts'

const pageSize = 50

/** The channels of the user, as a list shows them. `subscribe` and `getSnapshot` are what frameworks want. */
export class ChannelList {
  readonly #context: HandleContext
  #channels: State['channels'] | undefined
  #listStatus: State['listStatus'] | undefined
  #snapshot: ChannelListSnapshot | undefined
  #loading: Promise<void> | undefined

  constructor(context: HandleContext) {
    this.#context = context
  }

  /** Calls back after each change of the snapshot. Returns the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    let { channels, listStatus } = this.#context.store.getSnapshot()
    return this.#context.store.subscribe(() => {
      const state = this.#context.store.getSnapshot()
      if (state.channels === channels && state.listStatus === listStatus) return
      ;({ channels, listStatus } = state)
      listener()
    })
  }

  /** The list of now: the same object until something of it changes. */
  readonly getSnapshot = (): ChannelListSnapshot => {
    const { store, env } = this.#context
    const state = store.getSnapshot()
    if (!this.#snapshot || state.channels !== this.#channels || state.listStatus !== this.#listStatus) {
      this.#snapshot = selectChannelList(state, env.clock.now())
      this.#channels = state.channels
      this.#listStatus = state.listStatus
    }
    return this.#snapshot
  }

  /** Reads the next 50 channels, unless all were read. A second call while they are read gets the first’s promise. */
  loadMore(options?: RequestOptions): Promise<void> {
    this.#loading ??= this.#read(options).finally(() => (this.#loading = undefined))
    return this.#loading
  }

  async #read(options?: RequestOptions): Promise<void> {
    const { store, host } = this.#context
    const before = store.getSnapshot()
    const { listStatus, listCursor } = before
    if (listStatus === 'complete') return
    const { viewer } = await host.request(ChannelListDocument, { first: pageSize, after: listCursor }, options)
    const { nodes, pageInfo } = viewer!.channels!
    const { hasNextPage, endCursor: cursor } = pageInfo
    host.apply([...listedChanges(nodes, before), { kind: 'list', isComplete: !hasNextPage, cursor }])
  }
}
