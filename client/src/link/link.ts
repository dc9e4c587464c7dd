import type { Env, Socket } from '../env/types.ts'
import { ChatError, closed } from '../errors.ts'
import type { Document } from '../graphql/document.ts'
import { RenewTokenDocument } from '../graphql/generated/documents.ts'
import type { Log } from '../log.ts'
import type { RefusalReason } from '../store/state.ts'
import { Confirmations } from './confirmations.ts'
import { Heartbeat } from './heartbeat.ts'
import { step, type LinkEffect, type LinkInput, type LinkState } from './machine.ts'
import { Operations, type Subscriber } from './operations.ts'
import { Tokens, type TokensOptions } from './token.ts'
import { isObject, readFrame, writeFrame, type Acknowledgement, type ServerMessage } from './transport.ts'

export interface LinkOptions extends TokensOptions {
  /** `ws:` or `wss:` address of `/graphql`. */
  readonly url: string
  readonly env: Env
  readonly log: Log
  readonly deviceId: () => string
  /** Whether the acknowledged user is the expected one; otherwise why not, and the client is refused. */
  readonly accept: (acknowledgement: Acknowledgement) => string | undefined
  /** Operations can begin. */
  readonly onOpen: () => void
  readonly onOffline: (retryAt: number | null) => void
  readonly onRefused: (reason: RefusalReason, message: string) => void
  /** Another socket of this device took over. It stays so until `connect`. */
  readonly onReplaced: () => void
  /** Resolves once what came before is kept: only then a pong may say so. */
  readonly settled: () => Promise<void>
}

/** Time between two tries to renew a token on the open socket, in milliseconds. */
const renewMilliseconds = 15_000
/** The server warns a minute before the end. */
const maxRenewals = 3

/** For what the client itself finds out about a socket. The server uses none of them. */
const ownCode = 4000

