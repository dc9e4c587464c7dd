import type { Message } from '@fonechat/client'
import type { LaterSnapshot, SavedMessage } from '@fonechat/client/later'
import { AlarmClock } from 'lucide-react'
import { useEffect, useEffectEvent, useRef } from 'react'
import { Button } from '../../ui/button.tsx'
import { personOf } from '../live/names.ts'
import { usePageClient } from '../live/page-client.ts'
import { notify } from './notify.ts'
import './reminder.css'

export interface ReminderProps {
  readonly later: LaterSnapshot
  readonly nameOf: (channelId: string) => string | null
  readonly onJump: (message: Message) => void
  /** Shows all of them. */
  readonly onAll: () => void
}

const again = 20 * 60_000

/** The reminder that came last and was not answered, on whichever device it came. It stays until then, and is gone on all of them. */
export function Reminder({ later, nameOf, onJump, onAll }: ReminderProps) {
  const client = usePageClient()
  const due = later.saved
    .filter(({ remindedAt }) => remindedAt !== null)
    .toSorted((one, other) => Date.parse(other.remindedAt!) - Date.parse(one.remindedAt!))
  const [newest] = due
  useNotified(due, nameOf, onJump)
  if (!newest) return null
  const { messageId, channelId, message } = newest
  const answer = (remindAt: Date | null): void => void client.later.save(messageId, remindAt).catch(() => {})
  return (
    <section className="reminder" role="status" aria-label="Reminder">
      <AlarmClock size={16} aria-hidden="true" />
      <div className="reminder-main">
        <p className="reminder-head">
          <b>Reminder</b>{' '}
          <span className="cut">{[authorOf(newest), nameOf(channelId)].filter(Boolean).join(' · ')}</span>
        </p>
        <p className="reminder-text" dir="auto">
          {message?.body ?? 'The message was deleted meanwhile.'}
        </p>
        <p className="reminder-actions">
          {message && (
            <Button
              onClick={() => {
                answer(null)
                onJump(message)
              }}
            >
              Go there
            </Button>
          )}
          {message ? (
            <Button onClick={() => answer(new Date(Date.now() + again))}>In 20 minutes</Button>
          ) : (
            <Button onClick={() => void client.later.unsave(messageId).catch(() => {})}>Remove</Button>
          )}
          {message && <Button onClick={() => answer(null)}>Done</Button>}
          {due.length > 1 && <Button onClick={onAll}>{`${due.length - 1} more`}</Button>}
        </p>
      </div>
    </section>
  )
}

/** Notifies of each reminder that comes while the page is there, once. */
function useNotified(
  due: readonly SavedMessage[],
  nameOf: ReminderProps['nameOf'],
  onJump: ReminderProps['onJump'],
): void {
  const known = useRef<ReadonlySet<string> | null>(null)
  const keys = due.map(({ messageId, remindedAt }) => `${messageId} ${remindedAt}`).join('\n')
  const say = useEffectEvent((before: ReadonlySet<string>) => {
    for (const one of due) {
      const { messageId, remindedAt, channelId, message } = one
      if (before.has(`${messageId} ${remindedAt}`) || !message) continue
      const title = ['Reminder', authorOf(one), nameOf(channelId)].filter(Boolean).join(' · ')
      notify(title, message.body, messageId, () => onJump(message))
    }
  })
  useEffect(() => {
    const now = new Set(keys.split('\n'))
    if (known.current) say(known.current)
    known.current = now
  }, [keys])
}

const authorOf = ({ message }: SavedMessage): string | null =>
  message && (message.author ? personOf(message.author).name : message.authorIdentity)
