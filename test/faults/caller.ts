import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print, type DocumentNode } from 'graphql'
import type { Succeeded } from '../../schema/succeeded.ts'

/** How long a caller waits for an answer. */
const patience = 15_000

interface Details {
  readonly chatCode?: number
  /** Of a text that streams. */
  readonly currentOffset?: number
  readonly streamState?: string
}

interface AnsweredError {
  readonly message: string
  readonly extensions?: { readonly code?: string } & Details
}

export type Answer<Data> =
  | { readonly kind: 'data'; readonly data: Succeeded<Data> }
  | ({ readonly kind: 'refused'; readonly code: string } & Details)
  | { readonly kind: 'unknown' }

/** What all callers of one run count together. */
export class Tally {
  operations = 0
  unavailable = 0
  /** The connection ended before the answer. */
  lost = 0
  unanswered = 0
  readonly #underWay = new Map<string, number>()
  /** Answers that only a fault of the server explains. */
  readonly internal: string[] = []
  /** Answers and events that are not true. */
  readonly untrue: string[] = []
  /** When a caller was last not given what it wanted. */
  failedAt = -Infinity

  accuse(what: string): void {
    this.untrue.push(what)
  }

  move(url: string, by: number): void {
    this.#underWay.set(url, this.underWay(url) + by)
  }

  /** Calls that a process has not answered yet. */
  underWay(url: string): number {
    return this.#underWay.get(url) ?? 0
  }
}

/** Someone who calls one process after the other. */
export class Caller {
  readonly #urls: () => readonly string[]
  readonly #authorization: string
  readonly #tally: Tally
  #next = 0

  constructor(urls: () => readonly string[], authorization: string, tally: Tally) {
    this.#urls = urls
    this.#authorization = authorization
    this.#tally = tally
  }

  async ask<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Answer<Data>> {
    const tally = this.#tally
    const urls = this.#urls()
    const url = urls[this.#next++ % urls.length]!
    tally.operations++
    tally.move(url, 1)
    let answer: { data?: Data | null; errors?: readonly AnsweredError[] }
    let status: number
    try {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: this.#authorization },
        body: JSON.stringify({ query: print(document), variables }),
        signal: AbortSignal.timeout(patience),
      })
      status = response.status
      answer = (await response.json()) as typeof answer
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') tally.unanswered++
      else if (error instanceof SyntaxError) tally.internal.push(`${nameOf(document)}: ${error.message}`)
      else tally.lost++
      tally.failedAt = performance.now()
      return { kind: 'unknown' }
    } finally {
      tally.move(url, -1)
    }
    const [error] = answer.errors ?? []
    if (!error && answer.data) {
      return { kind: 'data', data: answer.data as Succeeded<Data> }
    }
    tally.failedAt = performance.now()
    const { code, ...details } = error?.extensions ?? {}
    if (code === 'UNAVAILABLE') {
      tally.unavailable++
      return { kind: 'unknown' }
    }
    if (code === undefined || code === 'INTERNAL_SERVER_ERROR') {
      tally.internal.push(`${nameOf(document)}: ${status} ${error?.message ?? 'neither data nor error'}`)
      return { kind: 'unknown' }
    }
    return { ...details, kind: 'refused', code }
  }
}

function nameOf(document: DocumentNode): string {
  const [definition] = document.definitions
  return (definition?.kind === 'OperationDefinition' && definition.name?.value) || 'an operation'
}
