'use client'
import { useMemo } from 'react'
import { selectDeliveries, type Delivery, type IsAwaited } from '../store/delivery.ts'
import { useChannel } from './use-channel.ts'

const nothing: readonly Delivery[] = []

/**
 * How far the user’s own messages of a channel have come: the newest in each state (waited for, delivered, read), newest first. Empty where
 * receipts are not reported, as in large channels. They are followed while a list of the channel is shown. `isAwaited` leaves out whom
 * nobody waits for, as one who is online and has it in a moment; keep the function until it says something else.
 */
export function useDeliveries(channelId: string, isAwaited?: IsAwaited): readonly Delivery[] {
  const known = useChannel(channelId)
  return useMemo(() => (known ? selectDeliveries(known, isAwaited) : nothing), [known, isAwaited])
}
