import { ChatError, closed } from '../errors.ts'
import type { Document, RequestOptions } from '../graphql/document.ts'
import type { Outcome } from '../outbox/types.ts'
import type { Change } from '../store/change.ts'
import { isCovered } from '../store/intervals.ts'
import { maxItemAge } from '../store/outbox-item.ts'
import type { ChannelState, OutboxAction, OutboxItem } from '../store/state.ts'
import { Calls, type Call } from './calls.ts'
import { ExpectedOutcomes } from './expected.ts'
import { toFailure } from './protocol.ts'
import { Replacements } from './replacements.ts'
import { seenIn } from './seen.ts'
import { Subscriptions } from './subscriptions.ts'
import type { Host, HostOptions, Kept, Means } from './types.ts'
import { Visit } from './visit.ts'

/** One tab of a user, in a browser that has what tabs share. What was asked of it outlives leaders. */
export class TabHost implements Host {
  readonly #options: HostOptions
  readonly #self: string
  readonly #calls: Calls
  readonly #outcomes = new ExpectedOutcomes()
  readonly #subscriptions: Subscriptions
  readonly #replacements: Replacements
  readonly #listeners: readonly (() => void)[]
  #kept: Kept
  #visit: Visit | undefined
  /** Undefined once this tab shares nothing (T4). */
  #means: Means | undefined
  #isWanted = true
  #isClosed = false

