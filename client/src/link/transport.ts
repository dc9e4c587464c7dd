import { ChatError, type ServerError } from '../errors.ts'

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

const acknowledged = ['userId', 'serviceId', 'identity', 'serverTime', 'expiresAt']

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Reads a frame; undefined when it is not of the protocol. */
export function readFrame(data: unknown): ServerMessage | undefined {
  try {
    const message: unknown = JSON.parse(String(data))
    return isObject(message) && isOfProtocol(message) ? (message as unknown as ServerMessage) : undefined
  } catch {
    return undefined
  }
}

function isOfProtocol({ type, id, payload }: Readonly<Record<string, unknown>>): boolean {
  if (type === 'ping' || type === 'pong') return true
  if (type === 'connection_ack')
    return isObject(payload) && acknowledged.every((name) => typeof payload[name] === 'string')
  if (typeof id !== 'string') return false
  if (type === 'next') return isObject(payload)
  return type === 'complete' || (type === 'error' && Array.isArray(payload))
}

/** The text of a frame. Throws BAD_USER_INPUT when it is beyond 256 KiB. */
export function writeFrame(message: object): string {
  const text = JSON.stringify(message)
  // A UTF-16 unit has 3 bytes at most, so most frames need not be encoded to be measured.
  if (text.length * 3 > maxFrameBytes && new TextEncoder().encode(text).length > maxFrameBytes)
    throw new ChatError('BAD_USER_INPUT', `what is sent is larger than ${maxFrameBytes} bytes`)
  return text
}
