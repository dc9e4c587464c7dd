import { channelName, type ChannelState, type Message, type State } from '@fonechat/client'
import type { DraftPlace } from '@fonechat/client/later'
import { useChannelList, useSelection } from '@fonechat/client/react'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { Place } from '../routes.ts'
import { Bar } from './bar.tsx'
import { Channels } from './channels/channels.tsx'
import { Chat } from './chat.tsx'
import { Reminder } from './later/reminder.tsx'
import { Shelf, type ShelfName } from './later/shelf.tsx'
import { shownChannels } from './live/channels.ts'
import { addressOf, personIn } from './live/names.ts'
import { usePageClient } from './live/page-client.ts'
import { threadIndex } from './live/thread-index.ts'
import { useLater } from './live/use-later.ts'
import { useMentions } from './live/use-mentions.ts'
import { useWhoIsThere, type WhoIsThere } from './live/use-presence.ts'
import { useShownState } from './live/use-shown-state.ts'
import { useUnlistedChannel } from './live/use-unlisted-channel.ts'
import { Mentions } from './mentions/mentions.tsx'
import type { Person } from './model.ts'
import { PaneFrame } from './pane-frame.tsx'
import { Pins } from './pins/pins.tsx'
import { Threads } from './threads/threads.tsx'

const DraftsDialog = lazy(() => import('./later/drafts-dialog.tsx'))
const SavedDialog = lazy(() => import('./later/saved-dialog.tsx'))
const People = lazy(() => import('./people/people.tsx'))
const ThreadPanel = lazy(() => import('./threads/panel.tsx'))

