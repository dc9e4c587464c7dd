import type { PassingEvent, TypingHint } from '../../model/event.ts'

interface Typist {
  readonly event: PassingEvent
  readonly timer: NodeJS.Timeout
  /** By this process's own clock, which never goes back. */
  readonly endsAt: number
  /** Where it was heard first: that process answers for it, and keeps its feed open as long. */
  readonly release: (() => void) | undefined
}

/**
 * Who types in one channel, as one process knows it. Nothing is stored: a hint starts it or, while it lasts, only prolongs it, and it ends
 * by itself. Hints carry durations, since the clocks of two machines differ.
 */
export class Typists {
  readonly #byIdentity = new Map<string, Typist>()
  readonly #emit: (event: PassingEvent) => void

  constructor(emit: (event: PassingEvent) => void) {
    this.#emit = emit
  }

  /** The beginnings of all that lasts. */
  get events(): readonly PassingEvent[] {
    return Array.from(this.#byIdentity.values(), ({ event }) => event)
  }

  /** The same, with how long they last by now. */
  latest(events: readonly PassingEvent[]): readonly PassingEvent[] {
    return events.map((event) => this.#byIdentity.get(event.typing.member.identity)?.event ?? event)
  }

  /** `release` is called when it has ended, where it was heard first. */
  start({ member, milliseconds, isAnswer }: TypingHint, release?: () => void): void {
    const { identity, channelId, userId } = member
    const before = this.#byIdentity.get(identity)
    if (before && isAnswer) return
    clearTimeout(before?.timer)
    const timer = setTimeout(() => this.end(identity), milliseconds)
    timer.unref()
    const event: PassingEvent = {
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

  /** For who has just begun to listen: all that was heard here first. */
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

/** What someone has to be told who knew of some that type, and comes to where others are known. */
export function typingSince(known: readonly PassingEvent[], now: readonly PassingEvent[]): readonly PassingEvent[] {
  if (known.length === 0) return now
  const isIn = (events: readonly PassingEvent[]) => {
    const identities = new Set(events.map(({ typing }) => typing.member.identity))
    return ({ typing }: PassingEvent): boolean => identities.has(typing.member.identity)
  }
  const [isKnown, lasts] = [isIn(known), isIn(now)]
  return [
    ...known.filter((event) => !lasts(event)).map((event) => ({ ...event, type: 'typingEnded' as const })),
    ...now.filter((event) => !isKnown(event)),
  ]
}
