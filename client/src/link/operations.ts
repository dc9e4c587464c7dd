import type { Clock } from '../env/types.ts'
import { ChatError, toChatError } from '../errors.ts'
import type { Document } from '../graphql/document.ts'
import { inTime } from '../in-time.ts'
import { writeFrame, type Result, type ServerMessage } from './transport.ts'

export interface Subscriber<Result> {
  /** Fields that failed are null. */
  next(data: Result): void
  /** The stream is over: it failed, the server ended it, or the connection was lost (OFFLINE). */
  error(error: ChatError): void
}

/** A query, a mutation or a subscription. */
interface Operation {
  readonly query: string
  readonly variables: unknown
  readonly isStream: boolean
  next(result: Result): void
  /** It is over without a further result: UNAVAILABLE where the server ended it so. */
  error(error: ChatError): void
}

/** The server allows 100 on one socket; ten are left for streams. */
const maxUnderWay = 90
const maxWaiting = 500

/** The operations of one connection after the other: those under way end with it, those that wait for one go on waiting. */
export class Operations {
  readonly #clock: Clock
  readonly #underWay = new Map<string, Operation>()
  readonly #waiting = new Map<string, Operation>()
  #send: ((text: string) => void) | undefined
  #lastId = 0
  #requests = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs a query or a mutation. Rejects with OFFLINE when there is no answer after 15 seconds, with the signal's reason when that aborts. */
  request<Data, Variables>(
    query: Document<Data, Variables>,
    variables: Variables,
    signal: AbortSignal | undefined,
  ): Promise<Data> {
    return inTime(this.#clock, signal, (resolve, error) =>
      this.#start({
        query,
        variables,
        isStream: false,
        next: ({ data, errors }) => (errors ? error(toChatError(errors)) : resolve(data as Data)),
        error,
      }),
    )
  }

  /** Subscribes, on the present connection or the next one. Returns the function that ends it. Throws BAD_USER_INPUT, RATE_LIMITED. */
  subscribe<Data, Variables>(
    document: Document<Data, Variables>,
    variables: Variables,
    { next, error }: Subscriber<Data>,
  ): () => void {
    return this.#start({
      query: document,
      variables,
      isStream: true,
      // A field that may be null can fail alone.
      next: ({ data, errors = [] }) => (data == null ? error(toChatError(errors)) : next(data as Data)),
      error,
    })
  }

  /** Starts it now or, a request, when there is room. Throws RATE_LIMITED when 500 wait already. Returns the function that gives it up. */
  #start(operation: Operation): () => void {
    const id = String((this.#lastId += 1))
    if (this.#send && (operation.isStream || this.#requests < maxUnderWay)) this.#begin(id, operation)
    else if (this.#waiting.size < maxWaiting) this.#waiting.set(id, operation)
    else throw new ChatError('RATE_LIMITED', `${maxWaiting} requests wait already`)
    return () => {
      this.#waiting.delete(id)
      if (!this.#forget(id)) return
      this.#send?.(writeFrame({ id, type: 'complete' }))
      this.#fill()
    }
  }

  /** A connection is there. */
  open(send: (text: string) => void): void {
    this.#send = send
    this.#fill()
  }

  /** The connection is gone. */
  end(): void {
    this.#send = undefined
    this.#requests = 0
    fail(this.#underWay, new ChatError('OFFLINE', 'the connection was lost'))
  }

  /** Nothing that waits will get a connection. */
  refuse(reason: ChatError): void {
    fail(this.#waiting, reason)
  }

  /** An id that is not known is of an operation that was given up. */
  receive(message: Extract<ServerMessage, { readonly id: string }>): void {
    const { id, type } = message
    if (type === 'next') return this.#underWay.get(id)?.next(message.payload)
    const operation = this.#forget(id)
    operation?.error(
      type === 'error' ? toChatError(message.payload) : new ChatError('UNAVAILABLE', 'the server ended the operation'),
    )
    this.#fill()
  }

  #begin(id: string, operation: Operation): void {
    const { query, variables, isStream } = operation
    const text = writeFrame({ id, type: 'subscribe', payload: { query, variables } })
    this.#underWay.set(id, operation)
    if (!isStream) this.#requests += 1
    this.#send!(text)
  }

  #fill(): void {
    for (const [id, operation] of this.#waiting) {
      if (!this.#send || this.#requests >= maxUnderWay) return
      this.#waiting.delete(id)
      try {
        this.#begin(id, operation)
      } catch (error) {
        operation.error(error as ChatError)
      }
    }
  }

  #forget(id: string): Operation | undefined {
    const operation = this.#underWay.get(id)
    if (operation && !operation.isStream) this.#requests -= 1
    this.#underWay.delete(id)
    return operation
  }
}

function fail(operations: Map<string, Operation>, reason: ChatError): void {
  const failed = [...operations.values()]
  operations.clear()
  for (const { error } of failed) error(reason)
}
