import { channelName, type Message, type State } from '@fonechat/client'
import { useSelection } from '@fonechat/client/react'
import { useState, useSyncExternalStore, type RefObject } from 'react'
import type { Place } from '../../routes.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Link } from '../../ui/link.tsx'
import { ListPopover } from '../../ui/list-popover.tsx'
import { Time } from '../../ui/time.tsx'
import { addressOf, personIn, personOf } from '../live/names.ts'
import { usePageClient } from '../live/page-client.ts'

const channelsOf = ({ channels }: State): State['channels'] => channels

/** The messages that name the user, in all channels: each a way to its place. */
export default function Panel({
  anchor,
  hrefOf,
  onOpen,
  onClose,
}: {
  readonly anchor: RefObject<HTMLElement | null>
  readonly hrefOf: (place: Place) => string
  readonly onOpen: (place: Place) => void
  readonly onClose: () => void
}) {
  const { mentions } = usePageClient()
  const channels = useSelection(channelsOf)
  const [unread, setUnread] = useState(false)
  const list = mentions.list({ unread })
  const { messages, hasMore, isLoaded } = useSyncExternalStore(list.subscribe, list.getSnapshot)
  return (
    <ListPopover
      name="mentions"
      title="Mentions"
      anchor={anchor}
      align="start"
      beside={
        <Button className="mentions-filter" aria-pressed={unread} onClick={() => setUnread(!unread)}>
          Unread
        </Button>
      }
      onClose={onClose}
    >
      {isLoaded && messages.length === 0 ? (
        <p className="mentions-none">
          {unread ? 'No unread mentions.' : 'Nobody has mentioned you yet. An @ with a name does.'}
        </p>
      ) : (
        <ul className="mentions-list">
          {messages.map((message) => (
            <li key={message.id}>
              <One message={message} channels={channels} hrefOf={hrefOf} onOpen={onOpen} onClose={onClose} />
            </li>
          ))}
        </ul>
      )}
      {hasMore && (
        <Button className="mentions-more" onClick={() => void list.loadMore().catch(() => {})}>
          Show more
        </Button>
      )}
    </ListPopover>
  )
}

function One({
  message,
  channels,
  hrefOf,
  onOpen,
  onClose,
}: {
  readonly message: Message
  readonly channels: State['channels']
  readonly hrefOf: (place: Place) => string
  readonly onOpen: (place: Place) => void
  readonly onClose: () => void
}) {
  const { channelId, index, parentIndex, isShownInChannel, author, authorIdentity, createdAt, body } = message
  const known = channels.get(channelId)
  const by = author ? personOf(author) : known ? personIn(known, authorIdentity) : nobody(authorIdentity)
  const place = {
    channel: known ? addressOf(known) : channelId,
    index,
    ...(parentIndex !== null && !isShownInChannel && { thread: parentIndex }),
  }
  return (
    <Link
      className="mentions-one"
      href={hrefOf(place)}
      onFollow={() => {
        onClose()
        onOpen(place)
      }}
    >
      <Avatar {...by} />
      <span className="mentions-main">
        <span className="mentions-by">
          <b className="cut" dir="auto">
            {by.name}
          </b>
          <span className="mentions-in cut">
            {known && <bdi>{known.channel.isDirect ? channelName(known) : `# ${channelName(known)}`}</bdi>}
          </span>
          <Time at={createdAt} short />
        </span>
        <span className="mentions-text" dir="auto">
          {body}
        </span>
      </span>
    </Link>
  )
}

const nobody = (identity: string) => ({ identity, name: identity })
