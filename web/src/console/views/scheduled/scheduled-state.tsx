import type { ScheduledMessageState } from '../../generated/types.ts'
import { State, type StateKind } from '../../kit/state.tsx'
import { scheduledTexts as texts } from '../../texts/en/scheduled.ts'

const kinds: Readonly<Record<ScheduledMessageState, StateKind>> = {
  WAITING: 'wait',
  SENDING: 'wait',
  SENT: 'good',
  FAILED: 'bad',
  CANCELLED: 'off',
}

export function ScheduledState({ state }: { readonly state: ScheduledMessageState }) {
  return <State kind={kinds[state]} words={texts.states[state]} />
}

/** Whether its text is kept. */
export const hasText = (state: ScheduledMessageState): boolean => state !== 'SENT' && state !== 'CANCELLED'
