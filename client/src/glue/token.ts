/** Gives an access token; asked again when the last one was refused or has expired. Its errors are taken for an outage, and it is asked again. */
export type FetchToken = () => Promise<string> | string

/** Milliseconds within which a token must come. */
const deadline = 10_000

export interface TokenSource {
  /** The token in use, or a new one. Calls at the same time ask once. */
  get(): Promise<string>
  /** Forgets this token, unless another has taken its place already. */
  drop(token: string | undefined): void
}

export function createTokenSource(fetchToken: FetchToken): TokenSource {
  let current: string | undefined
  let asking: Promise<string> | undefined
  const ask = async (): Promise<string> => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`token() has not answered within ${deadline} ms`)), deadline)
    })
    try {
      // Also an error that is thrown at once must come when `asking` is set.
      return (current = await Promise.race([Promise.resolve().then(fetchToken), late]))
    } finally {
      clearTimeout(timer)
      asking = undefined
    }
  }
  return {
    get: async () => current ?? (asking ??= ask()),
    drop: (token) => {
      if (token === current) current = undefined
    },
  }
}
