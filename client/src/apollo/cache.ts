import {
  InMemoryCache,
  type Cache,
  type InMemoryCacheConfig,
  type OperationVariables,
  type Reference,
} from '@apollo/client'
import { possibleTypes } from '../glue/generated/possible-types.ts'
import { visitObjects, type ResultObject } from '../glue/results.ts'
import { applyEvent, isEvent, type KnownToCache } from './events.ts'
import { addArrived } from './messages.ts'
import { typePolicies } from './policies.ts'

type Stored = Readonly<Record<string, unknown>>

export interface FonechatCacheConfig extends InMemoryCacheConfig {
  /** The identity of the user: by it the cache knows its own reactions among those that events report. */
  readonly identity?: string
}

/**
 * An `InMemoryCache` that knows the schema. It merges the pages of a list, applies events of subscriptions and the answers of mutations to lists,
 * and never replaces what is newer by what is older. All of it is seen by the type names in results, whatever a document names its fields.
 */
export class FonechatCache extends InMemoryCache {
  readonly #known: KnownToCache

  constructor({ identity, ...config }: FonechatCacheConfig = {}) {
    super(config)
    this.#known = { identity, texts: new Map() }
  }

  override write<TData = unknown, TVariables extends OperationVariables = OperationVariables>(
    options: Cache.WriteOptions<TData, TVariables>,
  ): Reference | undefined {
    const objects: ResultObject[] = []
    visitObjects(options.result, (object) => objects.push(object))
    const events = objects.filter(isEvent)
    const newer = this.#findNewer(objects)
    const hasMessages = objects.some(({ __typename }) => /^(Message|Reply)Connection$/.test(__typename))
    if (newer.size === 0 && events.length === 0 && !hasMessages) return super.write(options)
    let written: Reference | undefined
    this.performTransaction(() => {
      written = super.write(options)
      for (const [id, fields] of newer) {
        this.modify({
          id,
          fields: (value, { storeFieldName }) => (storeFieldName in fields ? fields[storeFieldName] : value) as never,
        })
      }
      const owners = hasMessages ? objects.filter(({ __typename }) => /^(Channel|Message)$/.test(__typename)) : []
      for (const owner of owners) if (owner['id'] !== undefined) addArrived(this, owner as never)
      for (const event of events) applyEvent(this, event, this.#known)
    })
    return written
  }

  /** The cached objects of which the result has an older state. */
  #findNewer(objects: readonly ResultObject[]): ReadonlyMap<string, Stored> {
    const newer = new Map<string, Stored>()
    for (const object of objects) {
      if (typeof object['revision'] !== 'number' || typeof object['id'] !== 'string') continue
      const id = this.identify({ __typename: object.__typename, id: object['id'] })
      if (id === undefined || newer.has(id) || !(this.#revisionOf(id) > object['revision'])) continue
      const fields: Record<string, unknown> = {}
      this.modify({
        id,
        broadcast: false,
        fields: (value, { storeFieldName }) => {
          fields[storeFieldName] = value
          return value
        },
      })
      newer.set(id, fields)
    }
    return newer
  }

  #revisionOf(id: string): number {
    let revision = -1
    this.modify<{ revision: number }>({
      id,
      broadcast: false,
      fields: { revision: (value) => (revision = value as number) },
    })
    return revision
  }
}

/** Makes a cache. Type policies of the application are added to those of the schema. */
export function createFonechatCache({ typePolicies: more, ...config }: FonechatCacheConfig = {}): FonechatCache {
  const cache = new FonechatCache({
    ...config,
    possibleTypes: { ...possibleTypes, ...config.possibleTypes },
    typePolicies,
  })
  if (more) cache.policies.addTypePolicies(more)
  return cache
}
