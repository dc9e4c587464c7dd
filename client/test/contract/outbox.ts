import type { OutboxQueue } from '../../src/outbox/types.ts'
import type { OutboxAction } from '../../src/store/state.ts'
import { codeOf, same } from './same.ts'

const send = (body: string): OutboxAction => ({ kind: 'send', clientMessageId: `c-${body}`, body })
const bodies = async (queue: OutboxQueue): Promise<string[]> =>
  (await queue.items()).map(({ action }) => (action.kind === 'send' ? action.body : action.kind))

/**
 * What every queue does, by the name of the spec. `fill` adds so many sends at once: one after the other each would wait for the disk.
 */
export const outboxContract: Readonly<
  Record<
    string,
    (open: () => Promise<OutboxQueue>, fill: (queue: OutboxQueue, count: number) => Promise<void>) => Promise<void>
  >
> = {
  'items stand in the order in which they were added': async (open) => {
    const queue = await open()
    const added = await Promise.all(['1', '2', '3'].map((body) => queue.add('A', send(body))))
    same(await queue.items(), added)
    same(
      added.every(({ id }, place) => place === 0 || id > added[place - 1]!.id),
      true,
    )
    same(
      added.map(({ status, error, isTried }) => [status, error, isTried]),
      added.map(() => ['pending', null, false]),
    )
  },
  'an item is changed and removed': async (open) => {
    const queue = await open()
    const first = await queue.add('A', send('1'), true)
    const second = await queue.add('A', send('2'))
    const failed = { ...first, status: 'failed', error: { code: 'FORBIDDEN', message: 'no' } } as const
    await queue.update(failed)
    same(await queue.items(), [failed, second])
    await queue.remove(first.id)
    await queue.update(failed)
    same(await queue.items(), [second])
    await queue.clear()
    same(await queue.items(), [])
  },
  'the id of a removed item is not given again': async (open) => {
    const queue = await open()
    const { id } = await queue.add('A', send('1'))
    await queue.remove(id)
    same((await queue.add('A', send('2'))).id > id, true)
  },
  'at most 1,000 items wait': async (open, fill) => {
    const queue = await open()
    const first = await queue.add('A', send('first'))
    await fill(queue, 998)
    await queue.add('A', send('last'))
    same(await codeOf(queue.add('A', send('more'))), 'OUTBOX_FULL')
    await queue.remove(first.id)
    await queue.add('A', send('more'))
    same((await bodies(queue)).length, 1000)
  },
}
