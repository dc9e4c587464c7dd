import type { Client } from '@fonechat/client'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { Place } from '../routes.ts'
import { Bar } from './bar.tsx'
import { Channels } from './channels/channels.tsx'
import { Chat } from './chat.tsx'
import { shownChannels } from './live/channels.ts'
import { addressOf, nameOf } from './live/names.ts'
import { useClientState } from './live/use-client.ts'
import { useShownState } from './live/use-shown-state.ts'
import type { Person } from './model.ts'
import { PaneFrame } from './pane-frame.tsx'

const People = lazy(() => import('./people/people.tsx'))

export interface PaneProps {
  readonly client: Client
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
  const channels = shownChannels({
    state,
    self: person,
    isOnline: () => undefined,
    hrefOf: (channel) => hrefOf({ channel }),
  })
  const all = [...state.channels.values()]
  const wanted = place?.channel
  const known =
    wanted === undefined
      ? (all.find(({ channel }) => channel.uniqueName === 'general') ?? state.channels.get(channels[0]?.id ?? ''))
      : all.find(({ channel }) => channel.id === wanted || channel.uniqueName === wanted)
  const id = known?.channel.id
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
          isOnline={shownState.kind === 'live'}
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
            online={null}
            state={shownState}
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
              isLive={shownState.kind === 'live'}
              isShown={!props.isBehind}
              target={place?.index ?? null}
              linkOf={(index) => hrefOf({ channel: addressOf(known), index })}
              draft={drafts[id] ?? ''}
              onDraft={(text) => setDrafts((present) => ({ ...present, [id]: text }))}
              onSend={props.onSend}
            />
          ) : (
            <NoChannel isRead={isRead} wanted={wanted} onSearch={props.onSearch} />
          )}
          {isPeopleOpen && known && (
            <Suspense fallback={null}>
              <People
                client={client}
                known={known}
                self={person}
                isOnline={() => undefined}
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

function NoChannel({
  isRead,
  wanted,
  onSearch,
}: {
  readonly isRead: boolean
  readonly wanted: string | undefined
  readonly onSearch: () => void
}) {
  if (!isRead) return <div className="pane-empty" />
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
