import { topics, type Unsubscribe } from '../../live/bus.ts'
import type { Actor } from '../../model/actor.ts'
import { ChatError, notFound } from '../../model/error.ts'
import { readPresenceHint } from '../../model/hint.ts'
import type { ServiceId } from '../../model/sid.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import { requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import type { Sink } from '../realtime/group.ts'
import { retryWhileUnavailable } from '../retry.ts'
import type { Lease } from '../share.ts'
import { checkIdentities, findPresence, type UserPresence } from './user-presence.ts'

/** Changes within this time are delivered together, in milliseconds. */
const rollUpMilliseconds = 1000

/** How often everything is read again, in milliseconds: for hints that were lost, processes that died, and who may be seen. */
const pollMilliseconds = 30_000

export interface PresenceStreamOptions<Frame> {
  readonly identities: readonly string[]
  render(changes: readonly UserPresence[]): Frame | Promise<Frame>
  readonly sink: Sink<Frame>
  /** Ends with the stream. */
  readonly lease: Lease | undefined
  /** The stream is over; `reason` says why it could not go on. */
  readonly onEnd: (reason: ChatError) => void
}

/** An open subscription to the presence of some users: first what is now, then what has changed, at most once a second. */
export class PresenceStream<Frame> {
  readonly #app: App
  readonly #actor: Actor
  readonly #options: PresenceStreamOptions<Frame>
  readonly #identities: ReadonlySet<string>
  /** What was delivered last of each user. */
  readonly #delivered = new Map<string, string>()
  /** Identities to be read again. */
  #changed = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #poll: NodeJS.Timeout | undefined
  #isReading = false
  #isClosed = false
  #serviceId: ServiceId | undefined
  #unsubscribe: Unsubscribe[] = []

  private constructor(app: App, actor: Actor, options: PresenceStreamOptions<Frame>) {
    this.#app = app
    this.#actor = actor
    this.#options = options
    this.#identities = new Set(options.identities)
  }

  static async open<Frame>(
    app: App,
    actor: Actor,
    options: PresenceStreamOptions<Frame>,
  ): Promise<PresenceStream<Frame>> {
    checkIdentities(options.identities)
    const { id } = await requireService(app, actor, undefined)
    const stream = new PresenceStream(app, actor, options)
    await stream.#start(id)
    return stream
  }

  /** Streams of presence move no delivery position. */
  subscribers(): [] {
    return []
  }

  async #start(serviceId: ServiceId): Promise<void> {
    const { bus, deletionWatch } = this.#app
    this.#unsubscribe.push(
      await bus.subscribe(topics.presence(serviceId), (payload) => this.#onHint(payload)),
      bus.onGap(() => this.#readAll()),
    )
    this.#serviceId = serviceId
    deletionWatch.watch(serviceId, this)
    this.#poll = setInterval(() => this.#readAll(), pollMilliseconds)
    this.#poll.unref()
    this.#changed = new Set(this.#identities)
    // The first event comes in any case.
    void this.#read(true)
  }

  onDeleted(): void {
    this.#end(notFound('the service', 50050))
  }

  #onHint(payload: unknown): void {
    const identity = readPresenceHint(payload)?.identity
    if (identity === undefined || !this.#identities.has(identity)) return
    this.#changed.add(identity)
    this.#schedule()
  }

  #readAll(): void {
    for (const identity of this.#identities) this.#changed.add(identity)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isClosed || this.#isReading) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      void this.#read(false)
    }, rollUpMilliseconds).unref()
  }

  async #read(isFirst: boolean): Promise<void> {
    this.#isReading = true
    const identities = [...this.#changed]
    this.#changed.clear()
    try {
      const read = () => findPresence(this.#app, this.#actor, identities)
      const found = isFirst ? await retryWhileUnavailable(read, () => !this.#isClosed) : await read()
      const changes = (found ?? []).filter((presence) => this.#isNew(presence))
      if ((isFirst || changes.length > 0) && !this.#isClosed) await this.#write(changes)
    } catch (error) {
      if (isUnavailable(error)) for (const identity of identities) this.#changed.add(identity)
      else this.#fail(error)
    } finally {
      this.#isReading = false
      if (this.#changed.size > 0) this.#schedule()
    }
  }

  /** Remembers it. While a user is online, the time at which it was seen moves on without an event. */
  #isNew({ identity, isOnline, lastSeenAt }: UserPresence): boolean {
    const state = isOnline ? 'online' : `${isOnline} ${lastSeenAt?.getTime()}`
    if (this.#delivered.get(identity) === state) return false
    this.#delivered.set(identity, state)
    return true
  }

  async #write(changes: readonly UserPresence[]): Promise<void> {
    const { render, sink } = this.#options
    const frame = await render(changes)
    for (let full = sink.drained(); full; full = sink.drained()) await full
    if (!this.#isClosed) sink.write(frame)
  }

  #fail(error: unknown): void {
    if (!(error instanceof ChatError)) this.#app.logger.error({ err: error }, 'a subscription to presence failed')
    this.#end(error instanceof ChatError ? error : new ChatError('UNAVAILABLE', 'the subscription failed'))
  }

  #end(reason: ChatError): void {
    if (this.#isClosed) return
    this.close()
    this.#options.onEnd(reason)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#timer)
    clearInterval(this.#poll)
    this.#options.lease?.end()
    if (this.#serviceId !== undefined) this.#app.deletionWatch.unwatch(this.#serviceId, this)
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
  }
}
