import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'
import { countRootField } from '../../domain/access/rate-limits.ts'
import type { Context } from './context.ts'

export const rateLimitPlugin = 'rateLimit'

/** What a root field counts as, where that is not an operation. Stands in the field's extensions as `rateLimit`. */
export type FieldRate = 'sends' | 'operations' | 'none'

/**
 * Counts each field of Query and Mutation when it is executed, under whatever alias and over whatever transport. Subscriptions are counted when they
 * are opened.
 */
class RateLimitPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    field: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (field.kind !== 'Query' && field.kind !== 'Mutation') return resolve
    const kind = (field.extensions?.['rateLimit'] ?? 'operations') as FieldRate
    if (kind === 'none') return resolve
    return (parent, args, given, info) => {
      const { app, caller, rates, share } = given as unknown as Context
      const counted = caller && countRootField(app, caller, kind, rates)
      if (!counted) return resolve(parent, args, given, info)
      return counted.then(() => {
        share?.measureTurn()
        return resolve(parent, args, given, info)
      })
    }
  }
}

SchemaBuilder.registerPlugin(rateLimitPlugin, RateLimitPlugin)

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      rateLimit: RateLimitPlugin<Types>
    }
  }
}
