import { vi } from 'vitest'
import type { App } from '../../src/domain/app.ts'
import { CounterSweep } from '../../src/domain/realtime/counter-sweep.ts'

/** The sweep would find by itself what a spec withholds. From now on none runs in this process but when this is called. */
export function sweepByHand(app: App): () => Promise<void> {
  const { run } = CounterSweep.prototype
  vi.spyOn(CounterSweep.prototype, 'run').mockResolvedValue()
  const sweep = new CounterSweep({ ...app, onError: (error) => app.logger.error({ err: error }) })
  return () => run.call(sweep)
}
