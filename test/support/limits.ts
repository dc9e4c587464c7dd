import { UpdateServiceDocument, type ServiceLimitsInput } from '../../schema/generated/graphql.ts'
import type { Kit } from './kit.ts'

/** Sets limits of the kit's service. What was counted before counts no more: another rate begins anew. */
export async function setLimits(kit: Kit, limits: ServiceLimitsInput): Promise<void> {
  await kit.backend.request(UpdateServiceDocument, { input: { serviceId: kit.server.account.serviceId, limits } })
}
