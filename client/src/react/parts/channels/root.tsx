'use client'
import { memo, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react'
import type { ChannelRow } from '../../../store/channel-list.ts'
import { useChannelList } from '../../use-channel-list.ts'
import { renderPart, type Part } from '../part.ts'
import { unseen } from '../unseen.ts'

export interface ChannelItemState {
  readonly isActive: boolean
  readonly isPinned: boolean
}

type Content = (row: ChannelRow, state: ChannelItemState) => ReactNode

export type RootProps = Part<
  object,
  {
    /** SID of the channel that is shown. */
    readonly activeId?: string | undefined
    readonly onChoose: (channelId: string) => void
    /** What stands in the button of a channel. By default its name and what is unread, in words. Keep the function. */
    readonly children?: Content
  }
>

/** The user’s channels as a navigation: pinned ones first, the others by activity. A button each; ↑, ↓, Home and End move among them. */
export function Root({ activeId, onChoose, children, ...given }: RootProps): ReactElement {
  const { pinned, rows, hasMore, list } = useChannelList()
  const [focused, setFocused] = useState<string | null>(null)
  const all = [...pinned, ...rows]
  const wanted = [focused, activeId].find((id) => all.some((row) => row.id === id)) ?? all[0]?.id

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-channel]')]
    const place = buttons.indexOf((event.target as HTMLElement).closest<HTMLElement>('[data-channel]')!)
    const next = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: buttons.length - 1 }[event.key]
    if (next === undefined || place < 0) return
    event.preventDefault()
    buttons[Math.min(Math.max(next, 0), buttons.length - 1)]?.focus()
  }
  const item = (row: ChannelRow, isPinned: boolean): ReactElement => (
    <Item
      key={row.id}
      row={row}
      isActive={row.id === activeId}
      isPinned={isPinned}
      isTabStop={row.id === wanted}
      onFocus={setFocused}
      onChoose={onChoose}
      content={children}
    />
  )
  const content = (
    <>
      <ul>
        {pinned.map((row) => item(row, true))}
        {rows.map((row) => item(row, false))}
      </ul>
      {hasMore && all.length > 0 && (
        <button type="button" onClick={() => void list.loadMore().catch(() => {})}>
          More channels
        </button>
      )}
    </>
  )
  return renderPart('nav', { 'aria-label': 'Channels', onKeyDown, children: content }, {}, given)
}

interface ItemProps extends ChannelItemState {
  readonly row: ChannelRow
  readonly isTabStop: boolean
  readonly onFocus: (id: string) => void
  readonly onChoose: (id: string) => void
  readonly content: Content | undefined
}

const Item = memo(function Item({ row, isTabStop, onFocus, onChoose, content, ...state }: ItemProps) {
  const { id, unreadCount } = row
  return (
    <li>
      <button
        type="button"
        aria-current={state.isActive ? 'page' : undefined}
        tabIndex={isTabStop ? 0 : -1}
        data-channel={id}
        data-unread={unreadCount === null || unreadCount === 0 ? undefined : unreadCount}
        data-pinned={state.isPinned ? '' : undefined}
        data-direct={row.isDirect ? '' : undefined}
        onFocus={() => onFocus(id)}
        onClick={() => onChoose(id)}
      >
        {content ? content(row, state) : <Line row={row} />}
      </button>
    </li>
  )
})

function Line({ row: { name, unreadCount } }: { readonly row: ChannelRow }) {
  return (
    <>
      <span dir="auto">{name}</span>
      {unreadCount !== null && unreadCount > 0 && (
        <>
          {' '}
          <span aria-hidden="true">{unreadCount > 99 ? '99+' : unreadCount}</span>
          <span style={unseen}>{unreadCount === 1 ? '1 unread message' : `${unreadCount} unread messages`}</span>
        </>
      )}
    </>
  )
}
