import { ChatError, toChatError } from '../errors.ts'
import { writeFrame, type Result, type ServerMessage } from './transport.ts'

/** A query, a mutation or a subscription. */
export interface Operation {
  readonly query: string
  readonly variables: unknown
  readonly isStream: boolean
  next(result: Result): void
  error(error: ChatError): void
  complete(): void
}

/** The server allows 100 on one socket; ten are left for streams. */
const maxUnderWay = 90
const maxWaiting = 500

/** The operations of one connection after the other: those under way end with it, those that wait for one go on waiting. */
export class Operations {
  readonly #underWay = new Map<string, Operation>()
  readonly #waiting = new Set<Operation>()
  readonly #stops = new Map<Operation, string>()
  #send: ((text: string) => void) | undefined
  #lastId = 0
  #requests = 0

  /** Starts it now or, a request, when there is room. Throws RATE_LIMITED when 500 wait already. Returns the function that gives it up. */
  start(operation: Operation): () => void {
    if (!this.#send || (!operation.isStream && this.#requests >= maxUnderWay)) {
      if (this.#waiting.size >= maxWaiting) throw new ChatError('RATE_LIMITED', `${maxWaiting} requests wait already`)
      this.#waiting.add(operation)
    } else this.#begin(operation, this.#send)
    return () => this.#stop(operation)
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
    const lost = [...this.#underWay.values()]
    this.#underWay.clear()
    this.#stops.clear()
    for (const { error } of lost) error(new ChatError('OFFLINE', 'the connection was lost'))
  }

  /** Nothing that waits will get a connection. */
  refuse(reason: ChatError): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const { error } of waiting) error(reason)
  }

  /** An id that is not known is of an operation that was given up. */
  receive(message: Extract<ServerMessage, { readonly id: string }>): void {
    const operation = this.#underWay.get(message.id)
    if (!operation) return
    if (message.type === 'next') return operation.next(message.payload)
    this.#forget(operation)
    if (message.type === 'error') operation.error(toChatError(message.payload))
    else operation.complete()
    this.#fill()
  }

  #begin(operation: Operation, send: (text: string) => void): void {
    const { query, variables, isStream } = operation
    const id = String((this.#lastId += 1))
    const text = writeFrame({ id, type: 'subscribe', payload: { query, variables } })
    this.#underWay.set(id, operation)
    this.#stops.set(operation, id)
    if (!isStream) this.#requests += 1
    send(text)
  }

  #fill(): void {
    for (const operation of this.#waiting) {
      if (!this.#send || this.#requests >= maxUnderWay) return
      this.#waiting.delete(operation)
      try {
        this.#begin(operation, this.#send)
      } catch (error) {
        operation.error(error as ChatError)
      }
    }
  }

  #forget(operation: Operation): string | undefined {
    const id = this.#stops.get(operation)
    if (id === undefined) return undefined
    this.#stops.delete(operation)
    this.#underWay.delete(id)
    if (!operation.isStream) this.#requests -= 1
    return id
  }

  #stop(operation: Operation): void {
    this.#waiting.delete(operation)
    const id = this.#forget(operation)
    if (id === undefined) return
    this.#send?.(writeFrame({ id, type: 'complete' }))
    this.#fill()
  }
}
