import { describe, test } from 'vitest'
import { memoryCopy } from '../../src/copy/memory.ts'
import { memoryQueue } from '../../src/outbox/memory.ts'
import type { OutboxQueue } from '../../src/outbox/types.ts'
import { copyContract } from './copy.ts'
import { outboxContract } from './outbox.ts'

// They throw where something is not so.
/* oxlint-disable vitest/expect-expect, vitest/valid-title */
describe('the copy in memory', () => {
  for (const [name, run] of Object.entries(copyContract)) {
    test(name, () => run(async () => memoryCopy(() => crypto.randomUUID())))
  }
})

describe('the outbox in memory', () => {
  const fill = async (queue: OutboxQueue, count: number): Promise<void> => {
    for (let number = 0; number < count; number++) await queue.add('A', { kind: 'delete', messageId: `${number}` })
  }
  for (const [name, run] of Object.entries(outboxContract)) {
    test(name, () => run(async () => memoryQueue(Date.now), fill))
  }
})
