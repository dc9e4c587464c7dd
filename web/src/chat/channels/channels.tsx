import { Pencil, Search } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { counted } from '../../lib/format.ts'
import { switcherKey } from '../../lib/hotkeys.ts'
import { Avatar, Hash, OnlineWord } from '../../ui/avatar.tsx'
import { Time } from '../../ui/time.tsx'
import { Unread } from '../../ui/unread.tsx'
import type { Person, ShownChannel } from '../model.ts'
import './channels.css'

export interface ChannelsProps {
  readonly viewer: Person
  readonly isOnline: boolean | undefined
  /** Stands below the name: where this person is. */
  readonly about: ReactNode
  /** By activity, the newest first. */
  readonly channels: readonly ShownChannel[]
  readonly current: string | null
  /** Whether the list was read at least once: until then nothing says that there is none. */
  readonly isRead: boolean
  /** Without it there is nothing to search by. */
  readonly onSearch?: (() => void) | undefined
  readonly onChoose: () => void
  /** Stands above the list: what names the user. */
  readonly mentions?: ReactNode
  /** Stands above the list: what is followed. */
  readonly threads?: ReactNode
  /** Stands above the channels: the ways to what the user keeps for itself. */
  readonly shelf?: ReactNode
}

/** The channels of a person, by activity, with what is unread and who is there. */
export function Channels(props: ChannelsProps) {
  const { viewer, channels, current } = props
  return (
    <nav className="channels" aria-label={`Channels of ${viewer.name}`}>
      <div className="channels-me">
        <Avatar {...viewer} online={props.isOnline} />
        <div className="channels-text">
          <h2 className="channels-name cut">
            {viewer.name}
            <OnlineWord online={props.isOnline} />
          </h2>
          <div className="channels-about">{props.about}</div>
        </div>
      </div>
      {props.onSearch && (
        <button type="button" className="channels-find" onClick={props.onSearch}>
          <Search size={15} aria-hidden="true" />
          <span>Search</span>
          <kbd aria-hidden="true">{switcherKey}</kbd>
        </button>
      )}
      {props.mentions}
      {props.threads}
      {props.shelf}
      {channels.length === 0 && props.isRead && (
        <p className="channels-none">No channel yet. Search for one to join, or for a person to write to.</p>
      )}
      <ul className="channels-list">
        {channels.map((channel) => (
          <li key={channel.id}>
            <Link
              href={channel.href}
              className="channels-one"
              aria-current={channel.id === current ? 'page' : undefined}
              title={channel.name}
              onClick={props.onChoose}
            >
              {channel.person ? <Avatar {...channel.person} online={channel.person.isOnline} /> : <Hash />}
              <span className="channels-text">
                <span className="channels-top">
                  <span className="channels-name cut" dir="auto">
                    {channel.name}
                    <OnlineWord online={channel.person?.isOnline} />
                  </span>
                  {channel.lastAt !== null && <Time at={channel.lastAt} short />}
                </span>
                {channel.draft !== null && channel.id !== current ? (
                  <span className="channels-line channels-draft">
                    <Pencil size={12} aria-hidden="true" />
                    <b>Draft</b>
                    <span className="cut" dir="auto">
                      {channel.draft}
                    </span>
                  </span>
                ) : (
                  <span className="channels-line cut" dir="auto">
                    {channel.lastLine}
                  </span>
                )}
              </span>
              {channel.mentions > 0 && (
                <span className="unread channels-mention">
                  <span aria-hidden="true">{`@${channel.mentions > 9 ? '9+' : channel.mentions}`}</span>
                  <span className="unseen">{counted(channel.mentions, 'unread mention')}</span>
                </span>
              )}
              <Unread count={channel.unread} says={counted(channel.unread, 'unread message')} />
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
