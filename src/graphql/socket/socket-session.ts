import type { Socket } from 'node:net'
import type { Message, WebSocket as ProtocolSocket } from 'graphql-ws'
import type { WebSocket } from 'ws'
import { openLimits } from '../../domain/access/rate-limits.ts'
import type { App } from '../../domain/app.ts'
import { CallerSession, type SessionEnd } from '../../domain/realtime/caller-session.ts'
import type { ConnectionState, OpenConnection } from '../../domain/realtime/connections.ts'
import type { Sink } from '../../domain/realtime/group.ts'
import type { UserFeed } from '../../domain/realtime/user-feed.ts'
import type { Lease, Share } from '../../domain/share.ts'
import type { Actor } from '../../model/actor.ts'
import type { DeviceConnected, UserHint } from '../../model/event.ts'
import type { Session } from '../schema/context.ts'
import { toByteString, type Frame } from '../subscriptions/frame.ts'
import type { OpenStream } from '../subscriptions/open-subscription.ts'
import { closeCodes } from './close-codes.ts'
import { Confirmation } from './confirmation.ts'
import { Connection, type SocketFigures } from './connection.ts'
import { readMessage } from './protocol-message.ts'

/** How long a client may take to send `connection_init`, in milliseconds. */
const initMilliseconds = 5000

/** How long a socket that is sent elsewhere waits for its client to confirm what it has received, in milliseconds. */
const confirmMilliseconds = 500

/** The time that answering a ping frame takes, in milliseconds. */
const pingMilliseconds = 0.02

/** One socket: its caller, its subscriptions, and how long it may stay. Most sockets are idle, so it holds few objects to save memory. */
export class SocketSession extends CallerSession implements Session, ProtocolSocket, OpenConnection {
  readonly connection: Connection
  readonly confirmation: Confirmation
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  /** Behind trusted proxies the client's address; else the socket knows it. */
  readonly #address: string | undefined
  /** A list: most have one, and a set takes four times the memory. */
  #streams: readonly OpenStream[] = []
  #onMessage: (message: Message) => Promise<void> = async () => {}
  readonly #initTimer: NodeJS.Timeout
  #running = 0
  /** Resolves when the socket has closed; set while it drains. */
  #closed: PromiseWithResolvers<void> | undefined
  #isLeaving = false
  #confirms = false
  /** The bytes read at the last heartbeat. */
  #bytesRead = -1
  /** A newer socket of its device has taken over. */
  #isReplaced = false
  #isAnswering = false
  /** The length of the message that is being read. */
  characters = 0
  #lease: Lease | undefined
  /** One for each subscription that is being opened. */
  #openings: Set<AbortController> | undefined

