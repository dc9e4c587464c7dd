/** The header of a refusal that says when to try again, if it does. */
export function retryAfterHeader(milliseconds: unknown): Readonly<Record<string, string>> {
  return typeof milliseconds === 'number' ? { 'retry-after': String(Math.ceil(milliseconds / 1000)) } : {}
}
