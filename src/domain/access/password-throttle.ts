import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../config/logger.ts'
import { ChatError } from '../../model/error.ts'
import { subscriberNetwork } from '../../model/network.ts'
import { isSid } from '../../model/sid.ts'
import type { SharedGuesses } from './shared-guesses.ts'

/** Delay of the answer to a wrong password, in milliseconds: the first and the longest. From the third on each doubles it. */
const minDelay = 100
const maxDelay = 5000

/** An address is forgotten so long after its last wrong password. */
const forgetMilliseconds = 5 * 60_000

/** Wrong passwords whose answers may wait at once: of one address and name, and of all. */
const maxWaiting = 10
const maxWaitingOfAll = 1000

/** Addresses with names that are remembered. Beyond that, the one that was quiet for longest is forgotten. */
const maxRemembered = 10_000

/** The log names an address from this number of wrong passwords on. */
const minLogged = 5

/** How often it names the same address, and how many addresses in that time. */
const logMilliseconds = 60_000
const maxLogged = 10

/** A name and a password that a caller sent, and its address. */
export interface Attempt {
  readonly address: string
  readonly name: string
  readonly password: string
  /** Whether the name is that of an account or an API key. */
  readonly isKnown: boolean
}

/** What one address has tried with one name. */
interface Guesses {
  wrong: number
  unchecked: number
  /** Digests of wrong passwords whose answers wait. */
  readonly waiting: Set<string>
  loggedAt: number
}

/**
 * Keeps passwords from being guessed at speed. A right one is answered at once, a wrong one after a delay that grows. While too many
 * answers wait, further passwords are refused unchecked. Counts by address and name: by name alone, anybody could shut out a backend. What other
 * processes know counts too, where they share it.
 */
export class PasswordThrottle {
  /** How many passwords were wrong, and how many were refused unchecked. */
  wrong = 0
  unchecked = 0
  readonly #logger: Logger
  readonly #shared: SharedGuesses | undefined
  readonly #now: () => number
  readonly #guesses: LRUCache<string, Guesses>
  #waiting = 0
  /** Since when the lines of the log are counted, and how many there are. */
  #loggedSince = -Infinity
  #logged = 0

  constructor(logger: Logger, shared?: SharedGuesses, now: () => number = () => performance.now()) {
    this.#logger = logger
    this.#shared = shared
    this.#now = now
    this.#guesses = new LRUCache({ max: maxRemembered, ttl: forgetMilliseconds, perf: { now } })
  }

  /** How many addresses and names are remembered. */
  get size(): number {
    return this.#guesses.size
  }

  /**
   * Answers the caller that `verify` finds at once, and undefined after a delay. Throws RATE_LIMITED without calling `verify`, which must be
   * synchronous: otherwise guesses that come together would all be checked before the first of them counts.
   */
  async check<Caller>(attempt: Attempt, verify: () => Caller | undefined): Promise<Caller | undefined> {
    const network = subscriberNetwork(attempt.address)
    // Unknown names count as one, since they can be made up without end.
    const key = `${network} ${attempt.isKnown ? attempt.name : ''}`
    let known = this.#guesses.get(key)
    if (known) this.#assertWithin(known, attempt)
    if (known && this.#shared) {
      if (!(await this.#shared.takeSlot(key, attempt.name, attempt.password))) this.#refuse(known)
      // Others may have come meanwhile.
      known = this.#guesses.get(key)
      if (known) this.#assertWithin(known, attempt)
    }
    const caller = verify()
    if (caller !== undefined) return caller
    const guesses = known ?? { wrong: 0, unchecked: 0, waiting: new Set(), loggedAt: -Infinity }
    this.wrong++
    guesses.wrong++
    this.#guesses.set(key, guesses)
    this.#log(network, attempt.name, guesses)
    await this.#wait(guesses, digestOf(attempt), known && key)
    return undefined
  }

  #assertWithin(guesses: Guesses, attempt: Attempt): void {
    if (this.#isOverLimit(guesses, attempt)) this.#refuse(guesses)
  }

  #refuse(guesses: Guesses): never {
    this.unchecked++
    guesses.unchecked++
    throw tooManyWrong()
  }

  /** A password that already waits as a wrong one takes no second slot: a client that repeats an old password shuts out nobody. */
  #isOverLimit({ waiting }: Guesses, attempt: Attempt): boolean {
    return waiting.size >= maxWaiting || this.#waiting >= maxWaitingOfAll || waiting.has(digestOf(attempt))
  }

  /** With a key, other processes have a say in how long. */
  async #wait({ wrong, waiting }: Guesses, digest: string, key: string | undefined): Promise<void> {
    // The first wrong password of an address is checked even while too many others wait.
    if (this.#waiting >= maxWaitingOfAll) throw tooManyWrong()
    this.#waiting++
    waiting.add(digest)
    const ofAll = key === undefined ? undefined : await this.#shared?.countWrong(key)
    const milliseconds = Math.min(minDelay * 2 ** Math.max(0, Math.max(wrong, ofAll ?? 0) - 2), maxDelay)
    await new Promise((resolve) => setTimeout(resolve, milliseconds).unref())
    waiting.delete(digest)
    this.#waiting--
  }

  #log(address: string, name: string, guesses: Guesses): void {
    const now = this.#now()
    const { wrong, unchecked, loggedAt } = guesses
    if (wrong < minLogged || now - loggedAt < logMilliseconds) return
    if (now - this.#loggedSince >= logMilliseconds) {
      this.#loggedSince = now
      this.#logged = 0
    }
    if (this.#logged > maxLogged) return
    if (this.#logged++ === maxLogged) {
      this.#logger.warn(
        `wrong passwords come from more than ${maxLogged} addresses; the others are not logged for a minute`,
      )
      return
    }
    guesses.loggedAt = now
    const sid = isSid('AC', name) || isSid('SK', name) ? name : undefined
    this.#logger.warn({ address, sid, wrong, unchecked }, 'an address keeps sending wrong passwords')
  }
}

/** The answers that wait now have been given after the longest delay. */
function tooManyWrong(): ChatError {
  return new ChatError('RATE_LIMITED', `too many wrong passwords; try again in ${maxDelay / 1000} seconds`, undefined, {
    retryAfterMs: maxDelay,
  })
}

/** Covers the name, since unknown names count as one. */
function digestOf({ name, password }: Attempt): string {
  return createHash('sha256').update(`${name}:${password}`).digest('base64')
}
