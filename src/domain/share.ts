import type { Actor } from '../model/actor.ts'
import { ChatError } from '../model/error.ts'
import { limits } from '../model/limits.ts'

/** How much of the event loop's time a user may have when it wants more than `burstMilliseconds` of it. */
const rate = 0.1

/** What it may have at once before that. */
const burstMilliseconds = 300

/** What it can owe at most: whoever has asked for far too much is served again half a minute later. */
const mostOwedMilliseconds = 3000

/** In one turn of the event loop: what is over comes behind what the others want by then. */
const turnMilliseconds = 5

/** What an operation takes besides what is counted: reading it, and writing its answer. */
const operationMilliseconds = 0.2

/** What may be under way at once, in points of the cost of operations: that of the largest that is allowed. */
const pointsUnderWay = 10_000

/** What every operation counts at least: so many, divided by this, may be under way. */
const leastPoints = 100

/** Operations that wait, and how long each may. */
const mostWaiting = 200
const waitMilliseconds = 10_000

const tooMuch = (what: string): ChatError => new ChatError('RATE_LIMITED', what, 51001)

const tooMuchAtOnce = (): ChatError => tooMuch('the caller has too much under way; wait for what was asked before')

interface Waiting {
  readonly points: number
  begin(): void
}

/** Counts the turns of the event loop while anybody uses it. */
class Turn {
  number = 0
  #isCounting = false

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
}

/** Something of a user's that stays open and is counted. */
export interface Lease {
  end(): void
}

/**
 * What one caller may have of a process. The time that its operations take of the event loop is counted: up to a burst it is served at once,
 * beyond it gets a fixed part of the time and waits in between, so that it costs the others no more than that part. One that is over, or
 * that has the largest of operations under way, waits for itself alone.
 */
export class Share {
  readonly #turn: Turn
  #owed = 0
  #owedAt = 0
  #turnNumber = -1
  #inTurn = 0
  #isResting = false
  #isTurnCounted = false
  #pointsUnderWay = 0
  readonly #waiting: Waiting[] = []
  #isBeginning = false
  #timer: NodeJS.Timeout | undefined
  #subscriptions = 0
  #openPoints = 0
  readonly #sockets = new Map<Lease, string | undefined>()

  constructor(turn: Turn) {
    this.#turn = turn
  }

  /** Whether nothing is lost when it is forgotten. */
  get isIdle(): boolean {
    return (
      this.#pointsUnderWay === 0 &&
      this.#waiting.length === 0 &&
      this.#subscriptions === 0 &&
      this.#sockets.size === 0 &&
      this.#owedNow() === 0
    )
  }

  /** Whether something of it waits. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether it has no time left for the moment. */
  get isSpent(): boolean {
    return this.#owedNow() >= burstMilliseconds
  }

  /**
   * Runs an operation of so many points, now or when it is its turn; in the order they came. Throws RATE_LIMITED, with nothing done, when
   * too many wait or this one has waited too long.
   */
  run<Result>(points: number, work: () => Result | Promise<Result>): Result | Promise<Result> {
    this.#owe(operationMilliseconds)
    return this.#take(points, work, false)
  }

  /** The same for what cannot be refused: how much of it waits is for the caller to bound. */
  runPatiently<Result>(points: number, work: () => Result | Promise<Result>): Result | Promise<Result> {
    return this.#take(points, work, true)
  }

