/** A person as the views show it. */
export interface Person {
  readonly identity: string
  readonly name: string
}

/** A channel as the list of channels shows it. */
export interface ShownChannel {
  readonly id: string
  readonly name: string
  /** The other person, where the channel is direct. */
  readonly person: (Person & { readonly isOnline: boolean | undefined }) | null
  readonly lastLine: string
  readonly lastAt: string | null
  readonly unread: number
  readonly href: string
}

/** How a connection is, in words. */
export interface ShownState {
  readonly kind: 'connecting' | 'live' | 'catchingUp' | 'offline' | 'refused'
  /** `live`, `catching up · 12`, `offline 12 s`, `signed out`. */
  readonly text: string
}
