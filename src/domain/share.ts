import { AsyncLocalStorage } from 'node:async_hooks'
import type { Actor } from '../model/actor.ts'
import { ChatError } from '../model/error.ts'
import { limits } from '../model/limits.ts'
import { refusedCaller, type RefusedCaller, type Refusals } from './refusals.ts'
import { threadTime } from './thread-time.ts'

/** Part of the event loop's time that a user gets once it has used up its burst. */
const rate = 0.1

/** Time that a user may take at once. */
const burstMilliseconds = 300

/** The most that a user can owe: after far too much work it is served again half a minute later. */
const maxOwedMilliseconds = 3000

/** Time that a user may take in one turn of the event loop. Then other users' operations come first. */
const turnMilliseconds = 5

/** Time added for each operation: reading the request and writing the answer are not measured. */
const operationMilliseconds = 0.2

/** Time added for each answer of the database that comes together with others: for the rows that a statement reads for it. */
const rowsMilliseconds = 0.02

/** Time added for each operation that is refused: over HTTP a refused client tries again at once. */
const refusalMilliseconds = 1

/** Points that the running operations of one user may have together: those of the largest operation that is allowed. */
const pointsUnderWay = 10_000

/** Points that every operation counts at least. It bounds how many small ones run at once. */
const minPoints = 100

/** Operations of one user that may wait, and how long each may wait. */
const maxWaiting = 200
const waitMilliseconds = 10_000

/** The shortest `retryAfterMs` of a refusal. */
const minRetryMilliseconds = 1000

/** A waiting operation takes a slot per this many characters of its request: parsed, they take up to thirty times the memory. */
const slotCharacters = 16 * 1024

/** A point stands for about 4 KB. */
const pointCharacters = 160

/** Connections of a user that owes this much beyond the burst are not read from: it sends faster than it can be refused, or has a very long operation. */
const floodMilliseconds = 500

const tooMuch = (what: string, retryAfterMs?: number): ChatError =>
  new ChatError('RATE_LIMITED', what, 51001, { retryAfterMs })

interface Waiting {
  readonly points: number
  readonly slots: number
  begin(): void
}

/** Counts the turns of the event loop, but only while the number is used. */
class Turn {
  number = 0
  #isCounting = false
  /** The shares whose answers have come in this turn. */
  #measured: Set<Share> | undefined

  count(): number {
    if (!this.#isCounting) {
      this.#isCounting = true
      setImmediate(() => {
        this.#isCounting = false
        this.number++
      })
    }
    return this.number
  }

