import { ChatError } from '@fonechat/client'

/** One of the two demo users, with a token that is valid for a while. */
export interface DemoUser {
  readonly identity: string
  readonly friendlyName: string
  readonly token: string
}

/** What the server says about demo users: those that it has for this page, perhaps none, or nothing at all. */
export type DemoAnswer = { readonly kind: 'users'; readonly users: readonly DemoUser[] } | { readonly kind: 'away' }

const askMs = 10_000

/** Asks the server for its demo users. Only a server without a database of its own has them, and only for its own machine. */
export async function askDemoUsers(): Promise<DemoAnswer> {
  try {
    const response = await fetch('/demo/tokens', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(askMs),
    })
    if (response.status === 403 || response.status === 404) return { kind: 'users', users: [] }
    if (!response.ok) return { kind: 'away' }
    const { users } = (await response.json()) as { users: readonly DemoUser[] }
    return { kind: 'users', users }
  } catch {
    return { kind: 'away' }
  }
}

/**
 * A fresh token for one of the demo users. Rejects with UNAUTHENTICATED where the server has no such user, which a client does not ask for
 * again, and with UNAVAILABLE where it is away.
 */
export async function freshDemoToken(identity: string): Promise<string> {
  const answer = await askDemoUsers()
  if (answer.kind === 'away')
    throw new ChatError('UNAVAILABLE', `the server is away, and gives no token for ${identity}`)
  const user = answer.users.find((one) => one.identity === identity)
  if (!user) throw new ChatError('UNAUTHENTICATED', `the server has no user ${identity}`)
  return user.token
}
