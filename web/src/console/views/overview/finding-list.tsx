import type { DeploymentFindingsQuery, FindingSeverity } from '../../generated/types.ts'
import { State, type StateKind } from '../../kit/state.tsx'
import { overviewTexts } from '../../texts/en/overview.ts'

const texts = overviewTexts.findings

export type Finding = NonNullable<DeploymentFindingsQuery['deployment']>['findings']['items'][number]

const kinds: Readonly<Record<FindingSeverity, StateKind>> = { ERROR: 'bad', WARNING: 'wait', NOTICE: 'off' }

/** Findings with what to do about each. */
export function FindingList({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <ul className="findings">
      {findings.map(({ code, severity, subject, text, remedy }) => (
        <li key={`${code} ${subject} ${text}`} className="finding">
          <State kind={kinds[severity]} words={texts.severities[severity]} />
          <div className="finding-words">
            <p className="finding-text">{text}</p>
            <p className="finding-remedy">
              <span className="unseen">{texts.do}: </span>
              <span aria-hidden="true">→ </span>
              {inCode(remedy)}
            </p>
          </div>
          <code className="finding-code">{code}</code>
        </li>
      ))}
    </ul>
  )
}

/** What stands between backticks is for a terminal. */
const inCode = (text: string) => text.split('`').map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))
