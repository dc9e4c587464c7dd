import { State } from '../../kit/state.tsx'
import { usersTexts as texts } from '../../texts/en/users.ts'

/** Whether a user is connected; null where the service does not report it. */
export function Presence({ isOnline }: { readonly isOnline: boolean | null | undefined }) {
  if (isOnline == null) return <span className="none">{texts.notReported}</span>
  return <State kind={isOnline ? 'good' : 'off'} words={isOnline ? texts.online : texts.offline} />
}
