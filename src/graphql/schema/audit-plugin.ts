import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'
import type { GraphQLFieldResolver } from 'graphql'
import { isOperator, recordChange } from '../../domain/access/audit.ts'
import { auditedInput } from './audited-input.ts'
import { ThingReader } from './audited-thing.ts'
import type { Context } from './context.ts'

export const auditPlugin = 'audit'

/** Records what each field of Mutation changes that is called from the console. Of other callers it asks nothing but that. */
class AuditPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { kind, name: mutation }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (kind !== 'Mutation') return resolve
    return (parent, args, given, info) => {
      const { app, caller } = given as unknown as Context
      if (!isOperator(caller)) return resolve(parent, args, given, info)
      const input = auditedInput(info.parentType.getFields()[mutation]!.args, args as Record<string, unknown>)
      const reader = new ThingReader(app, caller, info.schema, mutation, args as Record<string, unknown>)
      return recordChange<unknown>(app, caller, {
        mutation,
        input,
        namedSid: reader.namedSid,
        readThing: () => reader.readNamed(),
        run: async () => resolve(parent, args, given, info),
        readChanged: (payload) => reader.readChanged(payload),
        subjectOf: (payload) => reader.subjectOf(payload),
      })
    }
  }
}

SchemaBuilder.registerPlugin(auditPlugin, AuditPlugin)

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      audit: AuditPlugin<Types>
    }
  }
}
