import SchemaBuilder, { BasePlugin, type SchemaTypes } from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'
import type { Context } from './context.ts'

export const sharePlugin = 'share'

/**
 * Counts the time that an execution takes after a resolver's promise has settled. Completing a page happens then, and takes far
 * longer than resolving it.
 */
class SharePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    return (parent, args, context, info) => {
      const value = resolve(parent, args, context, info)
      const { share } = context as unknown as Context
      if (share === undefined || !(value instanceof Promise)) return value
      return share.measureAnswer(value)
    }
  }
}

SchemaBuilder.registerPlugin(sharePlugin, SharePlugin)

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      share: SharePlugin<Types>
    }
  }
}
