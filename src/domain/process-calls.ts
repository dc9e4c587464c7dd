import { LRUCache } from 'lru-cache'
import { topics, type Bus, type Unsubscribe } from '../live/bus.ts'
import { isFlag, isNumber, isObject, isText, optional, row, type Check } from '../model/shape.ts'
import type { ThisProcess } from './this-process.ts'

/** How long a process waits for the answers of others, in milliseconds. */
const answerMilliseconds = 500

/** How often a process says that it is there, in milliseconds. */
const hereMilliseconds = 10_000

/** After so long without a word a process counts as gone for good, in milliseconds. */
const forgetMilliseconds = 5 * 60_000

/** Processes that are remembered. */
const maxKnown = 1000

/** Another process, and when it last said that it is there. */
export interface KnownProcess {
  readonly id: string
  readonly host: string
  readonly heardAt: Date
}

/** What one process asks others. `ask` names who answers it there. */
export interface Question {
  readonly ask: string
}

type Message =
  | { readonly type: 'question'; readonly number: number; readonly from: string; readonly question: Question }
  | {
      readonly type: 'answer'
      readonly number: number
      /** Left out by versions that answer only who has asked them alone. */
      readonly from?: string | undefined
      readonly outcome: unknown
    }
  /** With `isNew`, the others say at once that they are there. */
  | { readonly type: 'here'; readonly id: string; readonly host: string; readonly isNew: boolean }
  | { readonly type: 'gone'; readonly id: string }

const messages: { readonly [Type in Message['type']]: Check } = {
  question: row({ number: isNumber, from: isText, question: row<Question>({ ask: isText }) }),
  answer: row({ number: isNumber, from: optional(isText), outcome: () => true }),
  here: row({ id: isText, host: isText, isNew: isFlag }),
  gone: row({ id: isText }),
}

/** Undefined is to be ignored, as what only another version of the server knows. */
export function readProcessMessage(payload: unknown): Message | undefined {
  if (!isObject(payload)) return undefined
  const { type } = payload
  const isKnown =
    typeof type === 'string' && Object.hasOwn(messages, type) && messages[type as Message['type']](payload)
  return isKnown ? (payload as unknown as Message) : undefined
}

interface Answerer {
  readonly check: Check
  readonly answer: (question: never) => unknown
}

/** What all processes have answered, by their ids, and those that have not in time. */
export interface AllAnswers<Answer> {
  readonly answers: ReadonlyMap<string, Answer>
  readonly silent: readonly KnownProcess[]
}

/**
 * Calls between processes, over the bus: to one, whose id is known, or to all. A call without an answer within half a second may have been done. Each process
 * says now and then that it is there, so that who asks all knows who has not answered.
 */
export class ProcessCalls {
  readonly #bus: Bus
  readonly #self: Pick<ThisProcess, 'id' | 'host'>
  readonly #onError: (error: unknown) => void
  readonly #answerers = new Map<string, Answerer>()
  readonly #waiting = new Map<number, (outcome: unknown, from: string | undefined) => void>()
  readonly #ends = new Set<() => void>()
  readonly #known = new LRUCache<string, KnownProcess>({ max: maxKnown, ttl: forgetMilliseconds })
  readonly #unsubscribes: Unsubscribe[] = []
  #timer: NodeJS.Timeout | undefined
  #number = 0

  private constructor(bus: Bus, self: Pick<ThisProcess, 'id' | 'host'>, onError: (error: unknown) => void) {
    this.#bus = bus
    this.#self = self
    this.#onError = onError
  }

  static async open(
    bus: Bus,
    self: Pick<ThisProcess, 'id' | 'host'>,
    onError: (error: unknown) => void,
  ): Promise<ProcessCalls> {
    const calls = new ProcessCalls(bus, self, onError)
    const listener = (payload: unknown): void => calls.#onMessage(payload)
    calls.#unsubscribes.push(
      bus.onGap(() => calls.#sayHere(true)),
      ...(await Promise.all([
        bus.subscribe(topics.process(self.id), listener),
        bus.subscribe(topics.processes, listener),
      ])),
    )
    calls.#timer = setInterval(() => calls.#sayHere(false), hereMilliseconds)
    calls.#timer.unref()
    calls.#sayHere(true)
    return calls
  }

