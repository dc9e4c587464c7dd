import { Dialog } from '@base-ui/react/dialog'
import type { Message } from '@fonechat/client'
import type { SavedMessage } from '@fonechat/client/later'
import { AlarmClock, BookmarkX, X } from 'lucide-react'
import { lazy, Suspense, useRef, useState } from 'react'
import { formatAhead } from '../../lib/format.ts'
import { useAttempt } from '../../lib/use-attempt.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Link } from '../../ui/link.tsx'
import { Time } from '../../ui/time.tsx'
import { personOf } from '../live/names.ts'
import { usePageClient } from '../live/page-client.ts'
import { useLater } from '../live/use-later.ts'
import { allowNotifications } from './notify.ts'
import '../../ui/dialog.css'
import './later.css'

const When = lazy(() => import('./when.tsx'))

export interface SavedDialogProps {
  /** What a channel is called; null where the user is in none such. */
  readonly nameOf: (channelId: string) => string | null
  readonly hrefOf: (message: Message) => string
  /** Goes to the place of a message. */
  readonly onJump: (message: Message) => void
  readonly onClose: () => void
}

/** What the user has saved, each a way to its place, with its reminder. */
export default function SavedDialog({ nameOf, hrefOf, onJump, onClose }: SavedDialogProps) {
  const { later } = usePageClient()
  const { saved, hasMoreSaved } = useLater()
  const [reminding, setReminding] = useState<string | null>(null)
  const { problem, attempt } = useAttempt()
  const bell = useRef<HTMLButtonElement>(null)
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog later">
          <div className="later-top">
            <Dialog.Title className="dialog-title">Saved</Dialog.Title>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X size={17} aria-hidden="true" />
            </Dialog.Close>
          </div>
          {problem !== null && (
            <p className="later-problem" role="alert">
              {problem}
            </p>
          )}
          <div className="later-lists">
            {saved.length === 0 && (
              <p className="later-none">
                Nothing is saved. The bookmark beside a message keeps it here, for you alone.
              </p>
            )}
            <ul>
              {saved.map((one) => {
                const { messageId, channelId, message } = one
                const author = message && (message.author ? personOf(message.author) : nobody(message.authorIdentity))
                return (
                  <li key={messageId} className="later-one">
                    {author && <Avatar {...author} />}
                    <div className="later-main">
                      <p className="later-head">
                        <b className="cut" dir="auto">
                          {author?.name ?? 'Deleted'}
                        </b>
                        <span className="later-where cut">{nameOf(channelId)}</span>
                        {message && <Time at={message.createdAt} short />}
                      </p>
                      {message ? (
                        <Link
                          className="later-text later-go"
                          dir="auto"
                          href={hrefOf(message)}
                          onFollow={() => {
                            onClose()
                            onJump(message)
                          }}
                        >
                          {message.body}
                        </Link>
                      ) : (
                        <p className="later-text">This message was deleted.</p>
                      )}
                      <Reminder saved={one} />
                    </div>
                    <div className="later-actions">
                      {message && (
                        <IconButton
                          ref={reminding === messageId ? bell : undefined}
                          label={one.remindAt === null ? 'Remind me' : 'Change the reminder'}
                          aria-haspopup="dialog"
                          aria-expanded={reminding === messageId}
                          onClick={() => setReminding(reminding === messageId ? null : messageId)}
                        >
                          <AlarmClock size={15} aria-hidden="true" />
                        </IconButton>
                      )}
                      <IconButton label="Remove from saved" onClick={() => attempt(later.unsave(messageId))}>
                        <BookmarkX size={15} aria-hidden="true" />
                      </IconButton>
                    </div>
                    {reminding === messageId && (
                      <Suspense fallback={null}>
                        <When
                          title="Remind me"
                          anchor={bell}
                          side="bottom"
                          action="Remind"
                          onChoose={(at) => {
                            allowNotifications()
                            attempt(later.save(messageId, at))
                          }}
                          onClose={() => setReminding(null)}
                        >
                          {one.remindAt !== null && (
                            <Button
                              className="when-off"
                              onClick={() => {
                                attempt(later.save(messageId, null))
                                setReminding(null)
                              }}
                            >
                              {one.remindedAt === null ? 'No reminder' : 'Done'}
                            </Button>
                          )}
                        </When>
                      </Suspense>
                    )}
                  </li>
                )
              })}
            </ul>
            {hasMoreSaved && (
              <Button className="later-more" onClick={() => attempt(later.loadMoreSaved())}>
                Earlier ones
              </Button>
            )}
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Reminder({ saved: { remindAt, remindedAt } }: { readonly saved: SavedMessage }) {
  if (remindAt === null) return null
  const at = new Date(remindAt)
  return (
    <p className="later-about" data-due={remindedAt !== null || undefined}>
      <AlarmClock size={12} aria-hidden="true" />
      {remindedAt === null ? 'Reminder' : 'You wanted to be reminded'}{' '}
      <time dateTime={remindAt}>{formatAhead(at, new Date())}</time>
    </p>
  )
}

const nobody = (identity: string) => ({ identity, name: identity })
