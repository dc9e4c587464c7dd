import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core'

export const nullableRootsPlugin = 'nullableRoots'

/**
 * Makes every field of Query and Mutation nullable. A null that is not allowed takes the whole `data` with it, and the committed results of other
 * fields of the same operation would be lost to the client.
 */
class NullableRootsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    if (field.kind !== 'Query' && field.kind !== 'Mutation') return field
    return { ...field, type: { ...field.type, nullable: true } }
  }
}

SchemaBuilder.registerPlugin(nullableRootsPlugin, NullableRootsPlugin)

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      nullableRoots: NullableRootsPlugin<Types>
    }
  }
}
