import type { Bus, Unsubscribe } from '../../src/live/bus.ts'
import { Gate } from './gate.ts'
import { waitFor } from './wait.ts'

/** A hint on its way to one listener of this process. */
export interface Hint {
  readonly topic: string
  readonly payload: unknown
  pass(): void
}

/**
 * Stands between the real bus and all who listen in one process, and lets a test decide when, in which order and whether
 * hints arrive, and how far subscribing has come.
 */
export class ScriptedBus {
  /** Hints that wait, in the order of their arrival. */
  readonly held: Hint[] = []
  /** Topics whose subscription has taken effect, now or before. */
  readonly topics = new Set<string>()
  #isHolding = false
  #gates: { readonly topic: string; readonly moment: 'before' | 'after'; readonly gate: Gate }[] = []

  constructor(bus: Bus) {
    const subscribe = bus.subscribe.bind(bus)
    bus.subscribe = async (topic, listener): Promise<Unsubscribe> => {
      await this.#pass(topic, 'before')
      const unsubscribe = await subscribe(topic, (payload) => this.#arrive(topic, payload, listener))
      this.topics.add(topic)
      await this.#pass(topic, 'after')
      return unsubscribe
    }
  }

  /** The next subscription to the topic waits before it takes effect, or after it has and before it is answered. */
  pauseSubscribe(topic: string, moment: 'before' | 'after'): Gate {
    const gate = new Gate()
    this.#gates.push({ topic, moment, gate })
    return gate
  }

  async #pass(topic: string, moment: 'before' | 'after'): Promise<void> {
    const at = this.#gates.findIndex((gate) => gate.topic === topic && gate.moment === moment)
    if (at >= 0) await this.#gates.splice(at, 1)[0]!.gate.pass()
  }

  #arrive(topic: string, payload: unknown, listener: (payload: unknown) => void): void {
    if (this.#isHolding) this.held.push({ topic, payload, pass: () => listener(payload) })
    else listener(payload)
  }

  /** From now on hints wait. */
  hold(): void {
    this.#isHolding = true
  }

  /** Waits until so many hints wait. */
  async holds(count: number): Promise<void> {
    await waitFor(() => this.held.length >= count, { interval: 2 })
  }

  /** Lets those through that were chosen, in the order given, and drops the rest; from now on hints pass again. */
  release(choose: (held: Hint[]) => readonly Hint[] = (held) => held): void {
    this.#isHolding = false
    for (const hint of choose(this.held.splice(0))) hint.pass()
  }
}