  /**
   * Counts the time until the pending promise callbacks have run, in equal parts for all whose answers have come together. Returns whether
   * this is the first answer for the share.
   */
  measure(share: Share): boolean {
    if (this.#measured) {
      if (this.#measured.has(share)) return false
      this.#measured.add(share)
      return true
    }
    const measured = (this.#measured = new Set([share]))
    const begun = threadTime()
    process.nextTick(() => {
      this.#measured = undefined
      const part = (threadTime() - begun) / measured.size
      for (const each of measured) each.add(part)
    })
    return true
  }
}

/** A socket or a subscription that counts against its user until it ends. */
export interface Lease {
  end(): void
}

/**
 * What one caller may have of a process: a leaky bucket of event loop time. Operations begin at once until a burst is used up. After that
 * the caller gets a fixed part of the time and waits in between, so it costs others no more than that part. Nobody else waits for it.
 */
export class Share {
  readonly #turn: Turn
  readonly #refusals: Refusals
  readonly #caller: RefusedCaller
  #owed = 0
  #owedAt = 0
  #turnNumber = -1
  #inTurn = 0
  #isYielding = false
  #pointsUnderWay = 0
  /** Operations, oldest first. */
  readonly #waiting: Waiting[] = []
  /** What streams have to read and to render, oldest first. */
  readonly #patient: Waiting[] = []
  #isPatientNext = false
  #slots = 0
  #isMeasuring = false
  /** Callbacks that resume the connections that are not read from. */
  readonly #paused: (() => void)[] = []
  /** Preparations that wait. */
  #preparing = 0
  #isBeginning = false
  #timer: NodeJS.Timeout | undefined
  #subscriptions = 0
  #openPoints = 0
  readonly #sockets = new Map<Lease, string | undefined>()

  constructor(turn: Turn, refusals: Refusals, caller: RefusedCaller) {
    this.#turn = turn
    this.#refusals = refusals
    this.#caller = caller
  }

  get openSockets(): number {
    return this.#sockets.size
  }

  get openSubscriptions(): number {
    return this.#subscriptions
  }

  /** Whether the share can be forgotten without losing anything. */
  get isIdle(): boolean {
    return (
      this.#pointsUnderWay === 0 &&
      !this.#isWaited &&
      this.#paused.length === 0 &&
      this.#subscriptions === 0 &&
      this.#sockets.size === 0 &&
      this.#owedNow() === 0
    )
  }

  /** Whether the user has no time left at the moment. */
  get isSpent(): boolean {
    return this.#owedNow() >= burstMilliseconds
  }

  get #isWaited(): boolean {
    return this.#waiting.length > 0 || this.#patient.length > 0
  }

  /**
   * Runs an operation, whose request has so many characters, at once or when its turn comes, in the order of the calls. Throws RATE_LIMITED,
   * without having begun it, when too many wait or it has waited too long.
   */
  run<Result>(points: number, work: () => Result | Promise<Result>, characters = 0): Result | Promise<Result> {
    this.#owe(operationMilliseconds)
    return this.#schedule(
      Math.max(points, characters / pointCharacters),
      work,
      Math.ceil(characters / slotCharacters) || 1,
    )
  }

  /** Runs what comes before an operation, as `run` does. Quick work is done at once unless other preparations wait. */
  prepare<Result>(isQuick: boolean, work: () => Result, characters = 0): Result | Promise<Result> {
    if (isQuick && this.#preparing === 0) return work()
    const result = this.run(0, work, characters)
    if (!(result instanceof Promise)) return result
    this.#preparing++
    return result.finally(() => this.#preparing--)
  }

  /** Like `run`, but never refuses, and takes no place of those that may wait. The caller must bound how much waits, by a small number. */
  runSurely<Result>(points: number, work: () => Result | Promise<Result>): Result | Promise<Result> {
    return this.#schedule(points, work, 0)
  }

  /**
   * Like `runSurely`, for what may be much: streams that catch up with thousands of channels. While operations wait too, each of the two has
   * every other turn, so that neither waits for all of the other.
   */
  runPatiently<Result>(points: number, work: () => Result | Promise<Result>): Result | Promise<Result> {
    return this.#schedule(points, work, 0, this.#patient)
  }

  /** Work without slots is not refused. */
  #schedule<Result>(
    points: number,
    work: () => Result | Promise<Result>,
    slots: number,
    queue = this.#waiting,
  ): Result | Promise<Result> {
    // Whole ones: of parts, what is added and taken away in another order would leave a rest, and the share would never be idle.
    const counted = Math.ceil(Math.max(points, minPoints))
    if (!this.#isWaited && this.#hasRoom(counted)) return this.#begin(counted, work)
    if (slots > 0 && this.#slots > 0 && this.#slots + slots > maxWaiting) {
      this.#owe(refusalMilliseconds)
      throw this.#tooMuchAtOnce()
    }
    this.#slots += slots
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        queue.splice(queue.indexOf(waiting), 1)
        this.#slots -= slots
        reject(this.#tooMuchAtOnce())
        this.#beginWaiting()
      }
      const timer = slots > 0 ? setTimeout(giveUp, waitMilliseconds).unref() : undefined
      const waiting: Waiting = {
        points: counted,
        slots,
        // Whoever makes room begins it, but it belongs to the request that has asked for it.
        begin: AsyncLocalStorage.bind(() => {
          clearTimeout(timer)
          try {
            resolve(this.#begin(counted, work))
          } catch (error) {
            reject(error as Error)
          }
        }),
      }
      queue.push(waiting)
      this.#beginWaiting()
    })
  }

  /** Of what waits, the kind whose turn it is. */
  get #nextQueue(): Waiting[] {
    const isPatient = this.#patient.length > 0 && (this.#isPatientNext || this.#waiting.length === 0)
    return isPatient ? this.#patient : this.#waiting
  }

