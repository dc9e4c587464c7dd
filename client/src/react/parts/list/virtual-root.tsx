'use client'
import type { ReactElement } from 'react'
import { Announcer } from './announcer.tsx'
import { Jump } from './jump.tsx'
import { ListRoot, type RootProps } from './root.tsx'
import { VirtualScroller } from './virtual-scroller.tsx'

/** The messages of a channel, with few rows in the document. What was visible, focused and at its end for half a second is marked as read. */
export function Root({ children, ...props }: RootProps): ReactElement {
  const content = children ?? (
    <>
      <VirtualScroller />
      <Jump />
      <Announcer />
    </>
  )
  return <ListRoot {...props}>{content}</ListRoot>
}
