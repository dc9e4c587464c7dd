import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, isSpecifiedScalarType } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../../src/graphql/schema.ts'
import { standsAlone } from '../../support/description.ts'

interface Described {
  readonly name: string
  readonly description?: string | null | undefined
}

/** Everything in the schema that can have a description, by its path. */
function* everything(): Generator<readonly [path: string, item: Described]> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || isSpecifiedScalarType(type)) continue
    yield [type.name, type]
    if (isEnumType(type)) for (const value of type.getValues()) yield [`${type.name}.${value.name}`, value]
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) yield [`${type.name}.${field.name}`, field]
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    for (const field of Object.values(type.getFields())) {
      yield [`${type.name}.${field.name}`, field]
      for (const arg of field.args) yield [`${type.name}.${field.name}(${arg.name}:)`, arg]
    }
  }
}

test('everything in the schema has a description that stands alone', () => {
  const all = [...everything()]
  expect(all.length).toBeGreaterThan(500)
  const wrong = all.filter(([, { description }]) => !standsAlone(description ?? ''))
  expect(wrong.map(([path, { description }]) => `${path}: ${description}`)).toEqual([])
})
