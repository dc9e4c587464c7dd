import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'
import { tracing } from '../../tracing/tracing.ts'

export const tracingPlugin = 'tracing'

/** A span for each field of Query and Mutation: of one operation they are what its time goes into. */
class TracingPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { kind, name }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (kind !== 'Query' && kind !== 'Mutation') return resolve
    const span = `${kind}.${name}`
    return (parent, args, context, info) => {
      if (tracing === undefined) return resolve(parent, args, context, info)
      return tracing.child(span, {}, () => resolve(parent, args, context, info))
    }
  }
}

SchemaBuilder.registerPlugin(tracingPlugin, TracingPlugin)

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      tracing: TracingPlugin<Types>
    }
  }
}
