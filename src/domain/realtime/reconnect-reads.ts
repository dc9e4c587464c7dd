import type { UserId } from '../../model/sid.ts'
import { readChannelAccesses, type AccessKey, type ChannelAccess } from '../../store/channel.ts'
import { startDevices, type DeliveryStart, type DeviceKey } from '../../store/delivery.ts'
import type { Db } from '../../store/engine/db.ts'
import {
  readUserCounters,
  readUsersByIdentities,
  type IdentityKey,
  type UserByIdentity,
  type UserCounter,
} from '../../store/user.ts'
import { BatchedRead } from '../batched-read.ts'
import type { Turns } from '../turns.ts'

/**
 * What each client reads that comes back, from its token to the beginning of its subscription. All clients of another process may come at once: they are read
 * together, in the turns of catching up.
 */
export interface ReconnectReads {
  readonly identities: BatchedRead<IdentityKey, UserByIdentity>
  readonly counters: BatchedRead<UserId, UserCounter>
  readonly accesses: BatchedRead<AccessKey, ChannelAccess>
  readonly devices: BatchedRead<DeviceKey, DeliveryStart>
}

export function createReconnectReads(db: Db, turns: Turns): ReconnectReads {
  return {
    identities: new BatchedRead(turns, (keys) => readUsersByIdentities(db, keys)),
    counters: new BatchedRead(turns, (ids) => readUserCounters(db, ids)),
    accesses: new BatchedRead(turns, (keys) => readChannelAccesses(db, keys)),
    devices: new BatchedRead(turns, (keys) => startDevices(db, keys)),
  }
}