  #tooMuchAtOnce(): ChatError {
    this.#refusals.count('time', this.#caller)
    const over = Math.max(0, this.#owedNow() - burstMilliseconds)
    const what = 'the caller has too much under way; wait for earlier operations'
    return tooMuch(what, Math.max(minRetryMilliseconds, Math.ceil(over / rate)))
  }

  #hasRoom(points: number): boolean {
    if (this.#isYielding || this.isSpent) return false
    return this.#pointsUnderWay === 0 || this.#pointsUnderWay + points <= pointsUnderWay
  }

  #begin<Result>(points: number, work: () => Result | Promise<Result>): Result | Promise<Result> {
    this.#pointsUnderWay += points
    let result: Result | Promise<Result> | undefined
    try {
      result = this.measure(work)
    } finally {
      if (!(result instanceof Promise)) this.#end(points)
    }
    return result instanceof Promise ? result.finally(() => this.#end(points)) : result
  }

  #end(points: number): void {
    this.#pointsUnderWay -= points
    this.#beginWaiting()
  }

  #beginWaiting(): void {
    // Work that begins may end at once and call this again.
    if (this.#isBeginning) return
    this.#isBeginning = true
    for (let queue = this.#nextQueue; queue[0] && this.#hasRoom(queue[0].points); queue = this.#nextQueue) {
      const first = queue.shift()!
      this.#isPatientNext = queue === this.#waiting
      this.#slots -= first.slots
      first.begin()
    }
    this.#isBeginning = false
    const over = this.#owedNow() - burstMilliseconds
    if (!this.#isWaited || this.#timer || over < 0) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#beginWaiting()
      },
      over / rate + 1,
    ).unref()
  }

  /** Counts the time of a synchronous function. A measured function within another is counted once. */
  measure<Result>(work: () => Result): Result {
    if (this.#isMeasuring) return work()
    this.#isMeasuring = true
    const begun = threadTime()
    try {
      return work()
    } finally {
      this.#isMeasuring = false
      this.add(threadTime() - begun)
    }
  }

  /**
   * Counts the work that an answer of the database sets off, and a fixed time for the database itself: of answers that come together the
   * others count a tenth, since the fields of all items of a list are read by one statement.
   */
  async measureAnswer<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const answered = await answer
    this.#owe(this.#turn.measure(this) ? operationMilliseconds : rowsMilliseconds)
    return answered
  }

  /** Counts what this turn of the event loop still does. */
  measureTurn(): void {
    this.#turn.measure(this)
  }

  /** Whether to stop reading from the user. The reader pauses and calls `resumeLater`. */
  get isFlooded(): boolean {
    return this.#owedNow() >= burstMilliseconds + floodMilliseconds
  }

  /** Resumes reading once the user owes no more than the burst. One connection after the other, since each brings what has come meanwhile. */
  resumeLater(resume: () => void): void {
    if (this.#paused.push(resume) === 1) this.#resumeInTime()
  }

  /** Resolves when reading may go on; undefined when it may at once. A waiting request holds up the next one of its connection. */
  dried(): Promise<void> | undefined {
    return this.isFlooded ? new Promise((resolve) => this.resumeLater(resolve)) : undefined
  }

  #resumeInTime(): void {
    const over = this.#owedNow() - burstMilliseconds
    setTimeout(
      () => {
        if (this.#owedNow() <= burstMilliseconds) this.#paused.shift()!()
        if (this.#paused.length > 0) this.#resumeInTime()
      },
      Math.max(0, over / rate) + 10,
    ).unref()
  }

  add(milliseconds: number): void {
    this.#owe(milliseconds)
    const turn = this.#turn.count()
    this.#inTurn = (turn === this.#turnNumber ? this.#inTurn : 0) + milliseconds
    this.#turnNumber = turn
    if (this.#inTurn < turnMilliseconds || this.#isYielding) return
    this.#isYielding = true
    setImmediate(() => {
      this.#isYielding = false
      this.#beginWaiting()
    })
  }

  #owe(milliseconds: number): void {
    const now = performance.now()
    this.#owed = Math.max(0, Math.min(this.#owedNow(now) + milliseconds, maxOwedMilliseconds))
    this.#owedAt = now
  }

  #owedNow(now = performance.now()): number {
    return Math.max(0, this.#owed - (now - this.#owedAt) * rate)
  }

  /**
   * Counts a subscription whose selection costs so many points at every event. Throws RATE_LIMITED when `max` are open already, or they select too
   * much.
   */
  openSubscription(points: number, max: number): Lease {
    if (this.#subscriptions >= max) {
      this.#refusals.count('subscriptions', this.#caller, { limit: max, seconds: null })
      throw tooMuch(`a user can have ${max} subscriptions open`)
    }
    if (this.#openPoints + points > limits.userSelectionPoints) {
      this.#refusals.count('subscriptions', this.#caller)
      throw tooMuch(`what the user’s open subscriptions select costs too much: more than ${limits.userSelectionPoints}`)
    }
    this.#subscriptions++
    this.#openPoints += points
    let isOpen = true
    return {
      end: () => {
        if (!isOpen) return
        isOpen = false
        this.#subscriptions--
        this.#openPoints -= points
      },
    }
  }

  /**
   * Counts a socket. Undefined when `max` are open already. A device with a socket open gets another even then, since that one ends the older: up to
   * twice `max`, since a client that does not answer its closing keeps the older one for seconds.
   */
  openSocket(deviceId: string | undefined, max: number): Lease | undefined {
    const isReplacing = deviceId !== undefined && this.#sockets.values().some((other) => other === deviceId)
    if (this.#sockets.size >= (isReplacing ? 2 * max : max)) {
      this.#refusals.count('sockets', this.#caller, { limit: max, seconds: null })
      return undefined
    }
    const lease: Lease = { end: () => void this.#sockets.delete(lease) }
    this.#sockets.set(lease, deviceId)
    return lease
  }
}

/** The key of all callers without credentials: they share one. */
const anonymous = ''

/** The shares of one process. One that is idle and owes nothing is forgotten. */
export class Shares {
  readonly #turn = new Turn()
  readonly #shares = new Map<string, Share>()
  readonly #refusals: Refusals

  constructor(refusals: Refusals) {
    this.#refusals = refusals
  }

  /** Undefined for a backend, whose load is its operator's own choice. */
  of(actor: Actor | undefined): Share | undefined {
    if (actor === undefined) return this.#get(anonymous, actor)
    return actor.kind === 'user' ? this.#get(actor.userId, actor) : undefined
  }

  get size(): number {
    return this.#shares.size
  }

  #get(key: string, actor: Actor | undefined): Share {
    let share = this.#shares.get(key)
    if (!share) {
      this.#forgetIdle()
      share = new Share(this.#turn, this.#refusals, refusedCaller(actor))
      this.#shares.set(key, share)
    }
    return share
  }

  /** Each new share has two others checked, so no timer is needed and at most half of the shares are idle. */
  #forgetIdle(): void {
    for (const [key, share] of this.#shares.entries().take(2)) {
      this.#shares.delete(key)
      if (!share.isIdle) this.#shares.set(key, share)
    }
  }
}
