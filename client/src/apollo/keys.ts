import { gql, type ApolloCache } from '@apollo/client'

/**
 * Keys of messages that are kept beside a channel: those on their way, those that were removed, and those that arrived last, which a page may
 * not have that was under way. They are objects of their own, since an optimistic layer copies each object that it changes as a whole, and
 * would hide from then on what others send into the channel.
 */
export type KeysName = 'PendingMessages' | 'RemovedMessages' | 'ArrivedMessages'

/** Keys of each kind that a channel remembers. */
const maxKeys = 500

const fragment = gql`
  fragment MessageKeys on MessageKeys {
    keys
  }
`

/** The id of such an object in the cache. */
export function keysId(name: KeysName, channelId: string): string {
  return `MessageKeys:${name}:${channelId}`
}

/** Within an optimistic layer it reads and changes that layer, elsewhere what is not optimistic. */
export function readKeys(cache: ApolloCache, name: KeysName, channelId: string): readonly string[] {
  const data = cache.readFragment<{ readonly keys: readonly string[] }>({
    id: keysId(name, channelId),
    fragment,
    optimistic: false,
  })
  return data?.keys ?? []
}

export function writeKeys(cache: ApolloCache, name: KeysName, channelId: string, keys: readonly string[]): void {
  const data = { __typename: 'MessageKeys', keys: keys.slice(-maxKeys) }
  cache.writeFragment({ id: keysId(name, channelId), fragment, data })
}

export function addKey(cache: ApolloCache, name: KeysName, channelId: string, key: string): void {
  const known = readKeys(cache, name, channelId)
  if (!known.includes(key)) writeKeys(cache, name, channelId, [...known, key])
}
