import type { Question } from './messages.ts'

/** How long the primary may take, in milliseconds. */
const answerMilliseconds = 2000

/** Questions without an answer, beyond which further ones fail at once. Each connected user has one every ten seconds. */
const maxWaiting = 100_000

/** Batches that the primary has not read yet, beyond which further questions fail at once: it stands still. */
const maxUnread = 16

interface Waiting {
  readonly deadline: number
  resolve(answer: unknown): void
  reject(error: Error): void
}

type Numbered = readonly [number: number, question: Question]

/**
 * What a worker asks the primary: all of one turn in one message. A primary that does not answer fails a question within two seconds, and a few
 * messages are all that it can leave unread.
 */
export class Questions {
  /** Calls back when the primary has read the batch, or cannot. */
  readonly #send: (questions: readonly Numbered[], onRead: () => void) => void
  /** In the order of their deadlines. */
  readonly #waiting = new Map<number, Waiting>()
  readonly #timer: NodeJS.Timeout
  #batch: Numbered[] = []
  #unread = 0
  #number = 0

  constructor(send: (questions: readonly Numbered[], onRead: () => void) => void) {
    this.#send = send
    this.#timer = setInterval(() => this.#expire(), 250)
    this.#timer.unref()
  }

  ask(question: Question): Promise<unknown> {
    if (this.#waiting.size >= maxWaiting || this.#unread >= maxUnread) {
      return Promise.reject(new Error('the primary process does not answer'))
    }
    const number = ++this.#number
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { deadline: performance.now() + answerMilliseconds, resolve, reject })
      this.#batch.push([number, question])
      if (this.#batch.length === 1) setImmediate(() => this.#flush())
    })
  }

  #flush(): void {
    const batch = this.#batch
    this.#batch = []
    this.#unread++
    this.#send(batch, () => this.#unread--)
  }

  onAnswers(answers: readonly (readonly [number: number, answer: unknown])[]): void {
    for (const [number, answer] of answers) {
      this.#waiting.get(number)?.resolve(answer)
      this.#waiting.delete(number)
    }
  }

  #expire(): void {
    const now = performance.now()
    for (const [number, { deadline, reject }] of this.#waiting) {
      if (deadline > now) return
      this.#waiting.delete(number)
      reject(new Error('the primary process does not answer'))
    }
  }

  close(): void {
    clearInterval(this.#timer)
    for (const { reject } of this.#waiting.values()) reject(new Error('the process stops'))
    this.#waiting.clear()
  }
}
