import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../../src/graphql/schema.ts'
import { createIntrospectionLimit } from '../../../src/graphql/schema/introspection-cost.ts'

const findCost = createIntrospectionLimit(schema)

const refusalOf = (text: string): string | undefined => findCost(parse(text))?.message

/** Of an interface: all its types, and all of theirs, so many times. */
const nested = (levels: number): string =>
  levels === 0 ? 'name' : `possibleTypes { interfaces { ${nested(levels - 1)} } }`

const refused = /^the operation asks too much of the schema: more than \d+ fields would be answered$/

test('a query of one type costs what that type answers, whoever names it', () => {
  expect(refusalOf(`{ __type(name: "Node") { ${nested(1)} } }`)).toBeUndefined()
  expect(refusalOf(`{ __type(name: "Node") { ${nested(6)} } }`)).toMatch(refused)
  expect(refusalOf(`{ __type(name: "Int") { ${nested(6)} } }`)).toBeUndefined()
  expect(refusalOf(`{ __type(name: "Nothing") { ${nested(6)} } }`)).toBeUndefined()
})

test('a type that a variable names may be any: it costs as much as all of them', () => {
  const query = (name: string, fields: number): string => {
    const selection = Array.from({ length: fields }, (_, at) => `f${at}: fields { name }`).join(' ')
    return `query ($name: String!) { __type(name: ${name}) { ${selection} } }`
  }
  expect(refusalOf(query('$name', 1))).toBeUndefined()
  expect(refusalOf(query('$name', 40))).toMatch(refused)
  expect(refusalOf(query('"Message"', 40))).toBeUndefined()
})

test('what an operation asks by fragments counts as if it stood there', () => {
  const fragment = `fragment All on __Type { ${nested(6)} }`
  expect(refusalOf(`{ __type(name: "Node") { ...All } } ${fragment}`)).toMatch(refused)
  expect(refusalOf(`{ __type(name: "Node") { ... on __Type { ${nested(6)} } } }`)).toMatch(refused)
})