/** One connection to the server, which is made again when it is lost. Operations end with it. */
export class Link {
  readonly #options: LinkOptions
  readonly #operations: Operations
  readonly #confirmations: Confirmations
  readonly #tokens: Tokens
  readonly #heartbeat: Heartbeat
  readonly #stopListening: readonly (() => void)[]
  #state: LinkState = { name: 'idle' }
  #socket: Socket | undefined
  #token = ''
  #cancelTimer: (() => void) | undefined
  #cancelRenewal: (() => void) | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    const { page, clock } = options.env
    this.#operations = new Operations(clock)
    this.#confirmations = new Confirmations(options.settled, clock)
    this.#tokens = new Tokens(options, clock)
    this.#heartbeat = new Heartbeat({
      clock,
      ping: () => this.#send({ type: 'ping' }),
      onDead: () => this.fail('the server does not answer'),
    })
    this.#stopListening = [
      ...(['online', 'pageshow', 'resume', 'visible'] as const).map((event) =>
        page.on(event, () => this.#input({ kind: 'wake' })),
      ),
      page.on('offline', () => this.#input({ kind: 'networkLost' })),
    ]
  }

  get isOpen(): boolean {
    return this.#state.name === 'open'
  }

  /** Whether it is connected, or tries to be. */
  get isWanted(): boolean {
    return !['idle', 'refused', 'closed'].includes(this.#state.name)
  }

  /** Connects, and again whenever the connection is lost. Also after it was refused. */
  connect(): void {
    this.#input({ kind: 'connect' })
  }

  /** Ends the connection until `connect`. */
  disconnect(): void {
    this.#input({ kind: 'disconnect' })
  }

  /** Ends it for good: no timer, listener or socket is left, and what waits is rejected with CLOSED. */
  close(): void {
    for (const stop of this.#stopListening) stop()
    this.#input({ kind: 'close' })
    this.#tokens.forget()
    this.#operations.refuse(closed())
  }

  /** Stops trying: the same would happen again. */
  refuse(reason: RefusalReason, message: string): void {
    this.#input({ kind: 'refuse', reason, message })
  }

  /** Drops the connection, and makes another after a back-off, or after `retryAfterMs` where that is longer. */
  fail(message: string, retryAfterMs = 0): void {
    this.#input({ kind: 'closed', code: ownCode, message, retryAfterMs })
  }

  /**
   * Runs a query or a mutation. Waits for a connection, and rejects with OFFLINE when there is no answer after 15 seconds, with BAD_USER_INPUT
   * when it is larger than 256 KiB, with RATE_LIMITED when 500 wait already, with the signal's reason when that aborts.
   */
  async request<Data, Variables>(
    document: Document<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Data> {
    const state = this.#state
    if (state.name === 'closed') throw closed()
    if (state.name === 'refused') throw new ChatError('UNAUTHENTICATED', state.message)
    this.#heartbeat.beforeSending()
    return this.#operations.request(document, variables, signal)
  }

  /** Subscribes on the present connection, and ends with it. Returns the function that ends it. Throws BAD_USER_INPUT beyond 256 KiB. */
  subscribe<Data, Variables>(
    document: Document<Data, Variables>,
    variables: Variables,
    subscriber: Subscriber<Data>,
  ): () => void {
    return this.#operations.subscribe(document, variables, subscriber)
  }

  #input(input: LinkInput): void {
    const { env, log } = this.#options
    const before = this.#state
    const { state, effects } = step(before, input, { now: env.clock.now(), random: env.random() })
    this.#state = state
    if (state !== before) {
      const why = input.kind === 'closed' ? { code: input.code, message: input.message } : input.kind
      log.write('debug', `connection: ${before.name} → ${state.name}`, why)
      this.#cancelTimer?.()
      const until = 'until' in state ? state.until : null
      this.#cancelTimer =
        until === null ? undefined : env.clock.after(until - env.clock.now(), () => this.#input({ kind: 'time' }))
    }
    for (const effect of effects) {
      // A callback may have asked for something else meanwhile.
      if (this.#state === state) this.#perform(effect, state)
    }
  }

  #perform(effect: LinkEffect, state: LinkState): void {
    const { onOpen, onOffline, onReplaced, onRefused, deviceId, env } = this.#options
    switch (effect) {
      case 'authorize':
        return void this.#authorize(state)
      case 'open':
        return this.#open()
      case 'introduce':
        return this.#send({ type: 'connection_init', payload: { token: this.#token, deviceId: deviceId() } })
      case 'probe':
        return this.#heartbeat.probe()
      case 'drop':
        return this.#drop()
      case 'reportOpen':
        this.#heartbeat.start()
        this.#operations.open((text) => this.#socket?.send(text))
        return onOpen()
      case 'reportOffline':
        if (state.name === 'idle') return onOffline(null)
        return onOffline(state.name === 'waiting' ? state.until : env.clock.now())
      case 'reportReplaced':
        return onReplaced()
      case 'reportRefused': {
        const { reason, message } = state as Extract<LinkState, { readonly name: 'refused' }>
        this.#operations.refuse(new ChatError('UNAUTHENTICATED', message))
        return onRefused(reason, message)
      }
    }
  }

  async #authorize(asked: LinkState): Promise<void> {
    let input: LinkInput = { kind: 'token' }
    try {
      const token = await this.#tokens.get('tokenReason' in asked ? asked.tokenReason : 'connect')
      if (this.#state === asked) this.#token = token
    } catch (error) {
      // What the application throws may hold anything, so only its kind is logged.
      this.#options.log.write('warn', 'the application gave no token', error instanceof Error ? error.name : undefined)
      const isFinal = error instanceof ChatError && error.code === 'UNAUTHENTICATED'
      input = { kind: 'tokenFailed', isFinal, message: isFinal ? error.message : '' }
    }
    // Otherwise it came too late.
    if (this.#state === asked) this.#input(input)
  }

  #open(): void {
    let socket: Socket
    try {
      socket = this.#options.env.openSocket(this.#options.url)
    } catch (error) {
      // An address that is none, an insecure one in a secure page, or no WebSocket at all: it would be so again.
      return this.refuse('protocol', `no WebSocket can be opened: ${error instanceof Error ? error.message : ''}`)
    }
    this.#socket = socket
    // The closing that follows says all that there is to know.
    socket.onerror = () => {}
    socket.onopen = () => this.#input({ kind: 'opened' })
    socket.onmessage = ({ data }) => this.#receive(data)
    socket.onclose = ({ code, reason }) => this.#input({ kind: 'closed', code, message: reason })
  }

  #send(message: object): void {
    this.#socket?.send(writeFrame(message))
  }

  #receive(data: unknown): void {
    const message = readFrame(data)
    if (!message) return this.refuse('protocol', 'the server sent what is not of the protocol')
    this.#heartbeat.heard()
    try {
      this.#handle(message)
    } catch (error) {
      this.#options.log.write('error', 'a message of the server was not understood', error)
      this.refuse('protocol', 'the server sent what the client does not understand')
    }
  }

  #handle(message: ServerMessage): void {
    if ('id' in message) return this.#operations.receive(message)
    if (message.type === 'pong') return this.#heartbeat.answered()
    if (message.type === 'connection_ack') return this.#acknowledged(message.payload)
    this.#confirm(message.payload)
    if (isObject(message.payload) && 'tokenExpiresAt' in message.payload) void this.#renew(this.#socket, maxRenewals)
  }

  #acknowledged(acknowledgement: Acknowledgement): void {
    if (this.#state.name !== 'greeting') return this.refuse('protocol', 'the server acknowledged what was not asked')
    const objection = this.#options.accept(acknowledgement)
    if (objection !== undefined) {
      this.#tokens.forget()
      return this.refuse('user', objection)
    }
    this.#tokens.accepted(acknowledgement.expiresAt)
    this.#input({ kind: 'acknowledged' })
  }

  /** A pong confirms the frames before its ping. One that comes too late for its socket says nothing. */
  #confirm(payload: unknown): void {
    const socket = this.#socket
    this.#confirmations.add(
      () => {
        if (this.#socket === socket) this.#send({ type: 'pong', payload })
      },
      (error) => {
        this.#options.log.write('error', 'the local copy could not keep what is confirmed', error)
        if (this.#socket === socket) this.fail('the local copy failed')
      },
    )
  }

  /** Until the server closes with 4411, after which the client connects with a fresh token. */
  async #renew(socket: Socket | undefined, tries: number): Promise<void> {
    const { env, log } = this.#options
    this.#cancelRenewal?.()
    this.#cancelRenewal =
      tries > 1 ? env.clock.after(renewMilliseconds, () => void this.#renew(socket, tries - 1)) : undefined
    try {
      const token = await this.#tokens.get('expiring')
      if (this.#socket !== socket) return
      const { renewToken } = await this.request(RenewTokenDocument, { input: { token } })
      if (this.#socket !== socket) return
      this.#cancelRenewal?.()
      this.#tokens.accepted(renewToken!.expiresAt)
      log.write('debug', 'the token was renewed')
    } catch (error) {
      log.write('warn', 'the token was not renewed', error instanceof ChatError ? error.code : undefined)
    }
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#heartbeat.stop()
    this.#cancelRenewal?.()
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null
      // A dead one takes a while for it: nobody waits.
      socket.close(1000)
    }
    this.#operations.end()
  }
}
