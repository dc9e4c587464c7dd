import { expect, test } from 'vitest'
import {
  edited,
  editedValue,
  isEdited,
  toInput,
  withoutStored,
  type Service,
} from '../../src/console/views/services/settings.ts'

const service = (filters: string[], postUrl: string | null = null): Service =>
  ({ id: 'IS', friendlyName: 'Chat', webhooks: { filters, postUrl, targets: [] } }) as unknown as Service

test('which events are sent is saved with what another person has chosen meanwhile', () => {
  const before = service(['ON_USER_ADDED', 'ON_MESSAGE_SENT'])
  const edits = edited(new Map(), before, 'webhooks.filters', ['ON_USER_ADDED', 'ON_CHANNEL_ADDED'])
  expect(isEdited(edits, 'webhooks.filters')).toBe(true)
  const read = service(['ON_USER_ADDED', 'ON_MESSAGE_SENT', 'ON_MEMBER_ADDED'])
  expect(editedValue(edits, read, 'webhooks.filters')).toEqual(['ON_USER_ADDED', 'ON_MEMBER_ADDED', 'ON_CHANNEL_ADDED'])
  expect(toInput(withoutStored(edits, read), read)).toEqual({
    webhooks: { filters: ['ON_USER_ADDED', 'ON_MEMBER_ADDED', 'ON_CHANNEL_ADDED'] },
  })
  // Taken back it is no change.
  const back = edited(edits, read, 'webhooks.filters', ['ON_USER_ADDED', 'ON_MESSAGE_SENT', 'ON_MEMBER_ADDED'])
  expect(withoutStored(back, read).size).toBe(0)
})

test('settings are saved under their names, and those of an event with it', () => {
  const stored = service([])
  let edits = edited(new Map(), stored, 'webhooks.postUrl', 'https://example.com')
  edits = edited(edits, stored, 'limits.userSockets', 5)
  edits = edited(edits, stored, 'webhooks.targets.ON_USER_ADDED', { url: 'https://other.example', method: 'GET' })
  expect(toInput(edits, stored)).toEqual({
    limits: { userSockets: 5 },
    webhooks: {
      postUrl: 'https://example.com',
      targets: [{ event: 'ON_USER_ADDED', url: 'https://other.example', method: 'GET' }],
    },
  })
})
