import type { Socket } from 'node:net'
import { v7 } from 'uuid'
import type { WebSocket } from 'ws'
import type { App } from '../app.ts'
import { refreshUser } from '../domain/authentication.ts'
import { identityKey } from '../domain/cache.ts'
import type { Sink } from '../domain/group.ts'
import { retryWhileLost } from '../domain/retry.ts'
import type { UserFeed } from '../domain/user-feed.ts'
import { topics, type Unsubscribe } from '../live/bus.ts'
import type { Actor, UserActor } from '../model/actor.ts'
import type { UserEvent } from '../model/event.ts'
import { isConnectionLost } from '../store/db.ts'
import { closeCodes } from './close-codes.ts'
import { Confirmation } from './confirmation.ts'
import { Connection } from './connection.ts'
import type { Session } from './context.ts'
import type { OpenStream } from './fanout.ts'
import { toByteString, type Frame } from './frame.ts'

/** How long before a token ends the client is told, in milliseconds. */
const warningMilliseconds = 60_000

/** The longest time that a timer can be set to, in milliseconds: about 25 days. Longer ones would fire at once. */
const longestTimer = 2 ** 31 - 1

interface DeviceHint {
  readonly deviceId: string
  readonly sessionId: string
}

/** One socket: who is on it, what it subscribes to, and how long it may stay. */
export class SocketSession implements Session {
  readonly connection: Connection
  readonly confirmation: Confirmation
  readonly #app: App
  readonly #webSocket: WebSocket
  /** Ascending with time, so that of two sockets of one device the newer can be told. */
  readonly #id = v7()
  readonly #streams = new Set<OpenStream>()
  readonly #closed: Promise<void>
  #actor: Actor | undefined
  #expiry: NodeJS.Timeout | undefined
  #warning: NodeJS.Timeout | undefined
  #running = 0
  #isDismissed = false
  #isAlive = true
  #isClosed = false
  #stopWatching: Unsubscribe | undefined
  #userFeed: UserFeed | undefined

