import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { WebSocket } from 'ws'
import { ViewerDocument } from '../../schema/generated/graphql.ts'
import type { Server } from '../../src/server.ts'
import { openSocket, record, type Answer, type Caller } from './kit.ts'

/** The codes of the one error that the answer consists of; anything else is a failure of the test. */
export async function refusalOf<Data, Variables>(
  caller: Caller,
  document: TypedDocumentNode<Data, Variables> | string,
  variables?: Variables,
): Promise<{ readonly code: string; readonly chatCode?: number }> {
  const { data, errors } = await caller.ask(document, variables)
  const isRefused = errors?.length === 1 && Object.values(data ?? {}).every((value) => value === null)
  if (!isRefused) throw new Error(`not refused: ${JSON.stringify({ data, errors })}`)
  // Which argument is at fault is checked for all of them together, in text-arguments.test.ts.
  const { field: _field, ...codes } = errors[0]!.extensions
  return codes
}

let addresses = 0

/** An address that has sent no wrong password yet, for `X-Forwarded-For`. */
export function freshAddress(): string {
  addresses++
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`
}

/** For graphql-ws: sockets that a proxy seems to forward for this address, where proxies are trusted. */
export function webSocketFrom(address: string) {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { headers: { 'x-forwarded-for': address } })
    }
  }
}

/**
 * What someone with these credentials meets: the status and the error over HTTP, the close code over WebSocket. Wrong passwords are
 * counted by address, and one can be given where proxies are trusted.
 */
export async function shutOut(
  { url }: Pick<Server, 'url'>,
  credentials: { token: string } | { authorization: string },
  address = '127.0.0.1',
) {
  const authorization = 'token' in credentials ? `Bearer ${credentials.token}` : credentials.authorization
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, 'x-forwarded-for': address },
    body: JSON.stringify({ query: print(ViewerDocument) }),
  })
  const { errors } = (await response.json()) as Answer<unknown>
  const client = openSocket({ url }, credentials, { webSocketImpl: webSocketFrom(address) })
  const recording = record(client, ViewerDocument)
  await recording.ended()
  await client.dispose()
  const { code: closeCode, reason } = (recording.errors[0] ?? {}) as { code?: number; reason?: string }
  if (closeCode === 4403 && reason !== errors?.[0]?.message) throw new Error(`closed with another reason: ${reason}`)
  return { status: response.status, ...errors?.[0]?.extensions, closeCode }
}

/** What `shutOut` gives for credentials that are refused as documented. */
export function unauthenticated(chatCode: number) {
  return { status: 401, code: 'UNAUTHENTICATED', chatCode, closeCode: 4403 }
}
