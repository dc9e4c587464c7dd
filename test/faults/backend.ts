import { setTimeout as delay } from 'node:timers/promises'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import type { Succeeded } from '../../schema/succeeded.ts'

/** Asks whichever process answers, until one does. What it asks must be safe to ask twice. */
export class Backend {
  readonly #urls: readonly string[]
  readonly #authorization: string
  #next = 0

  constructor(urls: readonly string[], authorization: string) {
    this.#urls = urls
    this.#authorization = authorization
  }

  async request<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Succeeded<Data>> {
    const body = JSON.stringify({ query: print(document), variables })
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#ask<Data>(body)
      } catch (error) {
        if (attempt >= 1000 || (error instanceof Refusal && !error.isPassing)) throw error
        await delay(20)
      }
    }
  }

  async #ask<Data>(body: string): Promise<Succeeded<Data>> {
    const url = this.#urls[this.#next++ % this.#urls.length]!
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: this.#authorization },
      body,
      signal: AbortSignal.timeout(10_000),
    })
    const { data, errors } = (await response.json()) as {
      data?: Succeeded<Data>
      errors?: { extensions: { code: string } }[]
    }
    if (errors || !data) throw new Refusal(errors)
    return data
  }
}

class Refusal extends Error {
  readonly isPassing: boolean

  constructor(errors: { extensions: { code: string } }[] | undefined) {
    super(JSON.stringify(errors))
    this.isPassing = errors?.every(({ extensions }) => extensions.code === 'UNAVAILABLE') ?? true
  }
}
