import type { Connection } from '../../src/glue/connection.ts'

/** A connection of which a test lets through what comes, answers and events apart. */
export class GatedConnection implements Connection {
  readonly url: string
  readonly #inner: Connection
  readonly #held = { answers: [] as (() => void)[], events: [] as (() => void)[] }
  readonly #isHolding = { answers: false, events: false }
  /** The events that came, as JSON. */
  readonly events: string[] = []

  constructor(inner: Connection) {
    this.url = inner.url
    this.#inner = inner
  }

  hold(...kinds: ('answers' | 'events')[]): void {
    for (const kind of kinds) this.#isHolding[kind] = true
  }

  waiting(kind: 'answers' | 'events'): number {
    return this.#held[kind].length
  }

  /** Lets through what waits, in its order, and what follows. */
  release(kind: 'answers' | 'events'): void {
    this.#isHolding[kind] = false
    for (const pass of this.#held[kind].splice(0)) pass()
  }

  #pass(kind: 'answers' | 'events', action: () => void): void {
    if (this.#isHolding[kind]) this.#held[kind].push(action)
    else action()
  }

  readonly fetch: Connection['fetch'] = async (input, init) => {
    const response = await this.#inner.fetch(input, init)
    return new Promise((resolve) => this.#pass('answers', () => resolve(response)))
  }

  readonly subscribe: Connection['subscribe'] = (payload, sink) =>
    this.#inner.subscribe(payload, {
      next: (value) => {
        this.events.push(JSON.stringify(value))
        this.#pass('events', () => sink.next(value as never))
      },
      error: (error) => sink.error(error),
      complete: () => sink.complete(),
    })

  async close(): Promise<void> {
    await this.#inner.close()
  }
}
