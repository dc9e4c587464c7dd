import type { RateCounter } from '../../live/rate-counter.ts'
import type { SecretBox } from './secret.ts'

/** Different passwords that all processes together compare of one address and name, within the longest delay of an answer. */
const slots = { limit: 10, seconds: 5 }
const once = { limit: 1, seconds: slots.seconds }

/** Wrong passwords of one address and name, by which the answer to the next one is delayed. */
const wrong = { limit: 100_000, seconds: 60 }

/**
 * What all processes together know of wrong passwords. Only an address that has sent one to this process is looked up, so right ones of all others wait
 * for nothing. Without Redis each process is as strict as it is by itself.
 */
export class SharedGuesses {
  readonly #counter: RateCounter
  readonly #secrets: Pick<SecretBox, 'nameOf'>

  constructor(counter: RateCounter, secrets: Pick<SecretBox, 'nameOf'>) {
    this.#counter = counter
    this.#secrets = secrets
  }

  /** Whether a password may be compared. One that was compared a moment ago, by whichever process, takes no further slot. */
  async takeSlot(key: string, name: string, password: string): Promise<boolean> {
    // The name keeps passwords out of Redis, as a digest that could be guessed would not.
    const attempt = this.#secrets.nameOf(`${key}:${name}:${password}`)
    const { consumedPoints } = await this.#counter.count(`attempt:${attempt}`, once)
    if (consumedPoints > once.limit) return true
    return (await this.#counter.count(`guesses:${key}`, slots)).consumedPoints <= slots.limit
  }

  /** Counts a wrong one. Answers how many there were lately. */
  async countWrong(key: string): Promise<number> {
    return (await this.#counter.count(`wrong:${key}`, wrong)).consumedPoints
  }
}
