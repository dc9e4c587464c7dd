import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose'

/** How long the issuer may take to answer, in milliseconds. */
const answerMilliseconds = 3000

/** How long its keys count as its current ones, in milliseconds. */
const freshMilliseconds = 600_000

/** How long they are believed while it does not answer, in milliseconds: a key that was revoked meanwhile counts for so long. */
const staleMilliseconds = 24 * 3_600_000

/** How often a key that is not known makes them be read again at most, in milliseconds. */
const unknownMilliseconds = 30_000

export interface IssuerReport {
  /** The keys cannot be read; said once. */
  away(error: unknown): void
  back(): void
}

/**
 * The public keys of the operator's token issuer. Whoever waits for them waits for the same request, and for one at most; what is
 * known goes on to count for a day while the issuer does not answer.
 */
export function createIssuerKeys(url: URL, report: IssuerReport): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(url, {
    timeoutDuration: answerMilliseconds,
    // When they are read again is decided here.
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
