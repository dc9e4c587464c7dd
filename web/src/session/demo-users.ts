/** One of the two demo users, with a token that is valid for a while. */
export interface DemoUser {
  readonly identity: string
  readonly friendlyName: string
  readonly token: string
}

/** What the server says about demo users: them, that it has none for this page, or nothing at all. */
export type DemoAnswer =
  | { readonly kind: 'users'; readonly users: readonly DemoUser[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'away' }

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
    if (response.status === 403 || response.status === 404) return { kind: 'none' }
    if (!response.ok) return { kind: 'away' }
    const { users } = (await response.json()) as { users: readonly DemoUser[] }
    return users.length >= 2 ? { kind: 'users', users } : { kind: 'none' }
  } catch {
    return { kind: 'away' }
  }
}

/** A fresh token for one of the demo users. Rejects where the server gives none. */
export async function freshDemoToken(identity: string): Promise<string> {
  const answer = await askDemoUsers()
  const user = answer.kind === 'users' ? answer.users.find((one) => one.identity === identity) : undefined
  if (!user) {
    const why = answer.kind === 'away' ? 'it is away' : 'it has no such user'
    throw new Error(`The server gives no token for ${identity}: ${why}.`)
  }
  return user.token
}
