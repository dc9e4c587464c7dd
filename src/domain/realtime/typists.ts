import type { TypingEvent, TypingHint } from '../../model/event.ts'

interface Typist {
  readonly event: TypingEvent
  readonly timer: NodeJS.Timeout
  /** By the monotonic clock of this process. */
  readonly endsAt: number
  /** Set in the process that received the call: it answers other processes, and holds its feed until the typing ends. */
  readonly release: (() => void) | undefined
}

/**
 * Who types in one channel, as this process knows. Nothing is stored. A hint starts or prolongs the typing, which ends by its timer. Hints
 * carry durations, since the clocks of two machines differ.
 */
export class Typists {
  readonly #byIdentity = new Map<string, Typist>()
  readonly #emit: (event: TypingEvent) => void

  constructor(emit: (event: TypingEvent) => void) {
    this.#emit = emit
  }

  /** The `typingStarted` events of all who type now. */
  get events(): readonly TypingEvent[] {
    return Array.from(this.#byIdentity.values(), ({ event }) => event)
  }

  /** The same events with their present ends. */
  latest(events: readonly TypingEvent[]): readonly TypingEvent[] {
    return events.map((event) => this.#byIdentity.get(event.typing.member.identity)?.event ?? event)
  }

  /** `release` is given in the process that received the call, and is called when the typing ends. */
  start({ member, milliseconds, isAnswer }: TypingHint, release?: () => void): void {
    const { identity, channelId, userId } = member
    const before = this.#byIdentity.get(identity)
    if (before && isAnswer) return
    clearTimeout(before?.timer)
    const timer = setTimeout(() => this.end(identity), milliseconds)
    timer.unref()
    const event: TypingEvent = {
      type: 'typingStarted',
      typing: { channelId, member, expiresAt: new Date(Date.now() + milliseconds) },
      except: userId,
    }
    const endsAt = performance.now() + milliseconds
    this.#byIdentity.set(identity, { event, timer, endsAt, release: release ?? before?.release })
    if (release) before?.release?.()
    if (!before) this.#emit(event)
  }

  end(identity: string): void {
    const typist = this.#byIdentity.get(identity)
    if (!typist) return
    clearTimeout(typist.timer)
    this.#byIdentity.delete(identity)
    this.#emit({ ...typist.event, type: 'typingEnded' })
    typist.release?.()
  }

  /** For a feed that has just opened: everyone whose call this process received. */
  answers(): TypingHint[] {
    return Array.from(this.#byIdentity.values()).flatMap(({ event, endsAt, release }) => {
      const milliseconds = Math.max(0, endsAt - performance.now())
      return release ? { type: 'typing', member: event.typing.member, milliseconds, isAnswer: true } : []
    })
  }

  close(): void {
    for (const { timer } of this.#byIdentity.values()) clearTimeout(timer)
    this.#byIdentity.clear()
  }
}

/** The events that lead from one set of typing members to another. */
export function typingSince(known: readonly TypingEvent[], now: readonly TypingEvent[]): readonly TypingEvent[] {
  if (known.length === 0) return now
  const isIn = (events: readonly TypingEvent[]) => {
    const identities = new Set(events.map(({ typing }) => typing.member.identity))
    return ({ typing }: TypingEvent): boolean => identities.has(typing.member.identity)
  }
  const [isKnown, lasts] = [isIn(known), isIn(now)]
  return [
    ...known.filter((event) => !lasts(event)).map((event) => ({ ...event, type: 'typingEnded' as const })),
    ...now.filter((event) => !isKnown(event)),
  ]
}
