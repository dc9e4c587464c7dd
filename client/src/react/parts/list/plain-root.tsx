'use client'
import type { ReactElement } from 'react'
import { Announcer } from './announcer.tsx'
import { Jump } from './jump.tsx'
import { ListRoot, type RootProps } from './root.tsx'
import { Scroller } from './scroller.tsx'

/** The messages of a channel. What was visible, focused and at its end for half a second is marked as read. */
export function Root({ children, ...props }: RootProps): ReactElement {
  const content = children ?? (
    <>
      <Scroller />
      <Jump />
      <Announcer />
    </>
  )
  return <ListRoot {...props}>{content}</ListRoot>
}
