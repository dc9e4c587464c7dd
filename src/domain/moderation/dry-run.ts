import { setTimeout as delay } from 'node:timers/promises'
import type { Actor } from '../../model/actor.ts'
import { limits } from '../../model/limits.ts'
import type { Message } from '../../model/message.ts'
import { firstSidOf } from '../../model/sid.ts'
import { readMessagesSince } from '../../store/flag.ts'
import { requireBackend, requireService } from '../access/authority.ts'
import type { App } from '../app.ts'
import { MatchedText, PreparedRules, type MaskedRange } from './keyword-match.ts'
import { parseMatch, type MatchInput } from './keyword-rule.ts'
import { BudgetExceeded, Pacer } from './pacer.ts'

export interface DryRunInput extends MatchInput {
  readonly serviceId?: string | null | undefined
}

export interface DryRun {
  /** How many messages were looked at, and how many of them match. */
  readonly scanned: number
  readonly matched: number
  /** Whether that is all there are. */
  readonly isComplete: boolean
  /** When the last message was sent that was looked at: where a search that is not complete may go on. */
  readonly scannedUntil: Date | undefined
  readonly examples: readonly DryRunExample[]
}

/** One of the first messages that match: where in their body, and what a mask would make of that. */
export interface DryRunExample {
  readonly message: Message
  readonly matches: readonly MaskedRange[]
  readonly masked: string
}

/** So many messages are looked at, so many at once, and no longer than so many milliseconds. */
const dryRunMessages = 100_000
const dryRunBatch = 1000
const dryRunMilliseconds = 5000

/** SIDs of messages are made before these are written: at most so long, in milliseconds. */
const writeMilliseconds = 60_000

/** How long they are looked at in one turn, in milliseconds. Then sends have theirs. */
const turnMilliseconds = 3

/**
 * What a rule would have matched since a time. Changes nothing.
 * Needs the backend. Throws BAD_USER_INPUT, FORBIDDEN, NOT_FOUND.
 */
export async function dryRunRule(app: App, actor: Actor, input: DryRunInput, since: Date): Promise<DryRun> {
  requireBackend(actor)
  const match = parseMatch(input)
  const service = await requireService(app, actor, input.serviceId)
  const rules = await PreparedRules.of([match])
  const end = performance.now() + dryRunMilliseconds
  const examples: DryRunExample[] = []
  let [scanned, matched] = [0, 0]
  let scannedUntil: Date | undefined
  const answer = (isComplete: boolean): DryRun => ({ scanned, matched, isComplete, scannedUntil, examples })
  const inspect = async (message: Message): Promise<void> => {
    const text = new MatchedText(rules, message.body)
    if (text.matches(0)) {
      if (examples.length < limits.keywordExamples) {
        const matches = await text.rangesOf(0, new Pacer(Math.max(0, end - performance.now())))
        examples.push({ message, matches, masked: text.without(matches).text })
      }
      matched++
    }
    scanned++
    scannedUntil = message.createdAt
  }
  let after = firstSidOf('IM', new Date(Math.max(0, since.getTime() - writeMilliseconds)))
  while (scanned < dryRunMessages) {
    const batch = await app.dryRuns.run(() => readMessagesSince(app.db, service.id, since, after, dryRunBatch))
    let next = 0
    const inspectSome = async (): Promise<void> => {
      const begunAt = performance.now()
      do await inspect(batch[next++]!)
      while (next < batch.length && performance.now() - begunAt < turnMilliseconds)
      // However many dry runs there are, sends have half of the time.
      await delay(performance.now() - begunAt)
    }
    while (next < batch.length) {
      if (performance.now() >= end) return answer(false)
      try {
        await app.dryRuns.run(inspectSome)
      } catch (error) {
        if (error instanceof BudgetExceeded) return answer(false)
        throw error
      }
    }
    if (batch.length < dryRunBatch) return answer(true)
    after = batch.at(-1)!.id
  }
  return answer(false)
}
