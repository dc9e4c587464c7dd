import type { Connection, Receiver } from './receiver.ts'

/** What the server answered to a send. */
export interface Acknowledged {
  readonly channelId: string
  readonly index: number
  readonly body: string
}

/** Everything that is wrong with what was sent, stored and received; empty when nothing is. */
export function findFaults(
  acknowledged: readonly Acknowledged[],
  histories: ReadonlyMap<string, readonly { readonly index: number; readonly body: string }[]>,
  receivers: readonly Receiver[],
): string[] {
  const faults: string[] = []
  for (const [channelId, history] of histories) {
    history.forEach(({ index }, at) => {
      if (index !== at) faults.push(`${channelId}: index ${index} stands at place ${at}`)
    })
    const bodies = new Set(history.map(({ body }) => body))
    if (bodies.size !== history.length) faults.push(`${channelId}: a message was stored twice`)
  }
  for (const { channelId, index, body } of acknowledged) {
    if (histories.get(channelId)?.[index]?.body !== body) faults.push(`acknowledged and lost: ${index} ${body}`)
  }
  for (const receiver of receivers)
    faults.push(...findReceiverFaults(receiver, histories.get(receiver.channelId) ?? []))
  return faults
}

function findReceiverFaults(
  { name, connections, mayRepeat, joinedBy }: Receiver,
  history: readonly { readonly body: string }[],
): string[] {
  const faults: string[] = []
  let furthest = joinedBy === undefined ? Infinity : joinedBy - 1
  connections.forEach((connection: Connection, number) => {
    connection.forEach(({ index, body }, at) => {
      const place = `${name}, connection ${number}`
      if (history[index]?.body !== body) faults.push(`${place}: received ${index} ${body}, which is not what was sent`)
      const before = at === 0 ? undefined : connection[at - 1]!.index
      if (before !== undefined && index !== before + 1) faults.push(`${place}: ${index} follows ${before}`)
      if (before === undefined && index > furthest + 1) faults.push(`${place}: begins with ${index} after ${furthest}`)
      if (index <= furthest && number > 0 && !mayRepeat) faults.push(`${place}: ${index} came again`)
      furthest = furthest === Infinity ? index : Math.max(furthest, index)
    })
  })
  if (furthest !== history.length - 1) faults.push(`${name}: received up to ${furthest} of ${history.length - 1}`)
  return faults
}
