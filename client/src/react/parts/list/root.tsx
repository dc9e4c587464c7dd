'use client'
import { useCallback, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { useChannel } from '../../use-channel.ts'
import { useLayout } from '../../use-layout.ts'
import { useMessages } from '../../use-messages.ts'
import { useRead } from '../../use-read.ts'
import { renderPart, type Part } from '../part.ts'
import { Anchor } from './anchor.ts'
import { Announcer } from './announcer.tsx'
import { Context, type ListContext } from './context.ts'
import { Jump } from './jump.tsx'
import { Scroller } from './scroller.tsx'
import { useEnd } from './use-end.ts'
import { useFirstUnread } from './use-first-unread.ts'

/** For how long a message that was jumped to is lit, in milliseconds. */
const litFor = 2000

export type RootProps = Part<
  object,
  {
    /** SID of the channel. */
    readonly channelId: string
    /** Index of a message to go to and light up, also when it changes later. By default the list begins at the first unread message, or at the end. */
    readonly at?: number | undefined
    /** `Scroller`, `Jump` and `Announcer` by default. */
    readonly children?: ReactNode
  }
>

/** The messages of a channel. What was visible, focused and at its end for half a second is marked as read. */
export function Root({ channelId, ...props }: RootProps): ReactElement {
  // Another channel is another list, with nothing of the one before.
  return <OfChannel key={channelId} channelId={channelId} {...props} />
}

function OfChannel({ channelId, at, children, ...given }: RootProps): ReactElement {
  const shown = useMessages(channelId)
  const { list, rows, hasNewer } = shown
  const scroller = useRef<HTMLElement | null>(null)
  const [anchor] = useState(() => new Anchor())
  const { isAtEnd, missed, setAtEnd } = useEnd(shown)
  const firstUnread = useFirstUnread(useChannel(channelId), shown)
  const [highlighted, setHighlighted] = useState<number | null>(null)

  const newest = rows.findLast(({ index }) => index !== null)?.index ?? null
  useRead(channelId, scroller, isAtEnd && !hasNewer ? newest : null)

  const toNewest = useCallback(() => {
    anchor.toEnd()
    setAtEnd(anchor.isAtEnd)
    // What fails is read again when one scrolls.
    list.loadNewest().catch(() => {})
  }, [anchor, list, setAtEnd])

  useEffect(() => {
    if (at === undefined) return
    anchor.leaveEnd()
    list.jumpTo(at).then(
      () => setHighlighted(at),
      () => {},
    )
  }, [list, anchor, at])
  // Before it is painted: it would be seen elsewhere first.
  useLayout(() => {
    if (highlighted === null) return
    const row = list.getSnapshot().rows.find(({ index }) => index === highlighted)
    if (row && anchor.toRow(row.key)) setAtEnd(anchor.isAtEnd)
    const timer = setTimeout(() => setHighlighted(null), litFor)
    return () => clearTimeout(timer)
  }, [list, anchor, highlighted, setAtEnd])

  const context = useMemo<ListContext>(
    () => ({ ...shown, channelId, scroller, anchor, isAtEnd, missed, firstUnread, highlighted, toNewest, setAtEnd }),
    [shown, channelId, anchor, isAtEnd, missed, firstUnread, highlighted, toNewest, setAtEnd],
  )
  const content = children ?? (
    <>
      <Scroller />
      <Jump />
      <Announcer />
    </>
  )
  return <Context.Provider value={context}>{renderPart('div', { children: content }, {}, given)}</Context.Provider>
}