export interface PaneProps {
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

const stateOf = ({ channels, listStatus, isKept }: State) => ({ channels, listStatus, isKept })

/** One person's chat on the client of the provider around it: channels, messages, composer. */
export function Pane(props: PaneProps) {
  const { person, place, hrefOf } = props
  const { channels: joined, listStatus, isKept } = useSelection(stateOf)
  const shownState = useShownState(person.name)
  const [isPeopleOpen, setPeopleOpen] = useState(false)
  const list = useChannelList()
  const all = [...joined.values()]
  const wanted = place?.channel
  const known =
    wanted === undefined
      ? (all.find(({ channel }) => channel.uniqueName === 'general') ?? (list.pinned[0] ?? list.rows[0])?.state)
      : all.find(({ channel }) => channel.id === wanted || channel.uniqueName === wanted)
  const id = known?.channel.id
  const { isMissing } = useUnlistedChannel(known ? null : (wanted ?? null), listStatus)
  const { isOnline, isAway } = useWhoIsThere(followed(all, known, person.identity))
  const later = useLater()
  const [shelf, setShelf] = useState<ShelfName | null>(null)
  const { drafts } = later
  const mentions = useMentions(known, place)
  const channels = shownChannels({
    list,
    self: person,
    isOnline,
    drafts,
    mentions: mentions.channels,
    hrefOf: (channel) => hrefOf({ channel }),
  })
  const isLive = shownState.kind === 'live'
  const isRead = listStatus !== 'empty'
  const nameOf = (channelId: string): string | null => {
    const state = joined.get(channelId)
    return state ? (state.channel.isDirect ? channelName(state) : `# ${channelName(state)}`) : null
  }
  const addressIn = (channelId: string): string => {
    const state = joined.get(channelId)
    return state ? addressOf(state) : channelId
  }
  const placeOf = ({ channelId, index, parentIndex, isShownInChannel }: Message): Place => {
    const channel = addressIn(channelId)
    return parentIndex === null || isShownInChannel ? { channel, index } : { channel, thread: parentIndex, index }
  }
  const onJump = (message: Message): void => goTo(props.onOpen, placeOf(message))
  const client = usePageClient()
  const openDraft = (draft: DraftPlace): void => {
    void threadIndex(client, joined, draft).then((thread) =>
      props.onOpen({ channel: addressIn(draft.channelId), ...(thread !== undefined && { thread }) }),
    )
  }
  const openThread = place?.thread
  const chatOf = (of: ChannelState) => ({
    known: of,
    self: person,
    isLive,
    isAway,
    isKept,
    onSend: props.onSend,
    onScheduled: () => setShelf('drafts'),
    onGo: (to: Omit<Place, 'channel'>) => goTo(props.onOpen, { channel: addressOf(of), ...to }),
  })
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
          mentions={
            <Mentions
              count={mentions.total}
              hrefOf={hrefOf}
              onOpen={(to) => {
                close()
                goTo(props.onOpen, to)
              }}
            />
          }
          threads={
            <Threads
              hrefOf={hrefOf}
              onOpen={(to) => {
                close()
                props.onOpen(to)
              }}
            />
          }
          shelf={
            <Shelf
              later={later}
              onOpen={(name) => {
                close()
                setShelf(name)
              }}
            />
          }
        />
      )}
      chat={(open) => (
        <>
          <Bar
            name={known ? channelName(known) : (wanted ?? '')}
            isDirect={known?.channel.isDirect ?? false}
            members={known?.channel.membersCount ?? null}
            online={known && isLive ? onlineIn(known, isOnline) : null}
            state={shownState}
            isKept={isKept}
            plug={props.plug}
            pins={known && <ChannelPins key={id} known={known} hrefOf={hrefOf} onOpen={props.onOpen} />}
            onMembers={known && !known.channel.isDirect ? () => setPeopleOpen(true) : undefined}
            onChannels={open}
          />
          <Reminder later={later} nameOf={nameOf} onJump={onJump} onAll={() => setShelf('saved')} />
          <div className="pane-body" data-thread={openThread === undefined ? undefined : ''}>
            <div className="pane-channel">
              {known && id !== undefined ? (
                <Chat
                  key={id}
                  {...chatOf(known)}
                  target={openThread === undefined ? (place?.index ?? null) : null}
                  linkOf={(index) => hrefOf({ channel: addressOf(known), index })}
                />
              ) : (
                <NoChannel
                  isCertain={wanted === undefined ? isRead : isMissing}
                  wanted={wanted}
                  onSearch={props.onSearch}
                />
              )}
            </div>
            {known && openThread !== undefined && (
              <Suspense fallback={<div className="thread" aria-busy="true" />}>
                <ThreadPanel
                  key={`${id} ${openThread}`}
                  {...chatOf(known)}
                  index={openThread}
                  target={place?.index ?? null}
                  linkOf={(index) => hrefOf({ channel: addressOf(known), thread: openThread, index })}
                  onClose={() => props.onOpen({ channel: addressOf(known) })}
                />
              </Suspense>
            )}
          </div>
          {shelf === 'drafts' && (
            <Suspense fallback={null}>
              <DraftsDialog nameOf={nameOf} onOpen={openDraft} onClose={() => setShelf(null)} />
            </Suspense>
          )}
          {shelf === 'saved' && (
            <Suspense fallback={null}>
              <SavedDialog
                nameOf={nameOf}
                hrefOf={(message) => hrefOf(placeOf(message))}
                onJump={onJump}
                onClose={() => setShelf(null)}
              />
            </Suspense>
          )}
          {isPeopleOpen && known && (
            <Suspense fallback={null}>
              <People
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

/** An address that is open already would not be jumped to once more. */
function goTo(onOpen: (place: Place) => void, place: Place): void {
  const { index, ...around } = place
  onOpen(around)
  if (index !== undefined) setTimeout(() => onOpen(place))
}

/** What is pinned in a channel. */
function ChannelPins({
  known,
  hrefOf,
  onOpen,
}: { readonly known: ChannelState } & Pick<PaneProps, 'hrefOf' | 'onOpen'>): ReactNode {
  const { pins } = usePageClient()
  const channel = addressOf(known)
  const canUnpin = known.membership.role.permissions.includes('pinMessage')
  return (
    <Pins
      list={pins.list(known.channel.id)}
      personOf={(identity) => personIn(known, identity)}
      hrefOf={(index) => hrefOf({ channel, index })}
      onJump={(index) => goTo(onOpen, { channel, index })}
      onUnpin={canUnpin ? (message) => void pins.unpin(message).catch(() => {}) : undefined}
    />
  )
}

/** Whose presence a pane shows: the people of its channel, and those of direct channels. */
function followed(all: readonly ChannelState[], current: ChannelState | undefined, self: string): readonly string[] {
  const shown = all.filter((known) => known === current || known.channel.isDirect)
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
