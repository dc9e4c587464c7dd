import { channelName, type State } from '@fonechat/client'
import { useSelection } from '@fonechat/client/react'
import type { ViewerThread } from '@fonechat/client/threads'
import type { RefObject } from 'react'
import { counted } from '../../lib/format.ts'
import type { Place } from '../../routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Link } from '../../ui/link.tsx'
import { ListPopover } from '../../ui/list-popover.tsx'
import { Time } from '../../ui/time.tsx'
import { Unread } from '../../ui/unread.tsx'
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
    <ListPopover name="threads" title="Threads" anchor={anchor} align="start" onClose={onClose}>
      <ul className="threads-list">
        {threads.map(({ channelId, parentIndex, parent, unreadCount }) => {
          const known = channels.get(channelId)
          if (!known || !parent) return null
          const author = personIn(known, parent.authorIdentity)
          const place = { channel: addressOf(known), thread: parentIndex }
          return (
            <li key={parent.id}>
              <Link
                className="threads-one"
                href={hrefOf(place)}
                onFollow={() => {
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
                <Unread count={unreadCount ?? 0} says={counted(unreadCount ?? 0, 'unread reply', 'unread replies')} />
              </Link>
            </li>
          )
        })}
      </ul>
      {onMore && <Button onClick={onMore}>Show more</Button>}
    </ListPopover>
  )
}
