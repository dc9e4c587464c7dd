import { useId, useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { TryRuleDocument } from '../../generated/rules.ts'
import type { TryRuleQuery } from '../../generated/types.ts'
import { Thing } from '../../kit/thing.tsx'
import { useServiceId } from '../../kit/url.ts'
import { useChange } from '../../kit/use-change.ts'
import { Problem } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { rulesTexts as texts } from '../../texts/en/rules.ts'
import { matchesNothing, matchOf, type RuleForm } from './rule-form.ts'

type DryRun = NonNullable<TryRuleQuery['dryRunRule']>
type Example = DryRun['examples'][number]
type Period = keyof typeof texts.periods

const dayMs = 86_400_000
const periodMs: Readonly<Record<Period, number>> = {
  hour: 3_600_000,
  day: dayMs,
  week: 7 * dayMs,
  month: 30 * dayMs,
  year: 365 * dayMs,
}

/** As many as one dry run answers: more of them say no more. */
const maxExamples = 25

interface Found extends DryRun {
  /** What it was found by. */
  readonly match: string
}

/** What the rule would have matched, as far as was searched. */
export function TryRule({ form }: { readonly form: RuleForm }) {
  const id = useId()
  const serviceId = useServiceId()
  const [period, setPeriod] = useState<Period>('week')
  const [found, setFound] = useState<Found>()
  const search = useChange(TryRuleDocument, { rereads: false })
  const match = JSON.stringify(matchOf(form))
  const isOld = found !== undefined && found.match !== match
  const run = (since: string, before?: Found): void => {
    search.run({ input: { serviceId, ...matchOf(form) }, since }).then(
      ({ dryRunRule: next }) => next && setFound({ ...(before ? added(before, next) : next), match }),
      () => setFound(undefined),
    )
  }
  return (
    <section className="rule-try" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{texts.tryTitle}</h2>
      <p>{texts.trySays}</p>
      <div className="rule-since">
        <div className="filter">
          <label htmlFor={`${id}-since`}>{texts.trySince}</label>
          <select
            id={`${id}-since`}
            className="select"
            value={period}
            onChange={({ target }) => setPeriod(target.value as Period)}
          >
            {Object.entries(texts.periods).map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        </div>
        <Button
          kind="main"
          disabled={matchesNothing(form) || search.isRunning}
          onClick={() => run(new Date(Date.now() - periodMs[period]).toISOString())}
        >
          {texts.try}
        </Button>
      </div>
      <div className="rule-found" aria-live="polite">
        {search.isRunning && <p>{texts.trying}</p>}
        {!search.isRunning && <Problem error={search.error} />}
        {!search.isRunning && matchesNothing(form) && !found && <p>{texts.tryNothing}</p>}
        {!search.isRunning && found && (
          <FoundMessages
            found={found}
            isOld={isOld}
            onGoOn={() => found.scannedUntil != null && run(found.scannedUntil, found)}
          />
        )}
      </div>
    </section>
  )
}

/** The next part of a search, after those before. Messages of the millisecond in which that begins are in both: few, and the figures say about how many. */
const added = (before: DryRun, next: DryRun): DryRun => ({
  ...next,
  scanned: before.scanned + next.scanned,
  matched: before.matched + next.matched,
  examples: unique([...before.examples, ...next.examples]).slice(0, maxExamples),
})

const unique = (examples: readonly Example[]): Example[] => [
  ...new Map(examples.map((example) => [example.message.id, example])).values(),
]

function FoundMessages({
  found: { matched, scanned, isComplete, scannedUntil, examples },
  isOld,
  onGoOn,
}: {
  readonly found: DryRun
  readonly isOld: boolean
  readonly onGoOn: () => void
}) {
  return (
    <>
      <p>
        <strong>{texts.found(matched, scanned)}</strong>
      </p>
      {isOld && <p className="problem">{texts.isOld}</p>}
      {!isComplete && (
        <p>
          {texts.until} <When at={scannedUntil} />. {texts.notAll}{' '}
          {!isOld && <Button onClick={onGoOn}>{texts.goOn}</Button>}
        </p>
      )}
      {examples.length > 0 && (
        <>
          <h3>{texts.examples}</h3>
          <ul className="rule-examples">
            {examples.map((example) => (
              <ExampleItem key={example.message.id} example={example} />
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function ExampleItem({ example: { message, matches } }: { readonly example: Example }) {
  return (
    <li>
      <div
        className="rule-example-text"
        dir="auto"
        tabIndex={0}
        role="group"
        aria-label={texts.textOf(message.authorIdentity)}
      >
        {partsOf(message.body, matches).map(({ at, text, isMatch }) =>
          isMatch ? <mark key={at}>{text}</mark> : <span key={at}>{text}</span>,
        )}
      </div>
      <div className="says">
        <span>
          {texts.by} {message.authorIdentity}
        </span>
        <When at={message.createdAt} />
        <Thing id={message.id} />
      </div>
    </li>
  )
}

interface Part {
  readonly at: number
  readonly text: string
  readonly isMatch: boolean
}

/** A text in the parts that match and those between them. */
function partsOf(text: string, matches: Example['matches']): Part[] {
  const parts: Part[] = []
  let end = 0
  for (const { offset, length } of matches) {
    if (offset > end) parts.push({ at: end, text: text.slice(end, offset), isMatch: false })
    parts.push({ at: offset, text: text.slice(offset, offset + length), isMatch: true })
    end = offset + length
  }
  if (end < text.length) parts.push({ at: end, text: text.slice(end), isMatch: false })
  return parts
}
