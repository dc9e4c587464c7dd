import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import type { Server } from '../../src/server.ts'
import type { Answer } from './kit.ts'

type Headers = Readonly<Record<string, string>>

/** What the console’s page does at a server: it signs in, and calls the API with its cookie. */
export class ConsolePage {
  readonly server: Pick<Server, 'url'>
  /** As the browser sends it; empty before signing in. */
  cookie = ''
  /** SID of the session. */
  sessionId = ''
  readonly #headers: Headers

  constructor(server: Pick<Server, 'url'>, headers: Headers = {}) {
    this.server = server
    this.#headers = headers
  }

  /** Signs in with the account’s auth token, or as it is told. Throws when that is refused. */
  static async open(server: Server, login?: { readonly sid: string; readonly secret: string }, headers?: Headers) {
    const page = new ConsolePage(server, headers)
    const { accountId, authToken } = server.account
    const response = await page.signIn(login ?? { sid: accountId, secret: authToken })
    if (response.status !== 200) throw new Error(`not signed in: ${response.status} ${await response.text()}`)
    page.sessionId = ((await response.json()) as { id: string }).id
    return page
  }

  async signIn(login: object, headers: Headers = {}): Promise<Response> {
    const response = await this.send('POST', '/console/session', login, headers)
    this.cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.cookie
    return response
  }

  signOut(): Promise<Response> {
    return this.send('DELETE', '/console/session')
  }

  send(method: string, path: string, body?: object, headers: Headers = {}): Promise<Response> {
    return fetch(this.server.url + path, {
      method,
      headers: {
        origin: this.server.url,
        'content-type': 'application/json',
        ...(this.cookie && { cookie: this.cookie }),
        ...this.#headers,
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
  }

  async ask<Data, Variables>(
    document: TypedDocumentNode<Data, Variables> | string,
    variables?: Variables,
  ): Promise<Answer<Data>> {
    const query = typeof document === 'string' ? document : print(document)
    return (await (await this.send('POST', '/console/graphql', { query, variables })).json()) as Answer<Data>
  }

  /** The status of a call of the API: 200, or 401 once the session has ended. */
  async status(): Promise<number> {
    return (await this.send('POST', '/console/graphql', { query: '{ viewer { id } }' })).status
  }
}
