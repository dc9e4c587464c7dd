/** Tries again for ever: a Redis that is away makes hints late, never the server unusable. */
export const retryStrategy = (attempt: number): number => Math.min(50 * attempt, 1000)
