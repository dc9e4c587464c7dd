import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'

/** How long the issuer may take to answer, in milliseconds. */
const answerMilliseconds = 3000

/** How long its keys count as its current ones, in milliseconds. */
const freshMilliseconds = 600_000

/** How long they stay valid while it does not answer, in milliseconds. A key that was revoked meanwhile is accepted for so long. */
const staleMilliseconds = 24 * 3_600_000

/** The shortest time between two reads because of an unknown key, in milliseconds. */
const unknownMilliseconds = 30_000

export interface IssuerReport {
  /** Called once when the keys cannot be read. */
  away(error: unknown): void
  back(): void
}

/**
 * The public keys of the operator's token issuer. All callers wait for the same request, and for one at most. Known keys stay
 * valid for a day while the issuer does not answer.
 */
export function createIssuerKeys(url: URL, report: IssuerReport): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: answerMilliseconds,
    // This function decides when they are read again.
    cacheMaxAge: Infinity,
    cooldownDuration: Infinity,
  })
  let readAt = -Infinity
  let isAway = false
  const age = (): number => performance.now() - readAt
  const read = async (): Promise<void> => {
    try {
      await keys.reload()
    } catch (error) {
      if (!isAway) report.away(error)
      isAway = true
      throw error
    }
    readAt = performance.now()
    if (isAway) report.back()
    isAway = false
  }
  return async (header, token) => {
    if (age() >= staleMilliseconds) await read()
    else if (age() >= freshMilliseconds) {
      const reading = read().catch(() => {})
      if (!isAway) await reading
    }
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || age() < unknownMilliseconds) throw error
      await read()
      return keys(header, token)
    }
  }
}

/** Asks the issuer once, and counts its keys. */
export async function countIssuerKeys(url: URL): Promise<number> {
  const keys = createRemoteJWKSet(url, { timeoutDuration: answerMilliseconds })
  await keys.reload()
  return keys.jwks()?.keys.length ?? 0
}
