import type { Socket } from 'node:net'
import type { Message, WebSocket as ProtocolSocket } from 'graphql-ws'
import { v7 } from 'uuid'
import type { WebSocket } from 'ws'
import type { App } from '../app.ts'
import { refreshUser } from '../domain/authentication.ts'
import { identityKey } from '../domain/cache.ts'
import type { Sink } from '../domain/group.ts'
import { retryWhileUnavailable } from '../domain/retry.ts'
import type { UserFeed, UserListener } from '../domain/user-feed.ts'
import type { Actor, UserActor } from '../model/actor.ts'
import type { DeviceConnected, UserHint } from '../model/event.ts'
import { isUnavailable } from '../store/engine/fault.ts'
import { closeCodes } from './close-codes.ts'
import { Confirmation } from './confirmation.ts'
import { Connection } from './connection.ts'
import type { Session } from './context.ts'
import type { OpenStream } from './fanout.ts'
import { toByteString, type Frame } from './frame.ts'
import { readMessage } from './protocol-message.ts'

/** How long before a token ends the client is told, in milliseconds. */
const warningMilliseconds = 60_000

/** How long a socket may take to say who is on it, in milliseconds. */
const initMilliseconds = 5000

/** The longest time that a timer can be set to, in milliseconds: about 25 days. Longer ones would fire at once. */
const longestTimer = 2 ** 31 - 1

/**
 * One socket: who is on it, what it subscribes to, and how long it may stay. There is one for each connection, and most wait: what it
 * holds, it holds as few objects.
 */
export class SocketSession implements Session, ProtocolSocket, UserListener {
  readonly connection: Connection
  readonly confirmation: Confirmation
  readonly #app: App
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  /** Ascending with time, so that of two sockets of one device the newer can be told. */
  readonly #id = v7()
  /** A list: most have one, and a set takes four times the memory. */
  #streams: readonly OpenStream[] = []
  #onMessage: (message: Message) => Promise<void> = async () => {}
  #actor: Actor | undefined
  #timer: NodeJS.Timeout | undefined
  #isWarned = false
  #running = 0
  /** Resolves when it has closed; set when it is to be dismissed. */
  #closed: PromiseWithResolvers<void> | undefined
  #isLeaving = false
  /** What the socket had read when it was last asked whether it is there. */
  #bytesRead = -1
  #isClosed = false
  #userFeed: UserFeed | undefined

  constructor(app: App, webSocket: WebSocket, socket: Socket) {
    this.#app = app
    this.#webSocket = webSocket
    this.#socket = socket
    this.confirmation = new Confirmation(app, this)
    this.connection = new Connection(webSocket, socket, app.config.SOCKET_BUFFER_BYTES, this.confirmation)
    this.#timer = setTimeout(() => this.connection.close(closeCodes.initTimeout), initMilliseconds)
  }

  get protocol(): string {
    return this.#webSocket.protocol
  }

  send(message: string): void {
    this.connection.sendText(message)
  }

  close(code = 1000, reason = ''): void {
    this.connection.close({ code, reason })
  }

  /** graphql-ws takes a message that has been parsed as it is, though its type speaks of text alone. */
  onMessage(handle: (message: never) => Promise<void>): void {
    this.#onMessage = handle as (message: Message) => Promise<void>
  }

  onPong(payload: unknown): void {
    this.confirmation.pong(payload)
  }

  /** Resolves when what the message asks for is over, which for a subscription may be never. */
  receive(text: string): Promise<void> | undefined {
    if (this.confirmation.takeEcho(text)) return undefined
    const message = readMessage(text)
    if (message) return this.#onMessage(message)
    this.connection.close(closeCodes.badRequest)
    return undefined
  }

  get actor(): Actor | undefined {
    return this.#actor
  }

