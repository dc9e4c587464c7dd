import { ChatError } from '../errors.ts'

/** A frame beyond it would cost the connection: the server closes it with 1009. */
const maxFrameBytes = 256 * 1024

/** What the server's acknowledgement says about the client. */
export interface Acknowledgement {
  readonly userId: string
  readonly serviceId: string
  readonly identity: string
  readonly serverTime: string
  readonly expiresAt: string
}

export interface ServerError {
  readonly message: string
  readonly extensions?: Readonly<Record<string, unknown>>
}

export interface Result {
  readonly data?: unknown
  readonly errors?: readonly ServerError[]
}

/** What a server of graphql-transport-ws sends. */
export type ServerMessage =
  | { readonly type: 'connection_ack'; readonly payload: Acknowledgement }
  | { readonly type: 'ping' | 'pong'; readonly payload: unknown }
  | { readonly type: 'next'; readonly id: string; readonly payload: Result }
  | { readonly type: 'error'; readonly id: string; readonly payload: readonly ServerError[] }
  | { readonly type: 'complete'; readonly id: string }

/** Reads a frame; undefined when it is not of the protocol. */
export function readFrame(data: unknown): ServerMessage | undefined {
  let message: unknown
  try {
    message = JSON.parse(String(data))
  } catch {
    return undefined
  }
  if (!isObject(message)) return undefined
  const { type, id, payload } = message
  switch (type) {
    case 'ping':
    case 'pong':
      return { type, payload }
    case 'connection_ack': {
      const isComplete = isObject(payload) && acknowledged.every((name) => typeof payload[name] === 'string')
      return isComplete ? { type, payload: payload as unknown as Acknowledgement } : undefined
    }
    case 'next':
      return typeof id === 'string' && isObject(payload) ? { type, id, payload: payload as Result } : undefined
    case 'error':
      return typeof id === 'string' && Array.isArray(payload) ? { type, id, payload } : undefined
    case 'complete':
      return typeof id === 'string' ? { type, id } : undefined
  }
  return undefined
}

const acknowledged = ['userId', 'serviceId', 'identity', 'serverTime', 'expiresAt'] as const

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** The text of a frame. Throws BAD_USER_INPUT when it is beyond 256 KiB. */
export function writeFrame(message: object): string {
  const text = JSON.stringify(message)
  // A UTF-16 unit has 3 bytes at most, so most frames need not be encoded to be measured.
  if (text.length * 3 > maxFrameBytes && new TextEncoder().encode(text).length > maxFrameBytes)
    throw new ChatError('BAD_USER_INPUT', `what is sent is larger than ${maxFrameBytes} bytes`)
  return text
}
