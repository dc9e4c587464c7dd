import type { AuditEntryQuery } from '../../generated/types.ts'
import { Sid } from '../../kit/sid.tsx'
import { State } from '../../kit/state.tsx'
import { auditTexts as texts } from '../../texts/en/audit.ts'

type Outcomes = Pick<NonNullable<AuditEntryQuery['auditEntry']>, 'state' | 'errorCode'>

/** `Edit channel` of `updateChannel`: what the buttons call it. */
export function wordsOf(mutation: string): string {
  const words = mutation
    .replace(/^update(?=[A-Z])/u, 'edit')
    .replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What an operator has signed in with. */
export function Credential({ id }: { readonly id: string }) {
  if (!id.startsWith('SK')) return texts.authToken
  return (
    <>
      {texts.apiKey} <Sid id={id} copy={false} />
    </>
  )
}

const kinds = { STARTED: 'wait', DONE: 'good', FAILED: 'off' } as const

export const Outcome = ({ entry: { state } }: { readonly entry: Outcomes }) => (
  <State kind={kinds[state]} words={texts.states[state]} />
)

/** What there is to say of a change that was not simply made. */
export function outcomeSays({ state, errorCode }: Outcomes): string | undefined {
  if (state === 'DONE') return undefined
  if (state === 'STARTED') return texts.started
  return errorCode === 'UNAVAILABLE' ? texts.failedUnknown : texts.failed(errorCode ?? '')
}
