import type { Client } from '@fonechat/client'
import { ChatProvider, useClient, useConnection } from '@fonechat/client/react'
import { lazy, Suspense, useCallback, useRef, useState, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { Pane } from '../chat/pane.tsx'
import { useSwitcherKey } from '../lib/hotkeys.ts'
import { onePane, useMedia } from '../lib/viewport.ts'
import { placesHref, type Place } from '../routes.ts'
import { Switch } from '../ui/switch.tsx'
import { Top } from '../ui/top.tsx'
import { usePlaces } from '../use-places.ts'
import type { Frames } from './frames.ts'
import type { Library } from './glue/pane.tsx'
import type { Seat } from './seat.ts'
import { useClientState } from './use-client-state.ts'
import { useWay } from './use-way.ts'
import { Wire } from './wire.tsx'
import './demo.css'

const CodeDrawer = lazy(() => import('./code-drawer/drawer.tsx'))
const GluePane = lazy(() => import('./glue/pane.tsx'))
const Switcher = lazy(() => import('../chat/search/switcher.tsx'))

type At = 0 | 1

/** What a pane runs on. */
type Kind = 'client' | Library

/** Whether a pane on another library is connected; null where the pane runs on the client, which says so itself. */
type GlueLive = readonly [boolean | null, boolean | null]

const general: Place = { channel: 'general' }

/** The room that the demo will have, while the server is asked who is in it. */
export function DemoRoom() {
  return (
    <main className="demo" aria-busy="true">
      <div className="pane" data-half />
      <div className="wire" />
      <div className="pane" data-half />
    </main>
  )
}

/** Two people and the wire between them. */
export function Demo({ seats, frames }: { readonly seats: readonly [Seat, Seat]; readonly frames: Frames }) {
  const [front, setFront] = useState<At>(0)
  const [searching, setSearching] = useState<At | null>(null)
  const [hasCode, setCode] = useState(false)
  const used = useRef<At>(0)
  const isOnePane = useMedia(onePane)
  const [, navigate] = useLocation()
  const places = usePlaces()
  const [first, second] = seats
  const [kinds, setKinds] = useState<readonly [Kind, Kind]>(['client', 'client'])
  const [glueLive, setGlueLive] = useState<GlueLive>([null, null])
  const plugged = [usePlugged(first.client), usePlugged(second.client)] as const
  const connected = [glueLive[0] ?? plugged[0], glueLive[1] ?? plugged[1]] as const
  const way = useWay(seats, connected)
  const onFirstLive = useCallback((isLive: boolean) => setGlueLive(([, other]) => [isLive, other]), [])
  const onSecondLive = useCallback((isLive: boolean) => setGlueLive(([other]) => [other, isLive]), [])

  // One connection for a person: the client rests while another library has the pane.
  const choose = (at: At, kind: Kind): void => {
    const { client } = seats[at]
    if (kind === 'client') client.connect()
    else client.disconnect()
    const live = kind === 'client' ? null : false
    setGlueLive(([one, two]) => (at === 0 ? [live, two] : [one, live]))
    setKinds(([one, two]) => (at === 0 ? [kind, two] : [one, kind]))
  }

  const about = (at: At): ReactNode => (
    <select
      className="pane-kind"
      aria-label={`What ${seats[at].person.name}’s pane runs on`}
      value={kinds[at]}
      onChange={(event) => choose(at, event.target.value as Kind)}
    >
      <option value="client">this browser · client</option>
      <option value="apollo">this browser · Apollo</option>
      <option value="urql">this browser · urql</option>
    </select>
  )

  const hrefOf = (at: At, place: Place): string =>
    placesHref(
      at === 0 ? { first: place, second: places.second ?? general } : { first: places.first ?? general, second: place },
    )

  useSwitcherKey(() => {
    const at = isOnePane ? front : used.current
    if (kinds[at] === 'client') setSearching(at)
  })

  const onUse = (at: At): void => {
    used.current = at
  }

  const gluePane = (seat: Seat, at: At, library: Library): ReactNode => (
    <Suspense fallback={<div className="pane" />}>
      <GluePane
        key={library}
        library={library}
        person={seat.person}
        token={seat.token}
        place={at === 0 ? places.first : places.second}
        hrefOf={(place) => hrefOf(at, place)}
        isBehind={isOnePane && front !== at}
        onUse={() => onUse(at)}
        about={about(at)}
        onLive={at === 0 ? onFirstLive : onSecondLive}
      />
    </Suspense>
  )

  const clientPane = (seat: Seat, at: At): ReactNode => (
    <Pane
      person={seat.person}
      place={at === 0 ? places.first : places.second}
      hrefOf={(place) => hrefOf(at, place)}
      isHalf
      isBehind={isOnePane && front !== at}
      onUse={() => onUse(at)}
      onSearch={() => setSearching(at)}
      onOpen={(place) => navigate(hrefOf(at, place))}
      about={about(at)}
      onSend={() => way.onSend(at)}
      plug={<Plug name={seat.person.name} />}
    />
  )

  const pane = (seat: Seat, at: At): ReactNode => {
    const kind = kinds[at]
    return (
      <ChatProvider client={seat.client}>
        {kind === 'client' ? clientPane(seat, at) : gluePane(seat, at, kind)}
      </ChatProvider>
    )
  }

  return (
    <div className="page">
      <Top says="Two people, one channel. Pull a plug and watch nothing get lost.">
        <div className="people-switch" role="group" aria-label="Whose pane is shown">
          {seats.map(({ person: { identity, name } }, at) => (
            <button key={identity} type="button" aria-pressed={front === at} onClick={() => setFront(at === 0 ? 0 : 1)}>
              {name}
            </button>
          ))}
        </div>
      </Top>
      <main className="demo">
        {pane(first, 0)}
        <Wire
          people={[first.person, second.person]}
          connected={connected}
          steps={way.steps}
          dots={way.dots}
          onDotEnd={way.onDotEnd}
          hasCode={hasCode}
          onCode={() => setCode(!hasCode)}
        />
        {pane(second, 1)}
      </main>
      {hasCode && (
        <Suspense fallback={null}>
          <CodeDrawer frames={frames} identity={way.author} lastText={way.text} onClose={() => setCode(false)} />
        </Suspense>
      )}
      {searching !== null && (
        <Suspense fallback={null}>
          <ChatProvider client={seats[searching].client}>
            <Switcher
              self={seats[searching].person}
              onOpen={(place) => navigate(hrefOf(searching, place))}
              onClose={() => setSearching(null)}
            />
          </ChatProvider>
        </Suspense>
      )}
    </div>
  )
}

/** Whether a client is connected, as the wire shows it. */
function usePlugged(client: Client): boolean {
  const { status } = useClientState(client).connection
  return status === 'live' || status === 'catchingUp'
}

/** Cuts the connection of a person for real, and puts it back. */
function Plug({ name }: { readonly name: string }) {
  const client = useClient()
  const connection = useConnection()
  // The state says it, since all tabs of a person have one connection: it may have been cut in another.
  const isIn = connection.status !== 'offline' || connection.retryAt !== null
  return (
    <Switch
      on={isIn}
      label={`${name}’s connection`}
      onChange={(on) => {
        if (on) client.connect()
        else client.disconnect()
      }}
    />
  )
}
