import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  DeleteDraftDocument,
  JoinChannelDocument,
  LeaveChannelDocument,
  SaveDraftDocument,
} from '../../schema/generated/graphql.ts'
import { openKit, uniqueName, type Kit } from '../support/kit.ts'
import { draftsOf } from '../support/later.ts'
import { refusalOf } from '../support/refusal.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

/** What a device does in one of two channels; a late device names the version that it saw before the last change. */
const step = fc.record({
  does: fc.constantFrom('save', 'save', 'save', 'saveAsSeen', 'saveAsSeen', 'saveLate', 'delete', 'send', 'rejoin'),
  channel: fc.nat({ max: 1 }),
  body: fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'b', '🦉') }),
})

/** A naive draft of one channel. */
interface Slot {
  body: string | undefined
  clientMessageId: string
  version: number
  /** What the one before was. */
  former: number
}

test('drafts are those of a naive model, whatever devices do to them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      const user = await kit.user()
      const channels = [await kit.channel([user]), await kit.channel([user])]
      const fresh = (): Slot => ({ body: undefined, clientMessageId: uniqueName('draft'), version: 0, former: 0 })
      const slots = [fresh(), fresh()]
      const [refusals, expected]: [unknown[], unknown[]] = [[], []]
      for (const { does, channel, body } of steps) {
        const { id: channelId } = channels[channel]!
        const slot = slots[channel]!
        const present = slot.body === undefined ? 0 : slot.version
        const input = { channelId, body, clientMessageId: slot.clientMessageId }
        if (does === 'save' || does === 'saveAsSeen') {
          const seen = does === 'save' ? {} : { expectedVersion: present }
          await user.request(SaveDraftDocument, { input: { ...input, ...seen } })
          Object.assign(slot, { body, version: slot.version + 1, former: present })
        } else if (does === 'saveLate') {
          if (slot.former === present) continue
          const late = { ...input, expectedVersion: slot.former }
          refusals.push(await refusalOf(user, SaveDraftDocument, { input: late }))
          expected.push({ code: 'CONFLICT', currentVersion: present })
        } else if (does === 'delete') {
          await user.request(DeleteDraftDocument, { input: { channelId } })
          Object.assign(slot, { body: undefined, former: present })
        } else if (does === 'send') {
          await user.send(channelId, body, { clientMessageId: slot.clientMessageId })
          Object.assign(slot, { body: undefined, clientMessageId: uniqueName('draft'), former: present })
        } else {
          await user.request(LeaveChannelDocument, { input: { channelId } })
          await user.request(JoinChannelDocument, { input: { channelId } })
          slots[channel] = fresh()
        }
        const drafts = new Map((await draftsOf(user)).map((draft) => [draft.channelId, draft]))
        for (const [at, { body: kept, version }] of slots.entries()) {
          const draft = drafts.get(channels[at]!.id)
          expect(draft && { body: draft.body, version: draft.version }).toEqual(
            kept === undefined ? undefined : { body: kept, version },
          )
        }
      }
      expect(refusals).toEqual(expected)
    }),
    { numRuns: 10 },
  )
})
