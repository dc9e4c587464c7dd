import { expect, test } from 'vitest'
import type { RoleColumnFieldsFragment } from '../../src/console/generated/types.ts'
import { differencesOf, inputOf, isTicked, toggled } from '../../src/console/views/roles/changes.ts'

const role = (id: string, permissions: string[]): RoleColumnFieldsFragment => ({
  id,
  serviceId: 'IS',
  friendlyName: id,
  type: 'CHANNEL',
  permissions,
  updatedAt: '2026-01-01T00:00:00.000Z',
})

test('a tick that is taken back is no change, and saving names only what was ticked', () => {
  const [admin, guest] = [role('admin', ['react', 'pinMessage']), role('guest', [])]
  const once = toggled({}, admin, 'react')
  expect(toggled(once, admin, 'react')).toEqual({})
  const edits = toggled(toggled(once, admin, 'sendMessage'), guest, 'react')
  const [first, second] = differencesOf(edits, [admin, guest])
  expect(first).toEqual({ role: admin, added: ['sendMessage'], removed: ['react'] })
  expect(inputOf(first!)).toEqual({ roleId: 'admin', permissions: ['sendMessage'], among: ['sendMessage', 'react'] })
  expect(second).toEqual({ role: guest, added: ['react'], removed: [] })
  // Another person has made the same change meanwhile.
  expect(differencesOf(edits, [role('admin', ['pinMessage', 'sendMessage']), role('guest', ['react'])])).toEqual([])
})

test('what another person has ticked meanwhile stays as it is, and is no change of one’s own', () => {
  const edits = toggled(toggled({}, role('guest', ['react']), 'sendMessage'), role('guest', ['react']), 'react')
  const read = role('guest', ['react', 'pinMessage'])
  const [difference] = differencesOf(edits, [read])
  expect(difference).toEqual({ role: read, added: ['sendMessage'], removed: ['react'] })
  // Taking one tick back keeps the other.
  expect(differencesOf(toggled(edits, read, 'react'), [read])).toEqual([
    { role: read, added: ['sendMessage'], removed: [] },
  ])
  expect(isTicked(edits, read, 'pinMessage')).toBe(true)
})
