import type { Message } from '@fonechat/client'
import { PinOff } from 'lucide-react'
import type { RefObject } from 'react'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/button.tsx'
import { Link } from '../../ui/link.tsx'
import { ListPopover } from '../../ui/list-popover.tsx'
import { Time } from '../../ui/time.tsx'
import type { Person } from '../model.ts'

export interface PanelProps {
  /** The newest pin first. */
  readonly messages: readonly Message[]
  readonly anchor: RefObject<HTMLElement | null>
  /** Somebody of the channel, by identity. */
  readonly personOf: (identity: string) => Person
  readonly hrefOf: (index: number) => string
  /** Called when a message is chosen, before its address is opened. */
  readonly onJump: (index: number) => void
  /** Undefined where the user may not unpin. */
  readonly onUnpin: ((message: Message) => void) | undefined
  readonly onClose: () => void
}

/** The pinned messages of a channel: each a way to its place. */
export default function Panel({ messages, anchor, personOf, hrefOf, onJump, onUnpin, onClose }: PanelProps) {
  return (
    <ListPopover name="pins" title="Pinned messages" anchor={anchor} align="center" onClose={onClose}>
      {messages.length === 0 ? (
        <p className="pins-none">Nothing is pinned here.</p>
      ) : (
        <ul className="pins-list">
          {messages.map((message) => {
            const author = personOf(message.authorIdentity)
            const { pinnedBy } = message
            return (
              <li key={message.id} className="pins-one">
                <Avatar {...author} />
                <div className="pins-main">
                  <p className="pins-by">
                    <b className="cut" dir="auto">
                      {author.name}
                    </b>
                    <Time at={message.createdAt} short />
                  </p>
                  <Link
                    className="pins-text"
                    dir="auto"
                    href={hrefOf(message.index)}
                    onFollow={() => {
                      onClose()
                      onJump(message.index)
                    }}
                  >
                    {message.body}
                  </Link>
                  <p className="pins-about">
                    {pinnedBy === null || pinnedBy === 'system' ? 'Pinned' : `Pinned by ${personOf(pinnedBy).name}`}
                  </p>
                </div>
                {onUnpin && (
                  <IconButton label="Unpin" onClick={() => onUnpin(message)}>
                    <PinOff size={15} aria-hidden="true" />
                  </IconButton>
                )}
              </li>
            )
          })}
        </ul>
      )}
    </ListPopover>
  )
}
