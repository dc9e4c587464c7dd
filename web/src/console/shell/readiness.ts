import type { shellTexts } from '../texts/en/shell.ts'

const deadlineMs = 4000

/** What does not answer. */
export type Away = keyof typeof shellTexts.away

/** Asks the server whether it is ready; null where it is. */
export async function readAway(): Promise<Away | null> {
  try {
    const response = await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(deadlineMs) })
    if (response.ok) return null
    const { reason } = (await response.json()) as { readonly reason?: string }
    return reason === 'database' || reason === 'stopping' ? reason : 'server'
  } catch {
    return 'server'
  }
}
