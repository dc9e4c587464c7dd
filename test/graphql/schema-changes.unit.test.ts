import { expect, test } from 'vitest'
import { findUnannounced } from '../../src/graphql/schema-changes.ts'

const released = 'type Query { channel(id: ID!): String, topic: String @deprecated(reason: "Use channel.") }'
const withoutTopic = 'type Query { channel(id: ID!): String }'

const changelogOf = (pending: string, before = '') =>
  `# Changelog\n\n## Unreleased\n\n${pending}\n\n## 0.1.0\n\n${before}\n`

test('a change that breaks clients is refused until it is announced', () => {
  const removed = 'Query.topic was removed.'
  expect(findUnannounced(released, withoutTopic, changelogOf('- Other things.'))).toEqual([removed])
  expect(findUnannounced(released, withoutTopic, changelogOf('- Other things.', `- ${removed}`))).toEqual([removed])
  expect(findUnannounced(released, withoutTopic, changelogOf('- GraphQL: Query.topic\n  was removed.'))).toEqual([])
  expect(findUnannounced(released, withoutTopic, `## Unreleased\n\n- ${removed}\n`)).toEqual([])
})

test.each([
  ['a required argument', 'type Query { channel(id: ID!, by: ID!): String, topic: String }'],
  ['a field of another type', 'type Query { channel(id: ID!): Int, topic: String }'],
  ['a removed argument', 'type Query { channel(key: ID): String, topic: String }'],
])('%s is such a change', (_what, current) => {
  expect(findUnannounced(released, current, changelogOf(''))).toHaveLength(1)
})

test('what is added or deprecated breaks nobody', () => {
  const current =
    'type Query { channel(id: ID!, by: ID): String @deprecated(reason: "Use node."), topic: String, node: ID }'
  expect(findUnannounced(released, current, changelogOf(''))).toEqual([])
})
