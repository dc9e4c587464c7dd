import { expect, test } from 'vitest'
import { applyAll } from '../../src/store/apply.ts'
import { channelName } from '../../src/store/channel-list.ts'
import { selectDeliveries } from '../../src/store/delivery.ts'
import { emptyState, type ChannelState } from '../../src/store/state.ts'
import { ChannelModel, channelId, self } from '../support/channel-model.ts'

/** A channel with two messages of the user, of which bob has received the first and carol nothing that is reported. */
function channelOf(): ChannelState {
  const model = new ChannelModel()
  const changes = [
    model.joined(),
    model.started(),
    ...['bob', 'carol'].flatMap((identity) => model.join(identity)),
    ...[self, self].flatMap((identity) => model.send(identity)),
    ...model.receive('bob', 0),
  ]
  return applyAll(emptyState, changes).state.channels.get(channelId)!
}

test('whoever has not received a message is waited for, if anything is reported of him', () => {
  expect(selectDeliveries(channelOf())).toEqual([
    { index: 1, status: 'waiting', identities: ['bob'] },
    { index: 0, status: 'delivered', identities: ['bob'] },
  ])
})

test('an application says who is waited for: nobody who is online, and whoever is away before anything is reported', () => {
  expect(selectDeliveries(channelOf(), () => false)).toEqual([{ index: 0, status: 'delivered', identities: ['bob'] }])
  expect(selectDeliveries(channelOf(), (identity) => identity === 'carol')).toEqual([
    { index: 1, status: 'waiting', identities: ['carol'] },
  ])
})

test('a channel is called by its friendly name, its unique name, the others of a direct one, or its SID', () => {
  const known = channelOf()
  const name = (change: Partial<ChannelState['channel']>): string =>
    channelName({ ...known, channel: { ...known.channel, ...change } })
  expect(name({})).toBe('General')
  expect(name({ friendlyName: null })).toBe('general')
  const nameless = { friendlyName: null, uniqueName: null }
  expect(name({ ...nameless, isDirect: true })).toBe('bob, carol')
  expect(name(nameless)).toBe(channelId)
  expect(channelName({ channel: { ...known.channel, ...nameless, isDirect: true } })).toBe(channelId)
})
