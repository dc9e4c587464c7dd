import type { Actor } from '../../model/actor.ts'
import { badInput } from '../../model/error.ts'
import { known } from '../../model/known.ts'
import { limits } from '../../model/limits.ts'
import { refusalKinds, type RefusalKind } from '../../model/rate-limit.ts'
import { isNumber, isText, listOf, optional, orNull, row } from '../../model/shape.ts'
import type { App } from '../app.ts'
import type { KnownProcess, ProcessCalls, Question } from '../process-calls.ts'
import { byCount, type RefusalReport, type Refusals } from '../refusals.ts'
import { requireOperator, requireService } from './authority.ts'

/** Callers that each process names, and that are listed at most. */
const maxListed = 100

interface RefusalsQuestion extends Question {
  readonly ask: 'refusals'
  readonly serviceId?: string | undefined
  readonly kind?: string | undefined
}

interface RefusalsAnswer {
  /** Those of a newer process may be of kinds that this one does not know. */
  readonly refusals: readonly (Omit<RefusalReport, 'kind'> & { readonly kind: string })[]
}

const isQuestion = row<RefusalsQuestion>({ ask: isText, serviceId: optional(isText), kind: optional(isText) })

const isAnswer = row<RefusalsAnswer>({
  refusals: listOf(
    row<RefusalReport>({
      kind: isText,
      serviceId: orNull(isText),
      userId: orNull(isText),
      identity: orNull(isText),
      apiKeyId: orNull(isText),
      count: isNumber,
      lastAt: isNumber,
      limit: orNull(isNumber),
      seconds: orNull(isNumber),
    }),
  ),
})

/** Other processes ask who was refused in this one. */
export function answerRefusals(calls: ProcessCalls, refusals: Refusals): void {
  calls.onQuestion<RefusalsQuestion>('refusals', isQuestion, (question): RefusalsAnswer => {
    return { refusals: refusals.list(question, maxListed) }
  })
}

interface RefusalFilter {
  readonly serviceId?: string | null | undefined
  readonly kind?: RefusalKind | null | undefined
}

/**
 * Callers that were refused within the last hour in any process, the most often refused first. Of each process the first hundred count.
 * Needs the backend of the server's own account. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function listRateRefusals(
  app: App,
  actor: Actor,
  { serviceId, kind }: RefusalFilter,
  first: number | null | undefined,
): Promise<{ refusals: readonly RefusalReport[]; silent: readonly KnownProcess[] }> {
  requireOperator(app, actor)
  const size = first ?? limits.pageSize
  if (size < 1 || size > maxListed) throw badInput(`first must be from 1 to ${maxListed}`, 'first')
  const service = serviceId == null ? undefined : await requireService(app, actor, serviceId)
  const question: RefusalsQuestion = { ask: 'refusals', serviceId: service?.id, kind: kind ?? undefined }
  const { answers, silent } = await app.processCalls.askAll<RefusalsAnswer>(question, isAnswer)
  const merged = new Map<string, RefusalReport>()
  for (const refusal of answers.values().flatMap(({ refusals }) => refusals)) {
    const knownKind = known(refusalKinds, refusal.kind)
    if (knownKind === null) continue
    const report = { ...refusal, kind: knownKind }
    const key = `${report.kind} ${report.userId ?? report.apiKeyId ?? ''}`
    const other = merged.get(key)
    merged.set(key, other ? merge(other, report) : report)
  }
  return { refusals: [...merged.values()].toSorted(byCount).slice(0, size), silent }
}

/** The limit is that of the later refusal: it may have been changed. */
function merge(one: RefusalReport, other: RefusalReport): RefusalReport {
  const later = one.lastAt > other.lastAt ? one : other
  return { ...later, count: one.count + other.count }
}
