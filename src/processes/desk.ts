import type { ExpiringSet } from '../live/expiring-set.ts'
import type { Question } from './messages.ts'

/** How long the workers that are asked for their metrics may take, in milliseconds. Less than the asker waits. */
const metricsMilliseconds = 1000

type Answers = [number: number, answer: unknown][]

/** The workers, as what answers them sees them. */
interface Workers {
  /** All that are ready, but for one. */
  othersThan(worker: number): readonly number[]
  askMetrics(worker: number, number: number): void
  answer(worker: number, answers: Answers): void
}

/** The metrics of the workers beside the one that asks. */
interface Gathering {
  readonly expected: Set<number>
  readonly metrics: unknown[]
  end(): void
}

/**
 * What the primary answers its workers: it holds what they share where there is no Redis, and gathers their metrics. Each kind of shared state has
 * its place in `#find`.
 */
export class Desk {
  readonly #sets: ExpiringSet
  readonly #workers: Workers
  /** What leaves at the end of the turn, in one message for each worker. */
  readonly #answers = new Map<number, Answers>()
  readonly #gatherings = new Map<number, Gathering>()
  #number = 0

  constructor(sets: ExpiringSet, workers: Workers) {
    this.#sets = sets
    this.#workers = workers
  }

  onQuestions(worker: number, questions: readonly (readonly [number: number, question: Question])[]): void {
    for (const [number, question] of questions) void this.#answer(worker, number, question)
  }

  async #answer(worker: number, number: number, question: Question): Promise<void> {
    const answer = await this.#find(worker, question)
    const answers = this.#answers.get(worker)
    if (answers) return void answers.push([number, answer])
    const batch: Answers = [[number, answer]]
    this.#answers.set(worker, batch)
    setImmediate(() => {
      this.#answers.delete(worker)
      this.#workers.answer(worker, batch)
    })
  }

  #find(worker: number, question: Question): Promise<unknown> {
    switch (question.ask) {
      case 'add':
        return this.#sets.add(question.set, question.entry, question.milliseconds)
      case 'remove':
        return this.#sets.remove(question.set, question.entry)
      case 'isInhabited':
        return this.#sets.isInhabited(question.set)
      case 'metrics':
        return this.#gather(worker)
    }
  }

  /** A worker that hangs is left out when the time is over, and counted. */
  #gather(worker: number): Promise<{ metrics: readonly unknown[]; silent: number }> {
    const others = this.#workers.othersThan(worker)
    const number = ++this.#number
    return new Promise((resolve) => {
      const expected = new Set(others)
      const metrics: unknown[] = []
      const end = (): void => {
        clearTimeout(timer)
        this.#gatherings.delete(number)
        resolve({ metrics, silent: expected.size })
      }
      const timer = setTimeout(end, metricsMilliseconds)
      this.#gatherings.set(number, { expected, metrics, end })
      if (others.length === 0) return end()
      for (const other of others) this.#workers.askMetrics(other, number)
    })
  }

  onMetrics(worker: number, number: number, metrics: unknown): void {
    const gathering = this.#gatherings.get(number)
    if (!gathering?.expected.delete(worker)) return
    gathering.metrics.push(metrics)
    if (gathering.expected.size === 0) gathering.end()
  }
}
