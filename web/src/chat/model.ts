/** A person as the views show it. */
export interface Person {
  readonly identity: string
  readonly name: string
}

/** What stands below a message: a state in words. `warn` is for what waits or failed. */
export interface Note {
  readonly text: string
  readonly tone: 'quiet' | 'warn'
  /** A text of the user’s own that it is about. */
  readonly quote?: string | undefined
  /** Sends the message once more, where that helps. */
  readonly onRetry?: (() => void) | undefined
  /** What the button says that does; `try again` where it is left out. */
  readonly retryLabel?: string | undefined
  /** Gives the message up. */
  readonly onDiscard?: (() => void) | undefined
}

/** A channel as the list of channels shows it. */
export interface ShownChannel {
  readonly id: string
  readonly name: string
  /** The other person, where the channel is direct. */
  readonly person: (Person & { readonly isOnline: boolean | undefined }) | null
  readonly lastLine: string
  /** What the user is writing there; null where that is nothing. */
  readonly draft: string | null
  readonly lastAt: string | null
  readonly unread: number
  /** Unread messages that name the user. */
  readonly mentions: number
  readonly href: string
}

/** How a connection is, in words. */
export interface ShownState {
  readonly kind: 'connecting' | 'live' | 'catchingUp' | 'offline' | 'refused'
  /** `live`, `catching up · 12`, `offline 12 s`, `signed out`. */
  readonly text: string
}

/** Somebody whom a message can name, or everybody in its channel. */
export interface Mentionable {
  /** Null for everybody. */
  readonly identity: string | null
  readonly name: string
  /** Whether it is certain that this person is no member of the channel. */
  readonly isOutside: boolean
}

/** What the composer names people by. */
export interface Mentioning {
  /** Those whose names begin so, at most eight. */
  readonly find: (query: string) => readonly Mentionable[]
  /** What is being typed behind an `@`; null once nothing is. */
  readonly onQuery: (query: string | null) => void
  readonly onChoose: (one: Mentionable) => void
}