  /** The other side has said who it is; what remains is to look at that. */
  onInit(): void {
    clearTimeout(this.#timer)
  }

  begin(actor: Actor): void {
    this.#actor = actor
    if (actor.kind !== 'user' || this.#isClosed) return
    this.#app.presence.connect(actor.userId)
    this.#scheduleExpiry(actor)
    void this.#watchUser(actor)
  }

  /** Who is on it may do less or more than when it came, and may be no user any more. Without the database all stays as it was. */
  async refresh(): Promise<void> {
    const actor = this.#actor
    if (actor?.kind !== 'user') return
    try {
      const refreshed = await refreshUser(this.#app, actor)
      if (this.#actor === actor) this.#actor = refreshed
    } catch (error) {
      if (!isUnavailable(error)) throw error
    }
  }

  /**
   * The feed of its user says when the user is deleted, when what it may do is to be looked up again, and that a device of the user
   * has connected.
   */
  async #watchUser({ userId, deviceId }: UserActor): Promise<void> {
    const { userFeeds, logger } = this.#app
    try {
      const feed = await retryWhileUnavailable(
        () => userFeeds.hold(userId),
        () => !this.#isClosed,
      )
      if (!feed) return
      if (this.#isClosed) {
        userFeeds.release(feed)
        return
      }
      this.#userFeed = feed
      feed.addListener(this)
      if (feed.isOver) this.connection.close(closeCodes.userDeleted)
      if (deviceId === undefined) return
      await feed.listening
      if (!this.#isClosed) this.#tellDevice(feed, deviceId)
    } catch (error) {
      logger.error({ err: error }, 'a user is not watched')
    }
  }

  onUserEvent(event: UserHint): void {
    if (event.type === 'deviceConnected') this.#onDevice(event)
    if (event.type === 'wentBack' && event.isGone) this.connection.close(closeCodes.userDeleted)
    if (event.type !== 'userUpdated' && event.type !== 'userDeleted') return
    this.#app.caches.users.delete(identityKey(event.user))
    if (event.type === 'userDeleted') this.connection.close(closeCodes.userDeleted)
  }

  /** Another socket of the device may have come without hearing of this one, or this one of it. */
  onGap(): void {
    const actor = this.#actor
    if (actor?.kind === 'user' && actor.deviceId !== undefined && !this.#isClosed) {
      this.#tellDevice(this.#userFeed!, actor.deviceId)
    }
  }

  #tellDevice(feed: UserFeed, deviceId: string): void {
    feed.publish({ type: 'deviceConnected', deviceId, sessionId: this.#id })
  }

  /**
   * A device has one live socket: each newer one ends the older, in whichever process that is. Each tells of itself once it listens,
   * and a newer one answers an older that came to listen too late to hear of it.
   */
  #onDevice({ deviceId, sessionId }: DeviceConnected): void {
    const actor = this.#actor
    if (actor?.kind !== 'user' || actor.deviceId !== deviceId || this.#isClosed) return
    if (sessionId > this.#id) this.connection.close(closeCodes.replaced)
    else if (sessionId < this.#id) this.#tellDevice(this.#userFeed!, deviceId)
  }

  renew(actor: UserActor): void {
    // It may have closed while the token was looked at; a timer would hold it until the token ends.
    if (this.#isClosed) return
    this.#actor = actor
    this.#scheduleExpiry(actor)
  }

  #scheduleExpiry(actor: UserActor): void {
    this.#isWarned = false
    this.#awaitExpiry(actor)
  }

  /** A token is over when it is, and no later; it may be renewed, or be one within the tolerance for clocks that differ. */
  #awaitExpiry(actor: UserActor): void {
    const { expiresAt } = actor
    clearTimeout(this.#timer)
    const left = expiresAt - Date.now()
    if (left <= 0) {
      this.connection.close(closeCodes.expired)
      return
    }
    if (!this.#isWarned && left <= warningMilliseconds) {
      this.#isWarned = true
      const payload = { tokenExpiresAt: new Date(expiresAt).toISOString() }
      this.confirmation.onOtherPing()
      this.connection.sendText(JSON.stringify({ type: 'ping', payload }))
    }
    const wait = this.#isWarned ? left : left - warningMilliseconds
    this.#timer = setTimeout(() => this.#awaitExpiry(actor), toTimer(wait))
  }

  /** Where the frames of one operation go. */
  sink(operationId: string): Sink<Frame> {
    return new OperationSink(this.connection, operationId)
  }

  get streams(): readonly OpenStream[] {
    return this.#streams
  }

  addStream(stream: OpenStream): OpenStream {
    this.#streams = [...this.#streams, stream]
    if (this.#isClosed) this.removeStream(stream)
    return stream
  }

  removeStream(stream: OpenStream): void {
    this.#streams = this.#streams.filter((known) => known !== stream)
    stream.close()
  }

  /** Called at a steady pace: who has said nothing since the last time, and not answered either, is gone. */
  beat(): void {
    const { bytesRead } = this.#socket
    if (bytesRead === this.#bytesRead) {
      this.#webSocket.terminate()
      return
    }
    this.#bytesRead = bytesRead
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.ping()
  }

  /** Sends the client away after a while, to connect again elsewhere. */
  async dismiss(milliseconds: number): Promise<void> {
    this.#closed ??= Promise.withResolvers<void>()
    const timer = setTimeout(() => {
      this.#isLeaving = true
      this.#leaveWhenIdle()
    }, milliseconds)
    if (!this.#isClosed) await this.#closed.promise
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
      if (this.#isLeaving) setImmediate(() => this.#leaveWhenIdle())
    }
  }

  #leaveWhenIdle(): void {
    if (this.#running === 0) this.connection.close(closeCodes.restart)
  }

  /** The socket has closed. */
  async end(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#closed?.resolve()
    this.connection.end()
    if (this.#userFeed) {
      this.#userFeed.removeListener(this)
      this.#app.userFeeds.release(this.#userFeed)
    }
    if (this.#actor?.kind === 'user') this.#app.presence.disconnect(this.#actor.userId)
    const streams = this.#streams
    this.#streams = []
    for (const stream of streams) stream.close()
    await this.confirmation.close()
  }
}

/**
 * Whole seconds, and so a little early at first: sockets whose tokens end at different moments of a second share a list of timers,
 * which each would have for itself otherwise.
 */
function toTimer(milliseconds: number): number {
  return milliseconds < 1000 ? milliseconds : Math.min(Math.floor(milliseconds / 1000) * 1000, longestTimer)
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
