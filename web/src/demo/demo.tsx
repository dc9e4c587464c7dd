import type { Client } from '@fonechat/client'
import { lazy, Suspense, useRef, useState, type ReactNode } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useClientState } from '../chat/live/use-client.ts'
import { Pane } from '../chat/pane.tsx'
import { useSwitcherKey } from '../lib/hotkeys.ts'
import { onePane, useMedia } from '../lib/viewport.ts'
import { parsePlaces, placesHref, type Place } from '../routes.ts'
import { Switch } from '../ui/switch.tsx'
import { Top } from '../ui/top.tsx'
import type { Frames } from './frames.ts'
import type { Seat } from './seat.ts'
import { useWay } from './use-way.ts'
import { Wire } from './wire.tsx'
import './demo.css'

const CodeDrawer = lazy(() => import('./code-drawer/drawer.tsx'))
const Switcher = lazy(() => import('../chat/search/switcher.tsx'))

type At = 0 | 1

const general: Place = { channel: 'general' }

/** Two people and the wire between them. */
export function Demo({ seats, frames }: { readonly seats: readonly [Seat, Seat]; readonly frames: Frames }) {
  const [front, setFront] = useState<At>(0)
  const [searching, setSearching] = useState<At | null>(null)
  const [hasCode, setCode] = useState(false)
  const used = useRef<At>(0)
  const isOnePane = useMedia(onePane)
  const [path, navigate] = useLocation()
  const places = parsePlaces(path, useSearch())
  const [first, second] = seats
  const way = useWay(seats)
  const [isFirstPlugged, isSecondPlugged] = [usePlugged(first.client), usePlugged(second.client)]

  const hrefOf = (at: At, place: Place): string =>
    placesHref(
      at === 0 ? { first: place, second: places.second ?? general } : { first: places.first ?? general, second: place },
    )

  useSwitcherKey(() => setSearching(isOnePane ? front : used.current))

  const pane = (seat: Seat, at: At): ReactNode => (
    <Pane
      client={seat.client}
      person={seat.person}
      place={at === 0 ? places.first : places.second}
      hrefOf={(place) => hrefOf(at, place)}
      isHalf
      isBehind={isOnePane && front !== at}
      onUse={() => {
        used.current = at
      }}
      onSearch={() => setSearching(at)}
      onOpen={(place) => navigate(hrefOf(at, place))}
      about="this browser · client"
      onSend={() => way.onSend(at)}
      plug={<Plug seat={seat} />}
    />
  )

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
          connected={[isFirstPlugged, isSecondPlugged]}
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
          <Switcher
            client={seats[searching].client}
            self={seats[searching].person}
            onOpen={(place) => navigate(hrefOf(searching, place))}
            onClose={() => setSearching(null)}
          />
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
function Plug({ seat: { client, person } }: { readonly seat: Seat }) {
  const [isIn, setIn] = useState(true)
  return (
    <Switch
      on={isIn}
      label={`${person.name}’s connection`}
      onChange={(on) => {
        setIn(on)
        if (on) client.connect()
        else client.disconnect()
      }}
    />
  )
}
