import { textFault } from './json-text.ts'
import { limits } from './limits.ts'
import { systemAuthor } from './message.ts'
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
  /** JSON text: what the operator has asked for, as the API names it. */
  readonly input: string
  /** The identity of the user whom the change concerns. */
  readonly identity: string | null
  /** JSON text: the fields of the thing as the API shows them. */
  readonly before: string | null
  readonly after: string | null
  readonly endedAt: Date | null
}

/** In bytes, of the input, and of what is kept of a thing before and after a change. */
export const maxAuditBytes = 16 * 1024

/** Fields of a user, and of its connection, which go from its entries when it is deleted. Its SID, its identity and its roles stay. */
export const personalFields: readonly string[] = [
  'friendlyName',
  'attributes',
  'avatarUrl',
  'status',
  'locale',
  'timeZone',
  'lastSeenAt',
  'address',
  'deviceId',
]

type Fields = Readonly<Record<string, unknown>>

/** The identity of the user that a thing is, belongs to, or was written by; the input is asked last. */
export function identityOf(...given: readonly (Fields | undefined)[]): string | null {
  const all = given.flatMap((fields) => [fields?.['identity'], fields?.['authorIdentity']])
  const identity = all.find((one) => typeof one === 'string' && one !== systemAuthor)
  // What was refused can be anything.
  const isKept = typeof identity === 'string' && identity.length <= limits.identityLength
  return isKept && textFault(identity) === undefined ? identity : null
}