  constructor(app: App, webSocket: WebSocket, socket: Socket) {
    this.#app = app
    this.#webSocket = webSocket
    this.confirmation = new Confirmation(app, this.#streams, (message) => this.connection.sendText(message))
    this.connection = new Connection(webSocket, socket, app.config.SOCKET_BUFFER_BYTES, () => this.confirmation.rider())
    this.#closed = new Promise((resolve) => webSocket.once('close', () => resolve()))
    webSocket.on('pong', () => {
      this.#isAlive = true
    })
  }

  get actor(): Actor | undefined {
    return this.#actor
  }

  begin(actor: Actor): void {
    this.#actor = actor
    if (actor.kind !== 'user' || this.#isClosed) return
    this.#app.presence.connect(actor.userId)
    this.#scheduleExpiry(actor)
    void this.#watchUser(actor)
    if (actor.deviceId !== undefined) this.#takeOver(actor.userId, actor.deviceId)
  }

  /** Who is on it may do less or more than when it came, and may be no user any more. Without the database all stays as it was. */
  async refresh(): Promise<void> {
    const actor = this.#actor
    if (actor?.kind !== 'user') return
    try {
      const refreshed = await refreshUser(this.#app, actor)
      if (this.#actor === actor) this.#actor = refreshed
    } catch (error) {
      if (!isConnectionLost(error)) throw error
    }
  }

  /** The feed of its user says when the user is deleted, and when what it may do is to be looked up again. */
  async #watchUser({ userId }: UserActor): Promise<void> {
    const { userFeeds, logger } = this.#app
    try {
      const feed = await retryWhileLost(
        () => userFeeds.hold(userId),
        () => !this.#isClosed,
      )
      if (!feed) return
      if (this.#isClosed) {
        userFeeds.release(feed)
        return
      }
      this.#userFeed = feed
      feed.listeners.add(this.#onUserEvent)
      if (feed.isOver) this.connection.close(closeCodes.userDeleted)
    } catch (error) {
      logger.error({ err: error }, 'a user is not watched')
    }
  }

  readonly #onUserEvent = (event: UserEvent): void => {
    if (event.type !== 'userUpdated' && event.type !== 'userDeleted') return
    this.#app.caches.users.delete(identityKey(event.user))
    if (event.type === 'userDeleted') this.connection.close(closeCodes.userDeleted)
  }

  renew(actor: UserActor): void {
    // It may have closed while the token was looked at; a timer would hold it until the token ends.
    if (this.#isClosed) return
    this.#actor = actor
    this.#scheduleExpiry(actor)
  }

  #scheduleExpiry({ expiresAt }: UserActor): void {
    clearTimeout(this.#expiry)
    clearTimeout(this.#warning)
    // Negative is one within the tolerance for clocks that differ.
    const left = Math.min(Math.max(expiresAt - Date.now(), 0), longestTimer)
    this.#expiry = setTimeout(() => this.connection.close(closeCodes.expired), left)
    this.#warning = setTimeout(
      () =>
        this.connection.sendText(
          JSON.stringify({ type: 'ping', payload: { tokenExpiresAt: new Date(expiresAt).toISOString() } }),
        ),
      Math.max(left - warningMilliseconds, 0),
    )
  }

  /**
   * A device has one live socket: each newer one ends the older, in whichever process that is. Each tells of itself once it listens,
   * and a newer one answers an older that came to listen too late to hear of it.
   */
  #takeOver(userId: string, deviceId: string): void {
    const { bus, logger } = this.#app
    const topic = topics.devices(userId)
    const tell = (): void => bus.publish(topic, { deviceId, sessionId: this.#id } satisfies DeviceHint)
    const onHint = (hint: unknown): void => {
      const other = hint as DeviceHint
      if (other.deviceId !== deviceId || this.#isClosed) return
      if (other.sessionId > this.#id) this.connection.close(closeCodes.replaced)
      else if (other.sessionId < this.#id) tell()
    }
    bus.subscribe(topic, onHint).then(
      (unsubscribe) => {
        if (this.#isClosed) {
          unsubscribe()
          return
        }
        this.#stopWatching = unsubscribe
        tell()
      },
      (error: unknown) => logger.warn({ err: error }, 'a device is not watched'),
    )
  }

  /** Where the frames of one operation go. */
  sink(operationId: string): Sink<Frame> {
    return new OperationSink(this.connection, operationId)
  }

  get streamCount(): number {
    return this.#streams.size
  }

  addStream(stream: OpenStream): OpenStream {
    this.#streams.add(stream)
    if (this.#isClosed) this.removeStream(stream)
    return stream
  }

  removeStream(stream: OpenStream): void {
    this.#streams.delete(stream)
    stream.close()
  }

  /** Called at a steady pace: who has not answered since the last time is gone. */
  beat(): void {
    if (!this.#isAlive) {
      this.#webSocket.terminate()
      return
    }
    this.#isAlive = false
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.ping()
  }

  /** Sends the client away after a while, to connect again elsewhere. */
  async dismiss(milliseconds: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#isDismissed = true
      this.#leaveWhenIdle()
    }, milliseconds)
    await this.#closed
    clearTimeout(timer)
  }

  /** Runs a query or mutation to its end: a socket that is to be dismissed stays until the answer is written. */
  async run<Result>(operation: () => Promise<Result>): Promise<Result> {
    this.#running++
    try {
      return await operation()
    } finally {
      this.#running--
      // The answer is written in the turn after this one.
      if (this.#isDismissed) setImmediate(() => this.#leaveWhenIdle())
    }
  }

  #leaveWhenIdle(): void {
    if (this.#running === 0) this.connection.close(closeCodes.restart)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#expiry)
    clearTimeout(this.#warning)
    this.#stopWatching?.()
    if (this.#userFeed) {
      this.#userFeed.listeners.delete(this.#onUserEvent)
      this.#app.userFeeds.release(this.#userFeed)
    }
    if (this.#actor?.kind === 'user') this.#app.presence.disconnect(this.#actor.userId)
    for (const stream of this.#streams) stream.close()
    this.#streams.clear()
    await this.confirmation.close()
  }
}

class OperationSink implements Sink<Frame> {
  readonly #connection: Connection
  readonly #prefix: string

  constructor(connection: Connection, operationId: string) {
    this.#connection = connection
    this.#prefix = toByteString(`{"id":${JSON.stringify(operationId)},"type":"next","payload":`)
  }

  write(frame: Frame): void {
    this.#connection.sendShared(this.#prefix, frame)
  }

  drained(): Promise<void> | undefined {
    return this.#connection.drained()
  }
}
