import type { ChannelState, State } from '@fonechat/client'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { Place } from '../routes.ts'
import { Bar } from './bar.tsx'
import { Channels } from './channels/channels.tsx'
import { Chat } from './chat.tsx'
import { shownChannels } from './live/channels.ts'
import { addressOf, nameOf } from './live/names.ts'
import type { PageClient } from './live/page-client.ts'
import { useChannelList, useClientState } from './live/use-client.ts'
import { usePresence, type WhoIsThere } from './live/use-presence.ts'
import { useShownState } from './live/use-shown-state.ts'
import { useUnlistedChannel } from './live/use-unlisted-channel.ts'
import type { Person } from './model.ts'
import { PaneFrame } from './pane-frame.tsx'

const People = lazy(() => import('./people/people.tsx'))

export interface PaneProps {
  readonly client: PageClient
  readonly person: Person
  /** Null: the channel `general`, or else the first of the list. */
  readonly place: Place | null
  readonly hrefOf: (place: Place) => string
  readonly isHalf: boolean
  readonly isBehind: boolean
  readonly onUse: () => void
  readonly onSearch: () => void
  /** Goes to a place that was chosen elsewhere than by a link. */
  readonly onOpen: (place: Place) => void
  /** Stands below the person's name. */
  readonly about: ReactNode
  /** Stands beside the state of the connection. */
  readonly plug?: ReactNode
  /** Called before a message is handed to the client. */
  readonly onSend?: () => void
}

/** One person's chat on the client: channels, messages, composer. */
export function Pane(props: PaneProps) {
  const { client, person, place, hrefOf } = props
  const state = useClientState(client)
  const shownState = useShownState(state.connection, person.name)
  const [isPeopleOpen, setPeopleOpen] = useState(false)
  const [drafts, setDrafts] = useState<Readonly<Record<string, string>>>({})
  const list = useChannelList(client)
  const all = [...state.channels.values()]
  const wanted = place?.channel
  const known =
    wanted === undefined
      ? (all.find(({ channel }) => channel.uniqueName === 'general') ?? (list.pinned[0] ?? list.rows[0])?.state)
      : all.find(({ channel }) => channel.id === wanted || channel.uniqueName === wanted)
  const id = known?.channel.id
  const { isMissing } = useUnlistedChannel(client, known ? null : (wanted ?? null), state)
  const { isOnline, isAway } = usePresence(client.people, followed(state, known, person.identity))
  const channels = shownChannels({ list, self: person, isOnline, hrefOf: (channel) => hrefOf({ channel }) })
  const isLive = shownState.kind === 'live'
  const isRead = state.listStatus !== 'empty'
  return (
    <PaneFrame
      name={person.name}
      isHalf={props.isHalf}
      isBehind={props.isBehind}
      onUse={props.onUse}
      side={(close) => (
        <Channels
          viewer={person}
          isOnline={isLive}
          about={props.about}
          channels={channels}
          current={id ?? null}
          isRead={isRead}
          onSearch={props.onSearch}
          onChoose={close}
        />
      )}
      chat={(open) => (
        <>
          <Bar
            name={known ? nameOf(known, person.identity) : (wanted ?? '')}
            isDirect={known?.channel.isDirect ?? false}
            members={known?.channel.membersCount ?? null}
            online={known && isLive ? onlineIn(known, isOnline) : null}
            state={shownState}
            isKept={state.isKept}
            plug={props.plug}
            onMembers={known && !known.channel.isDirect ? () => setPeopleOpen(true) : undefined}
            onChannels={open}
          />
          {known && id !== undefined ? (
            <Chat
              key={id}
              client={client}
              known={known}
              self={person}
              isLive={isLive}
              isShown={!props.isBehind}
              isAway={isAway}
              isKept={state.isKept}
              target={place?.index ?? null}
              linkOf={(index) => hrefOf({ channel: addressOf(known), index })}
              draft={drafts[id] ?? ''}
              onDraft={(text) => setDrafts((present) => ({ ...present, [id]: text }))}
              onSend={props.onSend}
            />
          ) : (
            <NoChannel
              isCertain={wanted === undefined ? isRead : isMissing}
              wanted={wanted}
              onSearch={props.onSearch}
            />
          )}
          {isPeopleOpen && known && (
            <Suspense fallback={null}>
              <People
                client={client}
                known={known}
                self={person}
                isOnline={isOnline}
                onOpen={props.onOpen}
                onClose={() => setPeopleOpen(false)}
              />
            </Suspense>
          )}
        </>
      )}
    />
  )
}

/** Whose presence a pane shows: the people of its channel, and those of direct channels. */
function followed({ channels }: State, current: ChannelState | undefined, self: string): readonly string[] {
  const shown = [...channels.values()].filter((known) => known === current || known.channel.isDirect)
  return [...new Set(shown.flatMap(({ members }) => [...members.keys()]))].filter((identity) => identity !== self)
}

/** How many of a channel are online, the user included; null where nobody says. */
function onlineIn({ members, membership, channel }: ChannelState, isOnline: WhoIsThere['isOnline']): number | null {
  const said = [...members.keys()].map((identity) =>
    identity === membership?.identity ? undefined : isOnline(identity),
  )
  if (said.every((one) => one === undefined)) return null
  const others = said.filter((one) => one === true).length
  return channel.isDirect ? others : others + 1
}

function NoChannel({
  isCertain,
  wanted,
  onSearch,
}: {
  /** Whether it is known that there is none. */
  readonly isCertain: boolean
  readonly wanted: string | undefined
  readonly onSearch: () => void
}) {
  if (!isCertain) return <div className="pane-empty" />
  return (
    <div className="pane-empty">
      <b>{wanted === undefined ? 'No channel yet' : 'This channel is not here'}</b>
      <p>
        {wanted === undefined
          ? 'Find one to join, or a person to write to.'
          : 'It was deleted, or you are no member of it.'}
      </p>
      <button type="button" className="button plain" onClick={onSearch}>
        Search
      </button>
    </div>
  )
}
