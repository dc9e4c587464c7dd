import type { Worker } from 'node:cluster'

/** What Node's primary hands to a worker: a connection, of which the worker then says that it has it. */
interface Handover {
  readonly act?: string
  readonly seq?: number
}

/**
 * Closes what was handed to a worker that has died before it had it. Node forgets such a connection and leaves it open (24.21): its client would
 * wait for ever.
 */
export function closeLostConnections({ process: child }: Worker): void {
  const underWay = new Map<number, { close(): void }>()
  const send = child.send.bind(child) as (message: Handover, handle?: unknown, ...more: unknown[]) => boolean
  child.send = ((message: Handover, handle?: { close(): void }, ...more: unknown[]) => {
    if (message.act === 'newconn' && message.seq !== undefined && handle) underWay.set(message.seq, handle)
    return send(message, handle, ...more)
  }) as typeof child.send
  child.on('internalMessage' as 'message', (message) => {
    const { ack } = message as { readonly ack?: number }
    if (ack !== undefined) underWay.delete(ack)
  })
  child.once('exit', () => {
    for (const handle of underWay.values()) handle.close()
    underWay.clear()
  })
}
