import type { ApolloClient, OperationVariables, StoreObject, TypedDocumentNode } from '@apollo/client'
import { isBeyond } from '../cursor.ts'
import { Positions, type Missed, type StreamEvent } from '../glue/positions.ts'
import { writeKeys } from './keys.ts'
import { modifyMessages } from './messages.ts'

export interface FollowOptions<Data, Variables extends OperationVariables> {
  /** A document with a subscription of `events`. */
  readonly query: TypedDocumentNode<Data, Variables>
  readonly variables?: Variables
  /** The subscription has ended for good: the credentials or the document are refused. Follow again when that is mended. */
  readonly onError: (error: unknown) => void
}

/**
 * Subscribes to `events`. The cache takes in what happens by itself; this reads again what happened before the stream began, which is
 * more than a `useSubscription` does. Once for a client, since the subscription covers all channels of the user. Returns how to stop.
 */
export function followEvents<Data, Variables extends OperationVariables>(
  client: ApolloClient,
  { query, variables, onError }: FollowOptions<Data, Variables>,
): () => void {
  const positions = new Positions()
  let isFirst = true
  const take = (data: Data | undefined): void => {
    const event = Object.values(data ?? {}).find((value) => typeof value === 'object') as StreamEvent | undefined
    if (!event) return
    for (const missed of positions.take(event)) readAgain(client, missed)
    if (event.__typename !== 'Ready' || !isFirst) return
    isFirst = false
    // What is under way may have been read by the server before the stream began.
    for (const observed of client.getObservableQueries('active')) {
      if (observed.getCurrentResult().loading) observed.refetch().catch(() => {})
    }
  }
  const subscription = client.subscribe<Data>({ query, variables } as never).subscribe({
    next: ({ data, error }) => {
      if (error) onError(error)
      else take(data as Data | undefined)
    },
    error: onError,
  })
  return () => subscription.unsubscribe()
}

/** Reads the messages of a channel and of its threads again where they are shown, and forgets them where they are not. */
function readAgain(client: ApolloClient, { channel, since }: Missed): void {
  const { cache } = client
  for (const [id, object] of Object.entries(cache.extract() as Record<string, StoreObject>)) {
    const isThread = id.startsWith('Message:') && 'replies' in object
    if (!isThread && !id.startsWith('Channel:')) continue
    if (!(isThread ? (object['channelId'] as string | undefined) : id)?.endsWith(channel)) continue
    const owner = id.slice(id.indexOf(':') + 1)
    let isStale = false
    let keys: readonly string[] = []
    modifyMessages(cache, id, (messages, readField) => {
      const entries = messages.segments.flatMap((segment) => segment.entries)
      const index = Math.max(-1, ...entries.map((entry) => entry.index))
      const seq = Math.max(0, ...entries.map(({ ref }) => readField<number>('revision', ref) ?? 0))
      isStale = since === null || isBeyond(since, { index, seq })
      if (since === null) keys = entries.map(({ key }) => key)
      return isStale ? { ...messages, isStale: true } : messages
    })
    if (!isStale) continue
    // Part of it may be gone by now.
    writeKeys(cache, 'ArrivedMessages', owner, [])
    if (since === null) {
      // What the server has now is right, with whatever revision.
      writeKeys(cache, 'RemovedMessages', owner, [])
      for (const key of [id, ...keys]) cache.modify<{ revision: number }>({ id: key, fields: { revision: () => -1 } })
    }
    const forget = { id, fieldName: isThread ? 'replies' : 'messages' }
    let isShown = false
    const reading = client.refetchQueries({
      updateCache: (layer) => layer.evict(forget),
      optimistic: true,
      onQueryUpdated: () => (isShown = true),
    })
    reading.catch(() => cache.evict(forget))
    if (!isShown) cache.evict(forget)
  }
}
