import type { ObjectRef } from '@pothos/core'
import { builder } from './builder.ts'

/** Makes payloads of mutations that return one object and nothing else: `CreateRolePayload` has the field `role`. */
export function payloadOf<Name extends string, Shape extends object>(
  field: Name,
  type: ObjectRef<(typeof builder)['$inferSchemaTypes'], Shape>,
) {
  return (mutation: string, description: string) =>
    builder
      .objectRef<Readonly<Record<Name, Shape>>>(`${mutation[0]!.toUpperCase()}${mutation.slice(1)}Payload`)
      .implement({
        description: `Payload of \`${mutation}\`.`,
        fields: (t) => ({ [field]: t.field({ type, description, resolve: (payload) => payload[field] as never }) }),
      })
}
