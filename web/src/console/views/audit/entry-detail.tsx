import { formatWhole } from '../../../lib/format.ts'
import { AuditEntryDocument } from '../../generated/audit.ts'
import type { AuditEntryQuery } from '../../generated/types.ts'
import { Detail } from '../../kit/detail.tsx'
import { Fact, Facts } from '../../kit/facts.tsx'
import { CopyButton, shortSid, Sid } from '../../kit/sid.tsx'
import { Thing } from '../../kit/thing.tsx'
import { To } from '../../kit/to.tsx'
import { useData } from '../../kit/use-data.ts'
import { Loaded, Nothing } from '../../kit/waiting.tsx'
import { When } from '../../kit/when.tsx'
import { auditTexts as texts } from '../../texts/en/audit.ts'
import { Difference } from './difference.tsx'
import { Given } from './given.tsx'
import { Credential, Outcome, outcomeSays, wordsOf } from './words.tsx'

type Entry = NonNullable<AuditEntryQuery['auditEntry']>

/** One entry of the audit list. */
export function EntryDetail({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const data = useData(AuditEntryDocument, { id })
  const entry = data.data?.auditEntry
  return (
    <Detail title={entry ? wordsOf(entry.mutation) : texts.columns.what} above={<Sid id={id} />} onClose={onClose}>
      <Loaded from={data} height="16rem">
        {({ auditEntry }) => (auditEntry ? <EntryFacts entry={auditEntry} /> : <Nothing>{texts.noEntry}</Nothing>)}
      </Loaded>
    </Detail>
  )
}

function EntryFacts({ entry }: { readonly entry: Entry }) {
  const {
    mutation,
    state,
    subjectId,
    identity,
    credentialId,
    consoleSessionId,
    address,
    input,
    before,
    after,
    startedAt,
  } = entry
  return (
    <>
      <Facts>
        <Fact name={texts.facts.outcome} says={outcomeSays(entry)}>
          <Outcome entry={entry} />
        </Fact>
        <Fact name={texts.facts.mutation}>
          <code>{mutation}</code>
        </Fact>
        <Fact name={texts.facts.when}>
          <When at={startedAt} /> <span className="none">{formatWhole(new Date(startedAt))}</span>
        </Fact>
        <Fact name={texts.facts.thing}>
          {subjectId === null ? (
            texts.noThing
          ) : (
            <>
              {texts.kinds[subjectId.slice(0, 2)]} {/* The account has no view of its own. */}
              {subjectId.startsWith('AC') ? shortSid(subjectId) : <Thing id={subjectId} />}{' '}
              <CopyButton text={subjectId} label={texts.copyThing} />
            </>
          )}
        </Fact>
        {identity !== null && (
          <Fact name={texts.facts.user}>
            <bdi>{identity}</bdi> ·{' '}
            <To path="/audit" params={{ about: identity }}>
              {texts.allAboutUser}
            </To>
          </Fact>
        )}
        <Fact name={texts.facts.who}>
          <Credential id={credentialId} />
        </Fact>
        <Fact name={texts.facts.session}>
          <To path="/audit" params={{ consoleSessionId }}>
            {shortSid(consoleSessionId)}
          </To>
        </Fact>
        <Fact name={texts.facts.address}>{address ?? texts.noAddress}</Fact>
      </Facts>
      <Given input={input} />
      {state !== 'FAILED' && (
        <>
          <h3>{state === 'DONE' ? texts.changes : texts.was}</h3>
          <Difference before={before} after={after} isKnown={state === 'DONE'} />
        </>
      )}
    </>
  )
}