  constructor(app: App, webSocket: WebSocket, socket: Socket, figures: SocketFigures, address?: string) {
    super(app)
    this.#address = address
    this.#webSocket = webSocket
    this.#socket = socket
    this.confirmation = new Confirmation(app, this)
    const { SOCKET_BUFFER_BYTES: bytes } = app.config
    this.connection = new Connection(webSocket, socket, bytes, this.confirmation, figures)
    this.#initTimer = setTimeout(() => this.connection.close(closeCodes.initTimeout), initMilliseconds)
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

  /** graphql-ws accepts a parsed message, though its type names only text. */
  onMessage(handle: (message: never) => Promise<void>): void {
    this.#onMessage = handle as (message: Message) => Promise<void>
  }

  onPong(payload: unknown): void {
    this.confirmation.onPong(payload)
  }

  /** Resolves when the operation of the message is over; for a subscription that may take hours. */
  receive(text: string): Promise<void> | undefined {
    // Not counted: there is at most one for each ping.
    if (this.confirmation.confirmEcho(text)) return undefined
    const share = this.#share
    if (!share) return this.#read(text)
    try {
      return share.measure(() => this.#read(text))
    } finally {
      this.#pauseWhenFlooded(share)
    }
  }

  /** ws has answered the ping, however much is waiting to be sent. */
  onPingFrame(): void {
    this.connection.closeIfTooSlow()
    const share = this.#share
    share?.add(pingMilliseconds)
    if (share) this.#pauseWhenFlooded(share)
  }

  /** Undefined before the caller is known. */
  get #share(): Share | undefined {
    return this.actor && this.app.shares.of(this.actor)
  }

  /** Even refusing what a flooding client sends would cost more than its share. */
  #pauseWhenFlooded(share: Share): void {
    if (!share.isFlooded || this.#webSocket.isPaused || this.isClosed) return
    this.#webSocket.pause()
    share.resumeLater(() => this.#webSocket.resume())
  }

  #read(text: string): Promise<void> | undefined {
    this.characters = text.length
    const message = readMessage(text)
    // It is not answered, so the client runs it again when it is connected elsewhere.
    if (this.#isLeaving && message?.type === 'subscribe') return undefined
    if (message) return this.#onMessage(message)
    this.connection.close(closeCodes.badRequest)
    return undefined
  }

  /** `connection_init` has arrived. */
  onInit(): void {
    clearTimeout(this.#initTimer)
  }

  /** Counts this socket for its user. Answers whether the user may have one more. */
  async admit(actor: Actor): Promise<boolean> {
    if (actor.kind !== 'user') return true
    const { sockets } = await openLimits(this.app, actor)
    if (this.isClosed) return true
    this.#lease = this.app.shares.of(actor)!.openSocket(actor.deviceId, sockets)
    return this.#lease !== undefined
  }

  override begin(actor: Actor): void {
    if (actor.kind === 'user' && !this.isClosed) this.app.presence.connect(actor)
    super.begin(actor)
  }

  protected override onOver(end: SessionEnd): void {
    this.connection.close(closeCodes[end])
  }

  protected override onExpiring(expiresAt: number): void {
    const payload = { tokenExpiresAt: new Date(expiresAt).toISOString() }
    this.confirmation.onOtherPing()
    this.connection.sendText(JSON.stringify({ type: 'ping', payload }))
  }

  protected override onListening(feed: UserFeed): void {
    const { actor } = this
    if (actor?.kind === 'user' && actor.deviceId !== undefined) this.#announceDevice(feed, actor.deviceId)
  }

  override onUserEvent(event: UserHint): void {
    if (event.type === 'deviceConnected') this.#onDevice(event)
    super.onUserEvent(event)
  }

  /** A newer socket of the device and this one may not know of each other. */
  onGap(): void {
    if (this.userFeed && !this.isClosed) this.onListening(this.userFeed)
  }

  #announceDevice(feed: UserFeed, deviceId: string): void {
    feed.publish({ type: 'deviceConnected', deviceId, sessionId: this.connectionId })
  }

  /**
   * A device has one live socket: a newer one ends the older, in any process. Each announces itself once it listens; a newer one answers an
   * older one that began to listen too late.
   */
  #onDevice({ deviceId, sessionId }: DeviceConnected): void {
    const { actor } = this
    if (actor?.kind !== 'user' || actor.deviceId !== deviceId || this.isClosed || this.#isReplaced) return
    if (sessionId > this.connectionId) {
      this.#isReplaced = true
      this.connection.close(closeCodes.replaced)
    } else if (sessionId < this.connectionId) this.#answerOlder(deviceId)
  }

  /** Answers once per turn, and never when replaced: otherwise the answers of fifty sockets would answer each other, 2^50 times. */
  #answerOlder(deviceId: string): void {
    if (this.#isAnswering) return
    this.#isAnswering = true
    setImmediate(() => {
      this.#isAnswering = false
      if (!this.isClosed && !this.#isReplaced) this.#announceDevice(this.userFeed!, deviceId)
    })
  }

  /** Where the frames of one operation go. */
  sink(operationId: string): Sink<Frame> {
    return new OperationSink(this.connection, operationId)
  }

  get streams(): readonly OpenStream[] {
    return this.#streams
  }

  /** With a signal for that the socket has closed meanwhile. Most only wait, and need none. */
  async whileHere<Result>(opening: (gone: AbortSignal) => Promise<Result>): Promise<Result> {
    if (this.isClosed) return opening(AbortSignal.abort())
    const gone = new AbortController()
    this.#openings ??= new Set()
    this.#openings.add(gone)
    try {
      return await opening(gone.signal)
    } finally {
      this.#openings?.delete(gone)
      if (this.#openings?.size === 0) this.#openings = undefined
    }
  }

  addStream(stream: OpenStream): OpenStream {
    this.#streams = [...this.#streams, stream]
    if (this.isClosed) this.removeStream(stream)
    return stream
  }

  removeStream(stream: OpenStream): void {
    this.#streams = this.#streams.filter((known) => known !== stream)
    stream.close()
  }

  /** Called at a steady pace. Ends a socket that has sent nothing since the last time, not even a pong. */
  heartbeat(): void {
    const { bytesRead } = this.#socket
    if (bytesRead === this.#bytesRead && !this.#webSocket.isPaused) {
      this.#webSocket.terminate()
      return
    }
    this.#bytesRead = bytesRead
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.ping()
  }

  describe(): ConnectionState {
    return {
      protocol: 'websocket',
      address: this.#address ?? this.#socket.remoteAddress ?? '',
      subscriptionCount: this.#streams.length,
      bufferedBytes: this.connection.bufferedBytes,
      queuedEvents: null,
      unansweredMs: this.confirmation.unansweredMs,
    }
  }

  closeByOperator(): void {
    this.connection.close(closeCodes.closedByOperator)
  }

  /** Resolves when the socket has closed. */
  async closed(): Promise<void> {
    this.#closed ??= Promise.withResolvers<void>()
    if (!this.isClosed) await this.#closed.promise
  }

  /**
   * Begins nothing more, and closes the socket once its operations are answered, so that the client connects to another process. With `confirms`
   * it also waits, for a moment, until the client has confirmed what it was sent: otherwise its next connection would bring that again.
   */
  drain(confirms: boolean): void {
    if (this.#isLeaving) return
    this.#isLeaving = true
    this.#confirms = confirms
    this.#leaveWhenIdle()
  }

  terminate(): void {
    this.#webSocket.terminate()
  }

  /** Runs a query or mutation. A draining socket stays open until the answer is written. */
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
    if (this.#running > 0 || this.isClosed) return
    const leave = (): void => this.connection.close(closeCodes.restart)
    if (!this.#confirms) return leave()
    this.#confirms = false
    const timer = setTimeout(leave, confirmMilliseconds)
    this.confirmation.confirmAll(() => {
      clearTimeout(timer)
      leave()
    })
  }

  /** The socket has closed. */
  async end(): Promise<void> {
    clearTimeout(this.#initTimer)
    this.#lease?.end()
    this.release()
    this.#closed?.resolve()
    this.connection.end()
    if (this.actor?.kind === 'user') this.app.presence.disconnect(this.actor)
    const streams = this.#streams
    this.#streams = []
    this.#openings?.forEach((opening) => opening.abort())
    for (const stream of streams) stream.close()
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
