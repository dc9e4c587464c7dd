/** How long a call may take, in milliseconds. */
const deadline = 10_000

const createAccessToken = /* GraphQL */ `
  mutation ($input: CreateAccessTokenInput!) {
    createAccessToken(input: $input) {
      token
    }
  }
`

const createApiKey = /* GraphQL */ `
  mutation {
    createApiKey(input: {}) {
      secret
      apiKey {
        id
      }
    }
  }
`

export interface ApiKey {
  readonly keyId: string
  readonly secret: string
}

/** Calls the server with the account's auth token. */
export class Backend {
  readonly #port: () => number
  readonly #authorization: string

  constructor(port: () => number, accountId: string, authToken: string) {
    this.#port = port
    this.#authorization = `Basic ${btoa(`${accountId}:${authToken}`)}`
  }

  async request<Data>(query: string, variables: unknown): Promise<Data> {
    const response = await fetch(`http://127.0.0.1:${this.#port()}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: this.#authorization },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(deadline),
    })
    const { data, errors } = (await response.json()) as { data?: Data | null; errors?: unknown }
    if (errors || !data) throw new Error(`fonechat answers ${response.status} with errors: ${JSON.stringify(errors)}`)
    return data
  }

  async token(identity: string, ttlSeconds: number | undefined): Promise<string> {
    const input = { identity, ...(ttlSeconds !== undefined && { ttlSeconds }) }
    const data = await this.request<{ createAccessToken: { token: string } }>(createAccessToken, { input })
    return data.createAccessToken.token
  }

  async createKey(): Promise<ApiKey> {
    const data = await this.request<{ createApiKey: { secret: string; apiKey: { id: string } } }>(createApiKey, {})
    return { keyId: data.createApiKey.apiKey.id, secret: data.createApiKey.secret }
  }
}
