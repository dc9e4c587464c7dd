import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../logger.ts'
import { ChatError } from '../model/error.ts'
import { subscriberNetwork } from '../model/network.ts'
import { isSid } from '../model/sid.ts'

/** How long the answer to a wrong password waits, in milliseconds: at first, and at most. It doubles with each from the third on. */
const minDelay = 100
const maxDelay = 5000

/** When a caller that is refused unchecked should try again: by then the answers that wait now are given. */
export const retryAfterSeconds = maxDelay / 1000

/** How long after its last wrong password an address has none any more, in milliseconds. */
const forgetMilliseconds = 5 * 60_000

/** Wrong passwords of one address and name whose answers wait at once, and those of all. */
const maxWaiting = 10
const maxWaitingOfAll = 1000

/** Addresses and names that are remembered; beyond that the one that has been quiet for longest is forgotten. */
const maxRemembered = 10_000

/** From so many wrong passwords on the log names an address, once in so many milliseconds, and in those so many addresses. */
const minLogged = 5
const logMilliseconds = 60_000
const maxLogged = 10

/** A name and a password that somebody came with. */
export interface Attempt {
  readonly address: string
  readonly name: string
  readonly password: string
  /** Whether the name stands for somebody. */
  readonly isKnown: boolean
}

/** What one address has tried on one name. */
interface Guesses {
  wrong: number
  unchecked: number
  /** Digests of wrong passwords whose answers wait. */
  readonly waiting: Set<string>
  loggedAt: number
}

/**
 * Keeps passwords from being guessed at speed. A right one is answered at once, a wrong one after a delay that grows; while too many
 * wait, further ones are refused without a look at them. It counts by address and name: by name alone, anybody could shut out a backend.
 */
export class PasswordThrottle {
  /** How many passwords were wrong, and how many were refused unchecked. */
  wrong = 0
  unchecked = 0
  readonly #logger: Logger
  readonly #now: () => number
  readonly #guesses: LRUCache<string, Guesses>
  #waiting = 0
  /** Of the log: since when its lines are counted, and how many there are. */
  #loggedSince = -Infinity
  #logged = 0

  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger
    this.#now = now
    this.#guesses = new LRUCache({ max: maxRemembered, ttl: forgetMilliseconds, perf: { now } })
  }

  /** How many addresses and names are remembered. */
  get size(): number {
    return this.#guesses.size
  }

  /**
   * Whom a password lets in, or nobody, after a delay. Throws RATE_LIMITED without having asked `open`, which must answer at once: those
   * that come together would all be let through before the first of them counts.
   */
  async check<Caller>(attempt: Attempt, open: () => Caller | undefined): Promise<Caller | undefined> {
    const network = subscriberNetwork(attempt.address)
    // Names that stand for nobody are one: they can be made up without end.
    const key = `${network} ${attempt.isKnown ? attempt.name : ''}`
    const known = this.#guesses.get(key)
    if (known && this.#isTooMuch(known, attempt)) {
      this.unchecked++
      known.unchecked++
      throw tooManyWrong()
    }
    const caller = open()
    if (caller !== undefined) return caller
    const guesses = known ?? { wrong: 0, unchecked: 0, waiting: new Set(), loggedAt: -Infinity }
    this.wrong++
    guesses.wrong++
    this.#guesses.set(key, guesses)
    this.#log(network, attempt.name, guesses)
    await this.#wait(guesses, digestOf(attempt))
    return undefined
  }

  /** One that is known to be wrong, and waits, takes no place of others: who repeats an old password shuts out nobody. */
  #isTooMuch({ waiting }: Guesses, attempt: Attempt): boolean {
    return waiting.size >= maxWaiting || this.#waiting >= maxWaitingOfAll || waiting.has(digestOf(attempt))
  }

  async #wait({ wrong, waiting }: Guesses, digest: string): Promise<void> {
    // An address with its first wrong password comes here also when too many others wait.
    if (this.#waiting >= maxWaitingOfAll) throw tooManyWrong()
    this.#waiting++
    waiting.add(digest)
    const milliseconds = Math.min(minDelay * 2 ** Math.max(0, wrong - 2), maxDelay)
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

function tooManyWrong(): ChatError {
  return new ChatError('RATE_LIMITED', `too many wrong passwords; try again in ${retryAfterSeconds} seconds`)
}

/** The name belongs to it, since names that stand for nobody are counted as one. */
function digestOf({ name, password }: Attempt): string {
  return createHash('sha256').update(`${name}:${password}`).digest('base64')
}
