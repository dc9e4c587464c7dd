import { Popover } from '@base-ui/react/popover'
import { channelName, type State } from '@fonechat/client'
import { useSelection } from '@fonechat/client/react'
import type { ViewerThread } from '@fonechat/client/threads'
import { X } from 'lucide-react'
import type { RefObject } from 'react'
import { counted } from '../../lib/format.ts'
import type { Place } from '../../routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Time } from '../../ui/time.tsx'
import { addressOf, personIn } from '../live/names.ts'

export interface FollowedProps {
  /** That with the newest reply first. */
  readonly threads: readonly ViewerThread[]
  /** Undefined where all are there. */
  readonly onMore: (() => void) | undefined
  readonly anchor: RefObject<HTMLElement | null>
  readonly hrefOf: (place: Place) => string
  readonly onOpen: (place: Place) => void
  readonly onClose: () => void
}

const channelsOf = ({ channels }: State): State['channels'] => channels

/** The threads that the user follows: each a way to it. */
export default function Followed({ threads, onMore, anchor, hrefOf, onOpen, onClose }: FollowedProps) {
  const channels = useSelection(channelsOf)
  return (
    <Popover.Root
      open
      onOpenChange={(isOpen, { event }) => {
        // The button closes it by itself.
        if (!isOpen && !(event.target instanceof Node && anchor.current?.contains(event.target))) onClose()
      }}
    >
      <Popover.Portal>
        <Popover.Positioner
          className="threads-positioner"
          anchor={anchor}
          side="bottom"
          align="start"
          sideOffset={8}
          collisionPadding={12}
        >
          <Popover.Popup className="threads" finalFocus={anchor}>
            <div className="threads-head">
              <Popover.Title className="threads-title">Threads</Popover.Title>
              <Popover.Close render={<IconButton label="Close" />}>
                <X size={16} aria-hidden="true" />
              </Popover.Close>
            </div>
            <ul className="threads-list">
              {threads.map(({ channelId, parentIndex, parent, unreadCount }) => {
                const known = channels.get(channelId)
                if (!known || !parent) return null
                const author = personIn(known, parent.authorIdentity)
                const place = { channel: addressOf(known), thread: parentIndex }
                return (
                  <li key={parent.id}>
                    <a
                      className="threads-one"
                      href={hrefOf(place)}
                      onClick={(event) => {
                        if (event.metaKey || event.ctrlKey || event.shiftKey) return
                        event.preventDefault()
                        onClose()
                        onOpen(place)
                      }}
                    >
                      <Avatar {...author} />
                      <span className="threads-main">
                        <span className="threads-by">
                          <b className="cut" dir="auto">
                            {author.name}
                          </b>
                          <span className="threads-in cut">
                            <bdi>{known.channel.isDirect ? channelName(known) : `# ${channelName(known)}`}</bdi>
                          </span>
                        </span>
                        <span className="threads-text cut" dir="auto">
                          {parent.deletedAt === null ? parent.body : 'This message was deleted.'}
                        </span>
                        <span className="threads-about">
                          {counted(parent.replyCount, 'reply', 'replies')}
                          {parent.lastReplyAt !== null && (
                            <>
                              {' · last '}
                              <Time at={parent.lastReplyAt} short />
                            </>
                          )}
                        </span>
                      </span>
                      {unreadCount !== null && unreadCount > 0 && (
                        <span className="channels-unread">
                          <span aria-hidden="true">{unreadCount > 99 ? '99+' : unreadCount}</span>
                          <span className="unseen">{counted(unreadCount, 'unread reply', 'unread replies')}</span>
                        </span>
                      )}
                    </a>
                  </li>
                )
              })}
            </ul>
            {onMore && <Button onClick={onMore}>Show more</Button>}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
