import { channelName, type ChannelState, type MessageRow } from '@fonechat/client'
import { useClient } from '@fonechat/client/react'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import { Bar } from '../../chat/bar.tsx'
import { Channels } from '../../chat/channels/channels.tsx'
import { Composer } from '../../chat/composer/composer.tsx'
import { MessageList } from '../../chat/list/list.tsx'
import { shownChannels } from '../../chat/live/channels.ts'
import { personIn } from '../../chat/live/names.ts'
import type { Note, Person, ShownState } from '../../chat/model.ts'
import { PaneFrame } from '../../chat/pane-frame.tsx'
import type { Place } from '../../routes.ts'
import { Switch } from '../../ui/switch.tsx'
import { noGlue, type GlueSource, type MakeSource } from './source.ts'

/** Libraries that a pane can be switched to. */
export type Library = 'apollo' | 'urql'

const makers: Record<Library, () => Promise<{ readonly makeSource: MakeSource }>> = {
  apollo: () => import('./apollo.ts'),
  urql: () => import('./urql.ts'),
}

export interface GluePaneProps {
  readonly library: Library
  readonly person: Person
  readonly token: () => Promise<string>
  readonly place: Place | null
  readonly hrefOf: (place: Place) => string
  readonly isBehind: boolean
  readonly onUse: () => void
  readonly about: ReactNode
  readonly onLive: (isLive: boolean) => void
}

/** One person's chat on Apollo Client or urql: the list, sending, and what happens live. */
export default function GluePane(props: GluePaneProps) {
  const { library, person, place } = props
  // It rests meanwhile: what it knows of channels and people is shown.
  const client = useClient()
  const state = client.getSnapshot()
  const wanted = place?.channel ?? 'general'
  const known = [...state.channels.values()].find(
    ({ channel }) => channel.id === wanted || channel.uniqueName === wanted,
  )
  return (
    <PaneFrame
      name={person.name}
      isHalf
      isBehind={props.isBehind}
      onUse={props.onUse}
      side={(close) => (
        <Channels
          viewer={person}
          isOnline={undefined}
          about={props.about}
          channels={shownChannels({
            list: client.channels.getSnapshot(),
            self: person,
            isOnline: () => undefined,
            hrefOf: (channel) => props.hrefOf({ channel }),
          }).map((channel) => ({ ...channel, unread: 0 }))}
          current={known?.channel.id ?? null}
          isRead
          onChoose={close}
        />
      )}
      chat={(open) =>
        known && <GlueChat key={`${library} ${known.channel.id}`} {...props} known={known} onChannels={open} />
      }
    />
  )
}

function GlueChat({
  library,
  person,
  token,
  known,
  onLive,
  onChannels,
}: GluePaneProps & { readonly known: ChannelState; readonly onChannels: () => void }) {
  const { id } = known.channel
  const [isIn, setIn] = useState(true)
  const [source, setSource] = useState<GlueSource | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [draft, setDraft] = useState('')
  const fresh = useRef(token)
  fresh.current = token

  useEffect(() => {
    if (!isIn) return
    let made: GlueSource | undefined
    let isGone = false
    makers[library]().then(
      ({ makeSource }) => {
        if (isGone) return
        made = makeSource({ channelId: id, identity: person.identity, token: () => fresh.current() })
        setSource(made)
      },
      () => setProblem('The library could not be loaded.'),
    )
    return () => {
      isGone = true
      made?.close()
    }
  }, [library, id, person, isIn])

  const snapshot = useSyncExternalStore(source?.subscribe ?? nothing, source?.getSnapshot ?? (() => noGlue))
  const isLive = isIn && snapshot.isLive
  useEffect(() => onLive(isLive), [onLive, isLive])

  const name = channelName(known)
  const messages = useMemo(
    () => ({ ...snapshot, list: { ...nothingMore, loadOlder: async () => void (await source?.loadOlder()) } }),
    [snapshot, source],
  )
  const look = useMemo(
    () => ({
      authorOf: ({ isMine, authorIdentity }: MessageRow) => (isMine ? person : personIn(known, authorIdentity)),
      notes: noNotes,
      editing: null,
      held: null,
      actionsOf: () => null,
      onReact: () => {},
      namesOf: async () => new Map(),
      pinnedByOf: () => null,
      savedAs: () => null,
      onHistoryOf: () => null,
      self: person.identity,
      nameOf: (identity: string) => identity,
    }),
    [known, person],
  )
  const says = problem ?? snapshot.problem
  const shownState: ShownState = isLive
    ? { kind: 'live', text: 'live' }
    : isIn
      ? { kind: says === null ? 'connecting' : 'refused', text: says === null ? 'connecting' : 'ended' }
      : { kind: 'offline', text: 'offline' }
  return (
    <>
      <Bar
        name={name}
        isDirect={known.channel.isDirect}
        members={known.channel.membersCount}
        online={null}
        state={shownState}
        isKept
        plug={<Switch on={isIn} label={`${person.name}’s connection`} onChange={setIn} />}
        onChannels={onChannels}
      />
      <MessageList
        channelId={id}
        label={`Messages in ${name}`}
        messages={messages}
        target={null}
        look={look}
        empty={null}
      />
      <p className="chat-typing" />
      {says !== null && (
        <p className="chat-kept" role="alert">
          {says}
        </p>
      )}
      <Composer
        label={known.channel.isDirect ? `Message ${name}` : `Message # ${name}`}
        draft={draft}
        onDraft={setDraft}
        onTyping={() => {}}
        onSend={(text) => {
          source?.send(text).then(
            () => setProblem(null),
            () => setProblem('The message was not sent: without an outbox it is gone.'),
          )
        }}
        editing={null}
        onEdit={() => {}}
        onEditEnd={() => {}}
        onEditLast={() => {}}
        refusal={isIn ? undefined : 'Without a connection there is no outbox here'}
      />
    </>
  )
}

const nothing = (): (() => void) => () => {}
/** The newest are always there, and nothing is jumped to. */
const nothingMore = { loadNewer: async () => {}, loadNewest: async () => {}, jumpTo: async () => {} }
const noNotes: ReadonlyMap<string, Note> = new Map()
