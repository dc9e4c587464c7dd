'use client'
import { useEffect, useRef } from 'react'
import type { MessageHandle } from '../handles/message.ts'
import { useClient } from './provider.tsx'

/**
 * Calls back for each new message that calls for a notification: by somebody else, unread, in a channel that is neither muted nor archived nor
 * shown by a visible tab. In exactly one of the tabs that are open.
 */
export function useNotifications(listener: (message: MessageHandle) => void): void {
  const client = useClient()
  const latest = useRef(listener)
  useEffect(() => {
    latest.current = listener
  })
  useEffect(() => client.on('notification', (message) => latest.current(message)), [client])
}