  #take<Result>(points: number, work: () => Result | Promise<Result>, isPatient: boolean): Result | Promise<Result> {
    const counted = Math.max(points, leastPoints)
    if (this.#waiting.length === 0 && this.#hasRoom(counted)) return this.#begin(counted, work)
    if (!isPatient && this.#waiting.length >= mostWaiting) throw tooMuchAtOnce()
    return new Promise((resolve, reject) => {
      const timer = isPatient
        ? undefined
        : setTimeout(() => {
            this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
            reject(tooMuchAtOnce())
          }, waitMilliseconds).unref()
      const waiting: Waiting = {
        points: counted,
        begin: () => {
          clearTimeout(timer)
          try {
            resolve(this.#begin(counted, work))
          } catch (error) {
            reject(error as Error)
          }
        },
      }
      this.#waiting.push(waiting)
      this.#beginWaiting()
    })
  }

  #hasRoom(points: number): boolean {
    if (this.#isResting || this.isSpent) return false
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
    // What begins may end at once, and come back here.
    if (this.#isBeginning) return
    this.#isBeginning = true
    for (let [first] = this.#waiting; first && this.#hasRoom(first.points); [first] = this.#waiting) {
      this.#waiting.shift()
      first.begin()
    }
    this.#isBeginning = false
    const over = this.#owedNow() - burstMilliseconds
    if (this.#waiting.length === 0 || this.#timer || over < 0) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#beginWaiting()
      },
      over / rate + 1,
    ).unref()
  }

  /** Counts the time of what is done here and now. */
  measure<Result>(work: () => Result): Result {
    const begun = performance.now()
    try {
      return work()
    } finally {
      this.add(performance.now() - begun)
    }
  }

  /** Counts what it takes to go on when an answer has come, and a little for whoever gave it. */
  async measureAnswer<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const answered = await answer
    this.#owe(operationMilliseconds)
    this.measureTurn()
    return answered
  }

  /** Counts the time until this turn's promises are done: what goes on when an answer has come. */
  measureTurn(): void {
    if (this.#isTurnCounted) return
    this.#isTurnCounted = true
    const begun = performance.now()
    process.nextTick(() => {
      this.#isTurnCounted = false
      this.add(performance.now() - begun)
    })
  }

  add(milliseconds: number): void {
    this.#owe(milliseconds)
    const turn = this.#turn.count()
    this.#inTurn = (turn === this.#turnNumber ? this.#inTurn : 0) + milliseconds
    this.#turnNumber = turn
    if (this.#inTurn < turnMilliseconds || this.#isResting) return
    this.#isResting = true
    setImmediate(() => {
      this.#isResting = false
      this.#beginWaiting()
    })
  }

  #owe(milliseconds: number): void {
    const now = performance.now()
    this.#owed = Math.min(this.#owedNow(now) + milliseconds, mostOwedMilliseconds)
    this.#owedAt = now
  }

  #owedNow(now = performance.now()): number {
    return Math.max(0, this.#owed - (now - this.#owedAt) * rate)
  }

  /** Counts a subscription whose selection costs so many points at every event. Throws RATE_LIMITED. */
  openSubscription(points: number): Lease {
    if (this.#subscriptions >= limits.userSubscriptions) {
      throw tooMuch(`a user can have ${limits.userSubscriptions} subscriptions open`)
    }
    if (this.#openPoints + points > limits.userSelectionPoints) {
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
   * Counts a socket. Undefined when the user has too many: one of a device that has another open is let in all the same, since it will
   * end that one.
   */
  openSocket(deviceId: string | undefined): Lease | undefined {
    const isReplacing = deviceId !== undefined && this.#sockets.values().some((other) => other === deviceId)
    if (this.#sockets.size >= limits.userSockets && !isReplacing) return undefined
    const lease: Lease = { end: () => void this.#sockets.delete(lease) }
    this.#sockets.set(lease, deviceId)
    return lease
  }
}

/** Those who have no credentials share one. */
const nobody = ''

/** The shares of one process, each while it is used or owes anything. */
export class Shares {
  readonly #turn = new Turn()
  readonly #shares = new Map<string, Share>()

  /** A backend has none: how much it asks is its operator's own choice. */
  of(actor: Actor | undefined): Share | undefined {
    if (actor === undefined) return this.#get(nobody)
    return actor.kind === 'user' ? this.#get(actor.userId) : undefined
  }

  /** The share of a user, if it has one. */
  ofUser(userId: string): Share | undefined {
    return this.#shares.get(userId)
  }

  get size(): number {
    return this.#shares.size
  }

  #get(key: string): Share {
    let share = this.#shares.get(key)
    if (!share) {
      this.#forgetIdle()
      share = new Share(this.#turn)
      this.#shares.set(key, share)
    }
    return share
  }

  /** Two are looked at for each that comes: so there are never more than twice those that are used, and no timer looks for them. */
  #forgetIdle(): void {
    for (const [key, share] of this.#shares.entries().take(2)) {
      this.#shares.delete(key)
      if (!share.isIdle) this.#shares.set(key, share)
    }
  }
}
