'use client'
import { useMemo } from 'react'
import { selectDeliveries, type Delivery } from '../store/delivery.ts'
import { useChannel } from './use-channel.ts'

const nothing: readonly Delivery[] = []

/**
 * How far the user’s own messages of a channel have come: the newest in each state (waited for, delivered, read), newest first. Empty where
 * receipts are not reported, as in large channels. They are followed while a list of the channel is shown.
 */
export function useDeliveries(channelId: string): readonly Delivery[] {
  const known = useChannel(channelId)
  return useMemo(() => (known ? selectDeliveries(known) : nothing), [known])
}