  /** The processes that were heard within the last minutes, but for this one, in the order of their ids. */
  get others(): readonly KnownProcess[] {
    return [...this.#known.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1))
  }

  /** Answers questions of this name, at once. What does not pass the check is not answered: another version asks it. */
  onQuestion<Asked extends Question>(ask: Asked['ask'], check: Check, answer: (question: Asked) => unknown): void {
    this.#answerers.set(ask, { check, answer: answer as (question: never) => unknown })
  }

  /** Undefined without an answer in time. Answers that do not pass the check are none. */
  ask<Answer>(to: string, question: Question, check: Check): Promise<Answer | undefined> {
    return this.#call<Answer | undefined>(topics.process(to), question, (end) => {
      return {
        onAnswer: (outcome) => {
          if (check(outcome)) end(outcome as Answer)
        },
        onEnd: () => end(undefined),
      }
    })
  }

  /** Whether a process is there, as far as this one has heard. */
  knows(id: string): boolean {
    return id === this.#self.id || this.#known.has(id)
  }

  /** Asks this process and all others, or one of them only. The first answer that is enough ends the waiting. */
  async askAll<Answer>(
    question: Question,
    check: Check,
    {
      isEnough = () => false,
      only,
    }: { readonly isEnough?: (answer: Answer) => boolean; readonly only?: string | undefined } = {},
  ): Promise<AllAnswers<Answer>> {
    const answers = new Map<string, Answer>()
    const isAsked = (id: string): boolean => only === undefined || id === only
    if (isAsked(this.#self.id)) answers.set(this.#self.id, this.#answer(question) as Answer)
    const silent = new Map(this.others.filter(({ id }) => isAsked(id)).map((known) => [known.id, known]))
    if (silent.size === 0 || answers.values().some(isEnough)) return { answers, silent: [] }
    await this.#call<void>(only === undefined ? topics.processes : topics.process(only), question, (end) => ({
      onAnswer: (outcome, from) => {
        if (from === undefined || !check(outcome)) return
        answers.set(from, outcome as Answer)
        silent.delete(from)
        if (silent.size === 0 || isEnough(outcome as Answer)) end()
      },
      onEnd: end,
    }))
    return { answers, silent: [...silent.values()] }
  }

  /** Publishes a question and takes its answers until `end` is called, or the time is over. */
  #call<Result>(
    topic: string,
    question: Question,
    take: (end: (result: Result) => void) => {
      readonly onAnswer: (outcome: unknown, from: string | undefined) => void
      readonly onEnd: () => void
    },
  ): Promise<Result> {
    const number = ++this.#number
    return new Promise((resolve) => {
      const { onAnswer, onEnd } = take((result) => {
        clearTimeout(timer)
        this.#waiting.delete(number)
        this.#ends.delete(onEnd)
        resolve(result)
      })
      const timer = setTimeout(onEnd, answerMilliseconds)
      this.#waiting.set(number, onAnswer)
      this.#ends.add(onEnd)
      this.#publish(topic, { type: 'question', number, from: this.#self.id, question })
    })
  }

  #publish(topic: string, message: Message): void {
    this.#bus.publish(topic, message)
  }

  #sayHere(isNew: boolean): void {
    const { id, host } = this.#self
    this.#publish(topics.processes, { type: 'here', id, host, isNew })
  }

  #onMessage(payload: unknown): void {
    const message = readProcessMessage(payload)
    if (!message) return
    switch (message.type) {
      case 'question':
        return this.#onQuestion(message.number, message.from, message.question)
      case 'answer':
        return this.#waiting.get(message.number)?.(message.outcome, message.from)
      case 'here':
        if (message.id === this.#self.id) return
        this.#known.set(message.id, { id: message.id, host: message.host, heardAt: new Date() })
        if (message.isNew) this.#sayHere(false)
        return
      case 'gone':
        this.#known.delete(message.id)
    }
  }

  #onQuestion(number: number, from: string, question: Question): void {
    // What it asks all, this process has answered itself.
    if (from === this.#self.id) return
    try {
      const outcome = this.#answer(question)
      if (outcome === undefined) return
      this.#publish(topics.process(from), { type: 'answer', number, from: this.#self.id, outcome })
    } catch (error) {
      this.#onError(error)
    }
  }

  /** Undefined for what this process does not know. */
  #answer(question: Question): unknown {
    const answerer = this.#answerers.get(question.ask)
    return answerer?.check(question) ? answerer.answer(question as never) : undefined
  }

  close(): void {
    clearInterval(this.#timer)
    this.#publish(topics.processes, { type: 'gone', id: this.#self.id })
    for (const unsubscribe of this.#unsubscribes.splice(0)) unsubscribe()
    for (const end of this.#ends) end()
  }
}
