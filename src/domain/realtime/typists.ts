import type { Typing, TypingEvent, TypingHint } from '../../model/event.ts'

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
  /** By `placeOf`: one member may type in several places, on several devices. */
  readonly #byPlace = new Map<string, Typist>()
  readonly #emit: (event: TypingEvent) => void

  constructor(emit: (event: TypingEvent) => void) {
    this.#emit = emit
  }

  /** The events of the beginnings of all typing that lasts. */
  get events(): readonly TypingEvent[] {
    return Array.from(this.#byPlace.values(), ({ event }) => event)
  }

  /** The same events with their present ends. */
  latest(events: readonly TypingEvent[]): readonly TypingEvent[] {
    return events.map((event) => this.#byPlace.get(placeOf(event.typing))?.event ?? event)
  }

  /** `release` is given in the process that received the call, and is called when the typing ends. */
  start({ member, parent, milliseconds, isAnswer }: TypingHint, release?: () => void): void {
    const { channelId, userId } = member
    const place = placeOf({ member, parent })
    const before = this.#byPlace.get(place)
    if (before && isAnswer) return
    clearTimeout(before?.timer)
    const timer = setTimeout(() => this.#end(place), milliseconds)
    timer.unref()
    const event: TypingEvent = {
      type: parent ? 'threadTypingStarted' : 'typingStarted',
      typing: { channelId, member, parent, expiresAt: new Date(Date.now() + milliseconds) },
      except: userId,
    }
    const endsAt = performance.now() + milliseconds
    this.#byPlace.set(place, { event, timer, endsAt, release: release ?? before?.release })
    if (release) before?.release?.()
    if (!before) this.#emit(event)
  }

  /** A member has sent what it was typing: in the channel, or as a reply to the message with this index. */
  endAt(identity: string, parentIndex: number | null | undefined): void {
    this.#end(placeKey(identity, parentIndex))
  }

  /** A member types nowhere any more. */
  endAll(identity: string): void {
    for (const [place, { event }] of this.#byPlace) if (event.typing.member.identity === identity) this.#end(place)
  }

  #end(place: string): void {
    const typist = this.#byPlace.get(place)
    if (!typist) return
    clearTimeout(typist.timer)
    this.#byPlace.delete(place)
    this.#emit(toEnd(typist.event))
    typist.release?.()
  }

  /** For a feed that has just opened: everyone whose call this process received. */
  answers(): TypingHint[] {
    return Array.from(this.#byPlace.values()).flatMap(({ event, endsAt, release }) => {
      const { member, parent } = event.typing
      const milliseconds = Math.max(0, endsAt - performance.now())
      return release ? { type: 'typing', member, parent, milliseconds, isAnswer: true } : []
    })
  }

  close(): void {
    for (const { timer } of this.#byPlace.values()) clearTimeout(timer)
    this.#byPlace.clear()
  }
}

/** Typing is one thing for each member and place: the channel itself, or the thread of a message. */
export const placeOf = ({ member, parent }: Pick<Typing, 'member' | 'parent'>): string =>
  placeKey(member.identity, parent?.index)

const placeKey = (identity: string, parentIndex: number | null | undefined): string =>
  `${parentIndex ?? ''} ${identity}`

const toEnd = (event: TypingEvent): TypingEvent => ({
  ...event,
  type: event.typing.parent ? 'threadTypingEnded' : 'typingEnded',
})

/** The events that lead from one set of typing members to another. */
export function typingSince(known: readonly TypingEvent[], now: readonly TypingEvent[]): readonly TypingEvent[] {
  if (known.length === 0) return now
  const isIn = (events: readonly TypingEvent[]) => {
    const places = new Set(events.map(({ typing }) => placeOf(typing)))
    return ({ typing }: TypingEvent): boolean => places.has(placeOf(typing))
  }
  const [isKnown, lasts] = [isIn(known), isIn(now)]
  return [...known.filter((event) => !lasts(event)).map(toEnd), ...now.filter((event) => !isKnown(event))]
}
