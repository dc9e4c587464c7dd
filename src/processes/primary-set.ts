import type { ExpiringSet } from '../live/expiring-set.ts'
import type { Questions } from './questions.ts'

/** The sets that all workers of a machine share where there is no Redis: the primary holds them. It is unknown while that does not answer. */
export function createPrimaryExpiringSet(questions: Questions): ExpiringSet {
  return {
    add: async (set, entry, milliseconds) => {
      await questions.ask({ ask: 'add', set, entry, milliseconds })
    },
    remove: async (set, entry) => {
      await questions.ask({ ask: 'remove', set, entry })
    },
    isInhabited: async (set) => (await questions.ask({ ask: 'isInhabited', set })) === true,
  }
}
