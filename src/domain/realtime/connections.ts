import { apiKeyOf, type Actor } from '../../model/actor.ts'
import { limits } from '../../model/limits.ts'
import { isFlag, isNumber, isText, listOf, optional, orNull, row } from '../../model/shape.ts'
import type { ProcessCalls, Question } from '../process-calls.ts'

export const connectionProtocols = ['websocket', 'sse'] as const
export type ConnectionProtocol = (typeof connectionProtocols)[number]

/** What is known of an open connection by its transport. */
export interface ConnectionState {
  readonly protocol: ConnectionProtocol
  /** As `TRUST_PROXY` says. */
  readonly address: string
  readonly subscriptionCount: number
  /** Null where the transport counts events, and the other way round. */
  readonly bufferedBytes: number | null
  readonly queuedEvents: number | null
  /** How long a ping that confirms has had no answer; null when none waits for one. */
  readonly unansweredMs: number | null
}

/** A connection of this process. */
export interface OpenConnection {
  /** A UUIDv7: it sorts by the time at which the connection was opened, and has it. */
  readonly connectionId: string
  /** Undefined before the caller has signed in. */
  readonly actor: Actor | undefined
  describe(): ConnectionState
  /** Closes it in such a way that its client comes back. */
  closeByOperator(): void
}

/** A transport, with its connections in the order of their ids. */
export interface ConnectionSource {
  connections(): Iterable<OpenConnection>
}

export interface ConnectionRow extends ConnectionState {
  readonly id: string
  readonly serviceId: string | null
  readonly userId: string | null
  readonly identity: string | null
  readonly apiKeyId: string | null
  readonly deviceId: string | null
  /** Whether its caller has signed in. */
  readonly isSignedIn: boolean
}

export interface ListQuestion extends Question {
  readonly ask: 'connections'
  readonly serviceId?: string | undefined
  readonly identity?: string | undefined
  readonly id?: string | undefined
  readonly after?: string | undefined
  readonly before?: string | undefined
  readonly backwards: boolean
  readonly size: number
}

export interface ListAnswer {
  readonly connections: readonly ConnectionRow[]
  /** How many there are in all, on whichever page. */
  readonly count: number
}

export interface CloseQuestion extends Question {
  readonly ask: 'closeConnection'
  readonly id: string
}

export interface CloseAnswer {
  readonly wasFound: boolean
}

const isListQuestion = row<ListQuestion>({
  ask: isText,
  serviceId: optional(isText),
  identity: optional(isText),
  id: optional(isText),
  after: optional(isText),
  before: optional(isText),
  backwards: isFlag,
  size: isNumber,
})

export const isListAnswer = row<ListAnswer>({
  connections: listOf(
    row<ConnectionRow>({
      id: isText,
      protocol: isText,
      address: isText,
      subscriptionCount: isNumber,
      bufferedBytes: orNull(isNumber),
      queuedEvents: orNull(isNumber),
      unansweredMs: orNull(isNumber),
      serviceId: orNull(isText),
      userId: orNull(isText),
      identity: orNull(isText),
      apiKeyId: orNull(isText),
      deviceId: orNull(isText),
      isSignedIn: isFlag,
    }),
  ),
  count: isNumber,
})

const isCloseQuestion = row<CloseQuestion>({ ask: isText, id: isText })
export const isCloseAnswer = row<CloseAnswer>({ wasFound: isFlag })

/** The open connections of this process, over any transport. Other processes ask for them. */
export class Connections {
  readonly #sources: ConnectionSource[] = []

  constructor(calls: ProcessCalls) {
    calls.onQuestion<ListQuestion>('connections', isListQuestion, (question) => this.#list(question))
    calls.onQuestion<CloseQuestion>('closeConnection', isCloseQuestion, ({ id }) => ({
      wasFound: this.#closeByOperator(id),
    }))
  }

  add(source: ConnectionSource): void {
    this.#sources.push(source)
  }

  /** All are looked at, and only those of the page are described. */
  #list({ serviceId, identity, id, after = '', before = '~', backwards, size }: ListQuestion): ListAnswer {
    const found: OpenConnection[] = []
    let count = 0
    for (const source of this.#sources) {
      for (const connection of source.connections()) {
        const { actor, connectionId } = connection
        if ((id ?? connectionId) !== connectionId) continue
        if (identity !== undefined && !(actor?.kind === 'user' && actor.identity === identity)) continue
        if (serviceId !== undefined && actor?.serviceId !== serviceId) continue
        count++
        if (connectionId > after && connectionId < before) found.push(connection)
      }
    }
    const sorted = found.toSorted((one, other) => compareIds(one.connectionId, other.connectionId))
    const maxRows = Math.min(size, limits.connectionPageSize + 1)
    const page = (backwards ? sorted.toReversed() : sorted).slice(0, maxRows)
    return { connections: page.map(toRow), count }
  }

  #closeByOperator(id: string): boolean {
    for (const source of this.#sources) {
      for (const connection of source.connections()) {
        if (connection.connectionId !== id) continue
        connection.closeByOperator()
        return true
      }
    }
    return false
  }
}

export const compareIds = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

function toRow(connection: OpenConnection): ConnectionRow {
  const { actor, connectionId } = connection
  const user = actor?.kind === 'user' ? actor : undefined
  const caller = actor?.kind === 'audience' ? undefined : actor
  return {
    id: connectionId,
    ...connection.describe(),
    serviceId: caller?.serviceId ?? null,
    userId: user?.userId ?? null,
    identity: user?.identity ?? null,
    apiKeyId: (caller && apiKeyOf(caller)) ?? null,
    deviceId: user?.deviceId ?? null,
    isSignedIn: actor !== undefined,
  }
}
