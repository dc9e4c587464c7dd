/** `orderBy` of `Viewer.channels`. */
export interface ChannelOrder {
  readonly field: string
  readonly direction: string
}

/** Whether a channel with a new message comes first. */
export function isNewestFirst(order: ChannelOrder | null | undefined): boolean {
  return order == null || (order.field === 'ACTIVITY' && order.direction === 'DESC')
}
