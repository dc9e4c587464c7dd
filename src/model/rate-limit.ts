/** At most so many within so many seconds, which begin with the first of them. */
export interface Rate {
  readonly limit: number
  readonly seconds: number
}

/** How often one user may do something; a process counts each of them by itself. */
export type UserRateKind = 'sends' | 'operations' | 'typing'

/** What one user may do and have open in one process. */
export interface UserLimits extends Readonly<Record<UserRateKind, Rate>> {
  readonly sockets: number
  readonly subscriptions: number
}

/** No honest client meets these. */
export const defaultUserLimits: UserLimits = {
  sends: { limit: 60, seconds: 3 },
  operations: { limit: 200, seconds: 4 },
  typing: { limit: 20, seconds: 4 },
  sockets: 20,
  subscriptions: 200,
}

/** What a caller is limited in: as a user, or by the API key that it signs in with. */
export type RateLimitKind = keyof UserLimits | 'key'

/**
 * What is refused with RATE_LIMITED, or dropped, as it is counted. `socket_operations`: too many are under way on one socket. `time`: too much of the
 * process's time is owed.
 */
export const refusalKinds = [
  'sends',
  'operations',
  'typing',
  'sockets',
  'subscriptions',
  'socket_operations',
  'key',
  'time',
] as const

export type RefusalKind = (typeof refusalKinds)[number]

/** A limit of a caller, and what is left of it. */
export interface RateLimit {
  readonly kind: RateLimitKind
  readonly limit: number
  /** Null for what is counted while it is open. */
  readonly seconds: number | null
  readonly remaining: number
  /** When `remaining` is `limit` again; null where nothing is used, and for what is open. */
  readonly resetsInMs: number | null
}
