import type { ServiceLimitsInput } from '../../schema/generated/graphql.ts'

/** More than a spec can do. */
export const unlimited: ServiceLimitsInput = {
  userSends: { limit: 100_000, seconds: 1 },
  userOperations: { limit: 100_000, seconds: 1 },
  userTyping: { limit: 100_000, seconds: 1 },
}
