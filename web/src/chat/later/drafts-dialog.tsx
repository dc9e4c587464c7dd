import { Dialog } from '@base-ui/react/dialog'
import type { Draft, ScheduledMessage } from '@fonechat/client/later'
import { Send, SquarePen, Trash2, X } from 'lucide-react'
import { useRef, useState, type ReactNode } from 'react'
import { formatAhead } from '../../lib/format.ts'
import { useAttempt } from '../../lib/use-attempt.ts'
import { IconButton } from '../../ui/button.tsx'
import { usePageClient } from '../live/page-client.ts'
import { useLater } from '../live/use-later.ts'
import { EditScheduled } from './edit-scheduled.tsx'
import '../../ui/dialog.css'
import './later.css'

export interface DraftsDialogProps {
  /** What a channel is called; null where the user is in none such. */
  readonly nameOf: (channelId: string) => string | null
  /** Goes to where a draft is. */
  readonly onOpen: (draft: Pick<Draft, 'channelId' | 'parentId'>) => void
  readonly onClose: () => void
}

/** What the user is writing, what is to be sent later, and what could not be sent. */
export default function DraftsDialog({ nameOf, onOpen, onClose }: DraftsDialogProps) {
  const { later } = usePageClient()
  const { drafts, scheduled } = useLater()
  const [editing, setEditing] = useState<string | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const { problem, attempt } = useAttempt()
  const failed = scheduled.filter(({ state }) => state === 'FAILED')
  const waiting = scheduled.filter(({ state }) => state !== 'FAILED')

  const scheduledOne = (message: ScheduledMessage): ReactNode =>
    editing === message.id ? (
      <EditScheduled
        key={message.id}
        message={message}
        name={nameOf(message.channelId)}
        onClose={() => {
          setEditing(null)
          requestAnimationFrame(() =>
            list.current?.querySelector<HTMLElement>(`[data-id="${message.id}"] button`)?.focus(),
          )
        }}
      />
    ) : (
      <li key={message.id} className="later-one" data-id={message.id}>
        <div className="later-main">
          <p className="later-head">
            <Where name={nameOf(message.channelId)} isThread={message.parentId !== null} />
            <Due message={message} />
          </p>
          <p className="later-text" dir="auto">
            {message.body}
          </p>
          {message.state === 'FAILED' && <p className="later-why">{reasonOf(message)}</p>}
        </div>
        {message.state !== 'SENDING' && (
          <div className="later-actions">
            <IconButton label="Edit" onClick={() => setEditing(message.id)}>
              <SquarePen size={15} aria-hidden="true" />
            </IconButton>
            <IconButton label="Send now" onClick={() => attempt(later.sendNow(message.id))}>
              <Send size={15} aria-hidden="true" />
            </IconButton>
            <IconButton
              label={message.state === 'FAILED' ? 'Remove' : 'Cancel'}
              onClick={() => attempt(later.cancel(message.id))}
            >
              <Trash2 size={15} aria-hidden="true" />
            </IconButton>
          </div>
        )}
      </li>
    )

  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog later">
          <div className="later-top">
            <Dialog.Title className="dialog-title">Drafts & scheduled</Dialog.Title>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X size={17} aria-hidden="true" />
            </Dialog.Close>
          </div>
          {problem !== null && (
            <p className="later-problem" role="alert">
              {problem}
            </p>
          )}
          <div ref={list} className="later-lists">
            {drafts.size + scheduled.length === 0 && (
              <p className="later-none">
                What you write and do not send waits here, on all of your devices. The clock beside Send sends it later.
              </p>
            )}
            <List title="Not sent" isWarning>
              {failed.map(scheduledOne)}
            </List>
            <List title="Scheduled">{waiting.map(scheduledOne)}</List>
            <List title="Drafts">
              {[...drafts].map(([key, draft]) => (
                <li key={key} className="later-one">
                  <div className="later-main">
                    <p className="later-head">
                      <Where name={nameOf(draft.channelId)} isThread={draft.parentId !== null} />
                    </p>
                    <button
                      type="button"
                      className="later-text later-go"
                      dir="auto"
                      onClick={() => {
                        onClose()
                        onOpen(draft)
                      }}
                    >
                      {draft.body}
                    </button>
                  </div>
                  <div className="later-actions">
                    <IconButton label="Delete the draft" onClick={() => later.drafts.write(draft, '')}>
                      <Trash2 size={15} aria-hidden="true" />
                    </IconButton>
                  </div>
                </li>
              ))}
            </List>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function List({
  title,
  isWarning = false,
  children,
}: {
  readonly title: string
  readonly isWarning?: boolean
  readonly children: readonly ReactNode[]
}) {
  if (children.length === 0) return null
  return (
    <section className="later-list" aria-label={title} data-warning={isWarning || undefined}>
      <h3>{title}</h3>
      <ul>{children}</ul>
    </section>
  )
}

function Where({ name, isThread }: { readonly name: string | null; readonly isThread: boolean }) {
  return (
    <b className="cut" dir="auto">
      {isThread ? `Thread in ${name ?? 'a channel you left'}` : (name ?? 'A channel you left')}
    </b>
  )
}

function Due({ message: { state, sendAt } }: { readonly message: ScheduledMessage }) {
  if (state === 'SENDING') return <span>being sent</span>
  const at = new Date(sendAt)
  return <time dateTime={sendAt}>{formatAhead(at, new Date())}</time>
}

/** Why a message was not sent, for people. */
function reasonOf({ failureCode, failureReason }: ScheduledMessage): string {
  if (failureCode === 'TOO_LATE') return 'It could not be sent within a day of its time.'
  if (failureCode === 'FORBIDDEN' || failureCode === 'NOT_FOUND') return 'You may not write there any more.'
  return failureReason ?? 'The server refused it.'
}
