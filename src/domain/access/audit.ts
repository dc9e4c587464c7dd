import { loginOf, type Actor, type Backend } from '../../model/actor.ts'
import { identityOf, maxAuditBytes, type AuditEntry } from '../../model/audit-entry.ts'
import { toBoundedJson } from '../../model/bounded-json.ts'
import { badInput, ChatError } from '../../model/error.ts'
import { byId, parsePage, readPage, sidCursor, type PageArgs, type PageOf } from '../../model/page.ts'
import { isSid, newSid, type AccountId, type AuditEntryId, type ConsoleSessionId } from '../../model/sid.ts'
import {
  eraseAuditEntries,
  insertAuditEntry,
  readAuditEntry,
  readAuditPage,
  updateAuditEntry,
  type AuditFilter,
  type AuditOutcome,
} from '../../store/audit-entry.ts'
import { isUnavailable } from '../../store/engine/fault.ts'
import type { App } from '../app.ts'
import { retryWhileUnavailable } from '../retry.ts'
import { assertText } from '../validation.ts'
import { requireBackend } from './authority.ts'

/** How long the outcome of a change is tried to be written while the database is away, in milliseconds. */
const outcomeMilliseconds = 60_000

/** What the API shows of the thing that is changed. */
export interface ShownThing {
  /** The SID by which its entries are found. */
  readonly id: string | undefined
  readonly fields: Readonly<Record<string, unknown>>
}

/** A change that an operator makes in the console. */
export interface OperatorChange<Result> {
  /** The field of Mutation. */
  readonly mutation: string
  /** What it was called with, without what must not be kept. */
  readonly input: Readonly<Record<string, unknown>>
  /** The SID by which the input names the thing: of one that is gone, too. */
  readonly namedSid?: string | undefined
  /** The thing as it is; undefined where there is none yet. */
  readThing(): Promise<ShownThing | undefined>
  run(): Promise<Result>
  /** The thing after the change; undefined where there is none any more. */
  readChanged(result: Result): Promise<ShownThing | undefined>
  /** Its SID, where the result names one. */
  subjectOf(result: Result): string | undefined
}

/** An actor whose changes are recorded. */
type Operator = Backend & { readonly consoleSessionId: ConsoleSessionId }

export const isOperator = (actor: Actor | undefined): actor is Operator =>
  actor?.kind === 'backend' && actor.consoleSessionId !== undefined

/**
 * Makes a change and records it: that it begins, before it, and how it ended, after it. A change whose beginning cannot be written is not made. One whose
 * end cannot be written, as when the process dies, stays STARTED: nobody can say whether it was made.
 */
export async function recordChange<Result>(app: App, actor: Operator, change: OperatorChange<Result>): Promise<Result> {
  const { accountId, consoleSessionId, address = null } = actor
  const { namedSid } = change
  const before = await nothingIfRefused(() => change.readThing())
  const id = await insertAuditEntry(app.db, {
    accountId,
    id: newSid('AE'),
    mutation: change.mutation,
    input: toBoundedJson(change.input, maxAuditBytes),
    subjectId: before?.id ?? namedSid ?? null,
    identity: identityOf(before?.fields, change.input),
    consoleSessionId,
    credentialId: loginOf(actor),
    address,
    before: before ? toBoundedJson(before.fields, maxAuditBytes) : null,
  })
  const settle = (outcome: Pick<AuditOutcome, 'state' | 'errorCode'>, changed?: ShownThing, subjectId?: string) =>
    writeOutcome(app, accountId, id, {
      ...outcome,
      subjectId: before?.id ?? changed?.id ?? subjectId ?? namedSid ?? null,
      identity: identityOf(before?.fields, changed?.fields, change.input),
      after: changed ? toBoundedJson(changed.fields, maxAuditBytes) : null,
    })
  let result: Result
  try {
    result = await change.run()
  } catch (error) {
    await settle({ state: 'failed', errorCode: codeOf(error) })
    throw error
  }
  const changed = await change.readChanged(result).catch((error: unknown) => {
    // The change is made, whatever can be read of it.
    if (!(error instanceof ChatError))
      app.logger.warn({ err: error, auditEntryId: id }, 'what was changed was not read')
    return undefined
  })
  await settle({ state: 'done', errorCode: null }, changed, change.subjectOf(result))
  return result
}

/** Where the thing cannot be read, the change will be refused for the same reason. */
async function nothingIfRefused<Thing>(read: () => Promise<Thing | undefined>): Promise<Thing | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ChatError && error.code !== 'UNAVAILABLE') return undefined
    throw error
  }
}

function codeOf(error: unknown): string {
  if (error instanceof ChatError) return error.code
  return isUnavailable(error) ? 'UNAVAILABLE' : 'INTERNAL_SERVER_ERROR'
}

/** Never throws: the change has been made or refused, and its answer is the caller's. */
async function writeOutcome(app: App, accountId: AccountId, id: AuditEntryId, outcome: AuditOutcome): Promise<void> {
  const { subjectId } = outcome
  const write = async (): Promise<void> => {
    await updateAuditEntry(app.db, id, outcome)
    // The user may have been deleted since it was read.
    if (subjectId !== null && isSid('US', subjectId)) await eraseAuditEntries(app.db, accountId, subjectId)
  }
  const onLost = (error: unknown): void =>
    app.logger.error({ err: error, auditEntryId: id }, 'the outcome of a change was not recorded')
  try {
    await write()
  } catch (error) {
    if (!isUnavailable(error)) return onLost(error)
    const until = performance.now() + outcomeMilliseconds
    let lost: unknown = error
    const isWanted = (): boolean => {
      if (performance.now() < until) return true
      onLost(lost)
      return false
    }
    void retryWhileUnavailable(write, isWanted, (failure) => (lost = failure)).catch(onLost)
  }
}

/**
 * One page of what operators have changed in the console, newest first.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN.
 */
export async function listAuditEntries(
  app: App,
  actor: Actor,
  filter: AuditFilter,
  args: PageArgs,
): Promise<PageOf<AuditEntry>> {
  const { accountId } = requireBackend(actor)
  const page = parsePage(actor, args, sidCursor('AE'))
  const { since, until } = filter
  for (const name of ['mutation', 'subjectId', 'identity', 'credentialId', 'consoleSessionId'] as const) {
    if (filter[name] != null) assertText(name, filter[name])
  }
  if (since && until && since > until) throw badInput('until must not be before since', 'until')
  return readPage(page, (part) => readAuditPage(app.db, accountId, filter, part), byId)
}

/**
 * What an operator of the caller's account has changed.
 * Needs the backend. Throws FORBIDDEN.
 */
export async function findAuditEntry(app: App, actor: Actor, id: string): Promise<AuditEntry | undefined> {
  const { accountId } = requireBackend(actor)
  const entry = isSid('AE', id) ? await readAuditEntry(app.db, id) : undefined
  return entry?.accountId === accountId ? entry : undefined
}
