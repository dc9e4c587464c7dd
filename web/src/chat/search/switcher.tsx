import { Dialog } from '@base-ui/react/dialog'
import type { State } from '@fonechat/client'
import { useSelection } from '@fonechat/client/react'
import { Search } from 'lucide-react'
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import type { Place } from '../../routes.ts'
import { Avatar, Hash } from '../../ui/avatar.tsx'
import { Time } from '../../ui/time.tsx'
import { usePageClient } from '../live/page-client.ts'
import type { Person } from '../model.ts'
import { findAll, findKnown, type Found } from './find.ts'
import '../../ui/dialog.css'
import './switcher.css'

/** How long one pauses typing before the server is asked. */
const pauseMs = 150

const channelsOf = ({ channels }: State): State['channels'] => channels

const headings = { channel: 'Channels', person: 'People', message: 'Messages' }

/** Finds channels, people and messages, and opens what is chosen. */
export default function Switcher({
  self,
  onOpen,
  onClose,
}: {
  readonly self: Person
  readonly onOpen: (place: Place) => void
  readonly onClose: () => void
}) {
  const client = usePageClient()
  const channels = useSelection(channelsOf)
  const [query, setQuery] = useState('')
  const [answer, setAnswer] = useState<{ readonly query: string; readonly found: readonly Found[] } | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [at, setAt] = useState(0)
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const trimmed = query.trim()

  useEffect(() => {
    if (trimmed === '') return
    const abort = new AbortController()
    const timer = setTimeout(() => {
      findAll(client, self, trimmed, abort.signal).then(
        (found) => {
          setAnswer({ query: trimmed, found })
          setProblem(null)
        },
        (error: unknown) => {
          if (!abort.signal.aborted) setProblem(error instanceof Error ? error.message : 'The search failed.')
        },
      )
    }, pauseMs)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [client, self, trimmed])

  const isAnswered = answer?.query === trimmed
  const found = isAnswered && trimmed !== '' ? answer.found : findKnown(channels, self, trimmed)
  const chosen = found[Math.min(at, found.length - 1)]
  const optionId = (key: string): string => `${id}-${key}`

  const open = async (one: Found): Promise<void> => {
    try {
      if (one.kind === 'person') {
        const { id: channel } = await client.people.openDirectChannel([one.person.identity])
        onOpen({ channel })
      } else {
        if (one.kind === 'channel' && one.toJoin !== null) {
          await client.joinChannel(one.toJoin)
        }
        onOpen(one.kind === 'message' ? { channel: one.channel, index: one.index } : { channel: one.channel })
      }
      onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'It could not be opened.')
    }
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      const next = (Math.min(at, found.length - 1) + step + found.length) % found.length
      setAt(next)
      document.getElementById(optionId(found[next]?.key ?? ''))?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'Enter' && chosen && !event.nativeEvent.isComposing) {
      event.preventDefault()
      void open(chosen)
    }
  }

  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog switcher" initialFocus={input}>
          <Dialog.Title className="unseen">{`Search as ${self.name}`}</Dialog.Title>
          <div className="switcher-query">
            <Search size={17} aria-hidden="true" />
            <input
              ref={input}
              role="combobox"
              aria-label="Channels, people and messages"
              aria-expanded={found.length > 0}
              aria-controls={`${id}-list`}
              aria-activedescendant={chosen ? optionId(chosen.key) : undefined}
              aria-autocomplete="list"
              autoComplete="off"
              spellCheck={false}
              placeholder={`Channels, people and messages of ${self.name}`}
              value={query}
              onChange={(event) => {
                setQuery(event.target.value)
                setAt(0)
              }}
              onKeyDown={onKeyDown}
            />
            <kbd aria-hidden="true">Esc</kbd>
          </div>
          {problem !== null && (
            <p className="switcher-problem" role="alert">
              {problem}
            </p>
          )}
          <div className="switcher-list" role="listbox" id={`${id}-list`} aria-label="Found">
            {(['channel', 'person', 'message'] as const).map((kind) => {
              const group = found.filter((one) => one.kind === kind)
              if (group.length === 0) return null
              return (
                <div key={kind} role="group" aria-labelledby={`${id}-${kind}`}>
                  <div className="switcher-kind" role="presentation" id={`${id}-${kind}`}>
                    {headings[kind]}
                  </div>
                  {group.map((one) => (
                    <div
                      key={one.key}
                      id={optionId(one.key)}
                      role="option"
                      aria-selected={one === chosen}
                      className="switcher-one"
                      onPointerMove={() => setAt(found.indexOf(one))}
                      onClick={() => void open(one)}
                    >
                      <FoundLine one={one} />
                    </div>
                  ))}
                </div>
              )
            })}
          </div>
          <p className="switcher-says" role="status">
            {saying(trimmed, found.length, isAnswered, problem)}
          </p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function saying(query: string, count: number, isAnswered: boolean, problem: string | null): string {
  if (query === '') return 'Type to search. ↑ and ↓ choose, Enter opens.'
  if (!isAnswered && problem === null) return 'searching'
  return count === 0 ? `Nothing is called or says “${query}”.` : '↑ and ↓ choose, Enter opens.'
}

function FoundLine({ one }: { readonly one: Found }): ReactNode {
  if (one.kind === 'message') {
    return (
      <>
        <Avatar {...one.author} />
        <span className="switcher-text">
          <span className="switcher-top">
            <b className="cut" dir="auto">
              {one.author.name}
            </b>
            <span className="cut">{`in ${one.channelName}`}</span>
            <Time at={one.createdAt} short />
          </span>
          <span className="switcher-snippet" dir="auto">
            {one.snippet.map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part))}
          </span>
        </span>
      </>
    )
  }
  const { person } = one
  return (
    <>
      {person ? <Avatar {...person} /> : <Hash />}
      <span className="switcher-text">
        <b className="cut" dir="auto">
          {one.kind === 'person' ? one.person.name : one.name}
        </b>
        {one.kind === 'person' && <span className="switcher-hint">write a message</span>}
        {one.kind === 'channel' && one.toJoin !== null && <span className="switcher-hint">join</span>}
      </span>
    </>
  )
}
