import type { Copy } from '../../src/copy/types.ts'
import { codeOf, same } from './same.ts'

/** What every copy does, by the name of the spec. */
export const copyContract: Readonly<Record<string, (open: () => Promise<Copy>) => Promise<void>>> = {
  'an empty copy loads nothing': async (open) => {
    const copy = await open()
    await copy.takeTerm()
    same(await copy.load(), [])
    same(await copy.readMessages('channel', 0, 10), [])
  },
  'the device has an id, which changes when the copy is cleared': async (open) => {
    const copy = await open()
    const term = await copy.takeTerm()
    const { deviceId } = copy
    same(deviceId.length > 0, true)
    same((await copy.takeTerm()) >= term, true)
    same(copy.deviceId, deviceId)
    await copy.clear()
    same(copy.deviceId === deviceId, false)
    await copy.write([{ kind: 'viewerCursor', cursor: 'u.1.h' }])
  },
  'what is written settles': async (open) => {
    const copy = await open()
    await copy.takeTerm()
    await copy.settled()
    const writing = copy.write([{ kind: 'viewerCursor', cursor: 'u.1.h' }])
    await copy.settled()
    same(await codeOf(writing), 'resolved')
  },
  'what passes is not kept': async (open) => {
    const copy = await open()
    await copy.takeTerm()
    await copy.write([
      { kind: 'connection', connection: { status: 'live' } },
      { kind: 'typing', channelId: 'channel', identity: 'bob', until: 1 },
    ])
    same(await copy.load(), [])
  },
}