  constructor(options: HostOptions) {
    this.#options = options
    const { env, openKept } = options
    const { locks, openBroadcast, page } = env
    this.#self = env.createId()
    this.#means = { locks: locks!, openBroadcast: openBroadcast! }
    this.#kept = openKept()
    this.#subscriptions = new Subscriptions(env.clock)
    this.#replacements = new Replacements(env)
    this.#calls = new Calls({
      ...env,
      run: (call) => this.#run(call),
      onAbort: (id) => this.#visit?.leader ?? this.#visit?.post({ kind: 'abort', id }),
    })
    const [leave, rejoin] = [() => this.#leave(), () => this.#rejoin()]
    this.#listeners = [
      page.on('freeze', leave),
      page.on('pagehide', leave),
      page.on('resume', rejoin),
      page.on('pageshow', rejoin),
    ]
    this.#visit = this.#join()
    void this.#writeLeft()
  }

  get isLeader(): boolean {
    return this.#visit?.leader !== undefined
  }

  isSeen(channelId: string): boolean {
    return seenIn(this.#options).has(channelId) || this.#visit?.leader?.seen.has(channelId) === true
  }

  request<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    { signal }: RequestOptions = {},
  ): Promise<Result> {
    return this.#calls.make('request', [document, variables], signal) as Promise<Result>
  }

  subscribe<Result, Variables>(
    document: Document<Result, Variables>,
    variables: Variables,
    next: (result: Result) => void,
    onError: (error: ChatError) => void = (error) => this.#options.log.write('warn', 'a subscription ended', error),
  ): () => void {
    return this.#subscriptions.add(document, variables, next, onError)
  }

  apply(changes: readonly Change[]): void {
    const leader = this.#visit?.leader
    if (leader) return leader.engine.apply(changes)
    // Who reads wants to see at once; the others hear of it from the leader.
    this.#options.store.apply(changes)
    this.#visit?.post({ kind: 'apply', changes })
  }

  async readKept(channelId: string, from: number, to: number): Promise<void> {
    const { store, log } = this.#options
    const stateOf = (): ChannelState | undefined => store.getSnapshot().channels.get(channelId)
    const before = stateOf()
    try {
      const changes = await this.#kept.copy.readMessages(channelId, from, to)
      const now = stateOf()
      // What was dropped meanwhile, at a gap or as the user left, is not to come back.
      const isSame = before?.membership.id === now?.membership.id
      if (isSame && before?.intervals.every((each) => isCovered(now!.intervals, each))) store.apply(changes)
    } catch (error) {
      log.write('warn', 'the local copy was not read', error)
    }
  }

  async enqueue(channelId: string, action: OutboxAction): Promise<OutboxItem> {
    if (this.#isClosed) throw closed()
    const leader = this.#visit?.leader
    const kept = this.#kept
    let item: OutboxItem
    try {
      item = await (leader ? leader.engine.enqueue(channelId, action) : kept.queue.add(channelId, action))
    } catch (error) {
      const isNotKept = error instanceof ChatError && error.code === 'UNAVAILABLE'
      if (isNotKept && this.#means && kept === this.#kept) this.#goAlone('the device does not keep what is sent', error)
      if (kept === this.#kept) throw error
      // What the device did not take waits in memory (T4).
      return this.enqueue(channelId, action)
    }
    this.#outcomes.expect(item)
    if (leader && leader === this.#visit?.leader) return item
    // Meanwhile this tab may lead, or another.
    void this.#visit?.leader?.refreshOutbox()
    this.#visit?.follower?.added(item)
    this.#visit?.ask()
    return item
  }

  /** What an earlier page of this tab had not yet written when it ended. Doing it again is the same as doing it once, wherever it had got. */
  async #writeLeft(): Promise<void> {
    const { unwritten, log, env } = this.#options
    for (const note of unwritten.left) {
      const { channelId, action, createdAt } = note
      try {
        const items = await this.#kept.queue.items()
        const isSame = (item: OutboxItem): boolean => JSON.stringify(item.action) === JSON.stringify(action)
        const isLate = createdAt + maxItemAge <= env.clock.now()
        if (!isLate && !items.some(isSame)) await this.enqueue(channelId, action)
        unwritten.forget(note)
      } catch (error) {
        log.write('warn', 'what an earlier page sent is not in the outbox', error)
      }
    }
  }

  async retry(id: number): Promise<void> {
    this.#outcomes.forget(id)
    await this.#calls.make('retry', [id])
  }

  async discard(id: number): Promise<void> {
    await this.#calls.make('discard', [id])
  }

  outcome(id: number): Promise<unknown> {
    return this.#outcomes.of(id)
  }

  connect(): void {
    this.#want(true)
  }

  disconnect(): void {
    this.#want(false)
  }

  async signOut(): Promise<void> {
    this.#visit?.post({ kind: 'signedOut' })
    this.#visit?.stop()
    try {
      await this.#kept.copy.remove()
    } finally {
      await this.close()
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const remove of this.#listeners) remove()
    this.#visit?.end()
    this.#visit = undefined
    this.#calls.close()
    this.#outcomes.close()
    this.#options.store.apply([{ kind: 'connection', connection: { status: 'closed' } }])
    await this.#kept.copy.close()
  }

  #join(): Visit {
    return new Visit({
      ...this.#options,
      kept: this.#kept,
      means: this.#means,
      self: this.#self,
      calls: this.#calls,
      outcomes: this.#outcomes,
      subscriptions: this.#subscriptions,
      replacements: this.#replacements,
      isWanted: () => this.#isWanted,
      setWanted: (isWanted) => this.#setWanted(isWanted),
      onLevel: () => this.#recover(),
      onAlone: (reason, error) => this.#goAlone(reason, error),
      onSignedOut: () => {
        this.#options.unwritten.clear()
        void this.close()
      },
    })
  }

  /** A socket, a lock, a channel or a database that is open keeps a page out of the back-forward cache, or what waits for it from others. */
  #leave(): void {
    if (!this.#means) return this.#visit?.leader?.engine.disconnect()
    this.#visit?.end()
    this.#visit = undefined
    this.#calls.leave()
    void this.#kept.copy.close()
  }

  #rejoin(): void {
    if (!this.#means) {
      if (this.#isWanted) this.#visit?.leader?.engine.connect()
    } else if (!this.#visit) {
      this.#kept = this.#options.openKept()
      this.#visit = this.#join()
    }
  }

  #goAlone(reason: string, error: unknown): void {
    const { log, store, openMemory } = this.#options
    log.write('warn', `this tab goes on alone: ${reason}`, error)
    this.#leave()
    this.#means = undefined
    store.apply([{ kind: 'kept', isKept: false }])
    this.#kept = openMemory(this.#outcomes.expected())
    this.#outcomes.forgetAll()
    this.#visit = this.#join()
  }

  #run({ id, method, args, signal }: Call): void {
    const visit = this.#visit
    const leader = visit?.leader
    if (!leader) {
      visit?.post({ kind: 'call', id, at: this.#options.env.clock.now(), method, args })
      return visit?.ask()
    }
    if (!leader.isReady) return
    this.#calls.accepted(id)
    const settle = (outcome: Outcome): void => {
      if (this.#visit?.leader === leader) this.#calls.settle(id, outcome)
    }
    leader.perform(method, args, signal).then(
      (payload) => settle({ payload }),
      (error: unknown) => settle(toFailure(error)),
    )
  }

  #want(isWanted: boolean): void {
    this.#setWanted(isWanted)
    this.#visit?.post({ kind: 'wanted', isWanted })
    this.#visit?.ask()
  }

  #setWanted(isWanted: boolean): void {
    this.#isWanted = isWanted
    const leader = this.#visit?.leader
    if (!leader?.isReady) return
    if (isWanted) leader.engine.connect()
    else leader.engine.disconnect()
  }

  /** A leader that went away took out items of this tab and did not say what became of them. A send that is repeated is not done twice. */
  #recover(): void {
    const { outbox, channels } = this.#options.store.getSnapshot()
    for (const { id, channelId, action } of this.#outcomes.lost(outbox)) {
      const messages = channels.get(channelId)?.messages ?? []
      const payload = messages.find((message) =>
        action.kind === 'send' ? message.clientMessageId === action.clientMessageId : message.id === action.messageId,
      )
      if (payload || action.kind !== 'send') this.#outcomes.settle(id, { payload })
      else void this.#repeat(id, channelId, action)
    }
  }

  async #repeat(id: number, channelId: string, action: OutboxAction): Promise<void> {
    try {
      const again = await this.enqueue(channelId, action)
      this.#outcomes.settle(id, { payload: await this.outcome(again.id) })
    } catch (error) {
      this.#outcomes.settle(id, toFailure(error))
    }
  }
}
