import type { AccountId, AuditEntryId } from './sid.ts'

/** `started` is also what an entry stays whose process ended before it could write the outcome. */
export type AuditState = 'started' | 'done' | 'failed'

/** A change that an operator has made in the console. */
export interface AuditEntry {
  readonly accountId: AccountId
  readonly id: AuditEntryId
  /** The field of Mutation. */
  readonly mutation: string
  /** The SID of what is changed, where it has one. */
  readonly subjectId: string | null
  readonly consoleSessionId: string
  /** The SID that the operator has signed in with: of the account or of an API key. */
  readonly credentialId: string
  readonly address: string | null
  readonly state: AuditState
  /** The code of the refusal. */
  readonly errorCode: string | null
  /** JSON text: the fields of the thing as the API shows them. */
  readonly before: string | null
  readonly after: string | null
  readonly endedAt: Date | null
}

/** In bytes, of what is kept of a thing before and after a change. */
export const maxThingBytes = 16 * 1024

/** The fields of a thing as JSON text of a bounded size: long fields are cut, and say so. */
export function toBoundedJson(fields: Readonly<Record<string, unknown>>): string {
  const whole = JSON.stringify(fields)
  if (Buffer.byteLength(whole) <= maxThingBytes) return whole
  for (let room = maxThingBytes / 8; ; room = Math.floor(room / 2)) {
    const cut = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cutTo(room, value)]))
    const text = JSON.stringify(cut)
    if (Buffer.byteLength(text) <= maxThingBytes) return text
  }
}

function cutTo(room: number, value: unknown): unknown {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  const bytes = Buffer.byteLength(text)
  if (bytes <= room) return value
  // A sign takes 4 bytes at most, and half a sign is not stored.
  return `${text.slice(0, Math.floor(room / 4)).toWellFormed()}… (cut: ${bytes} bytes)`
}
