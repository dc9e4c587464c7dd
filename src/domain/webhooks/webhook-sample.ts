import type { Service } from '../../model/service.ts'
import { uuidToSid, type SidPrefix } from '../../model/sid.ts'
import { isPreEvent, type WebhookEvent, type WebhookParameters } from '../../model/webhook.ts'
import {
  memberParameters,
  messageParameters,
  newChannelParameters,
  userParameters,
  type Values,
} from './webhook-parameters.ts'
import { parametersOf } from './webhook.ts'

const sid = <Prefix extends SidPrefix>(prefix: Prefix) => uuidToSid(prefix, '0'.repeat(32))

/** Sample parameters of an event, with SIDs of nothing that exists. */
export function sampleOf(service: Service, event: WebhookEvent): WebhookParameters {
  const values = { ...thingOf(service, event), ...changeOf(event), RetryCount: 0 }
  return parametersOf(service, event, { source: 'SDK', identity: 'alice' }, values)
}

function thingOf(service: Service, event: WebhookEvent): Values {
  const now = new Date()
  const dates = { createdAt: now, updatedAt: now, deletedAt: null }
  if (event.startsWith('onMessage')) {
    const draft = { channelId: sid('CH'), author: 'alice', body: 'This is a test.', attributes: '{}' }
    if (event === 'onMessageSend') return messageParameters(draft)
    return messageParameters({ ...draft, ...dates, id: sid('IM'), ...(!isPreEvent(event) && { index: 0 }) })
  }
  if (event.startsWith('onChannel')) {
    const draft = {
      friendlyName: 'Test',
      uniqueName: null,
      attributes: '{}',
      createdBy: 'alice',
      type: 'public' as const,
    }
    const channel = newChannelParameters({ ...draft, serviceId: service.id })
    return event === 'onChannelAdd' ? channel : { ...channel, ChannelSid: sid('CH'), DateCreated: now }
  }
  if (event.startsWith('onMember')) {
    const roleId = service.defaultChannelRoleId
    const member = { channelId: sid('CH'), id: sid('MB'), identity: 'bob', roleId, createdAt: now }
    return { ...memberParameters(member), ...(event === 'onMemberAdd' && { MemberSid: null }) }
  }
  const roleId = service.defaultServiceRoleId
  return userParameters({
    id: sid('US'),
    identity: 'bob',
    friendlyName: 'Bob',
    attributes: '{}',
    roleId,
    createdAt: now,
  })
}

/** The parameters of the event itself, besides those of the thing it happens to. */
function changeOf(event: WebhookEvent): Values {
  const now = new Date()
  switch (event) {
    case 'onMessageUpdate':
      return { ModifiedBy: 'alice' }
    case 'onMessageUpdated':
      return { ModifiedBy: 'alice', DateUpdated: now }
    case 'onMessageRemove':
      return { RemovedBy: 'alice' }
    case 'onMessageRemoved':
      return { RemovedBy: 'alice', DateRemoved: now }
    case 'onChannelDestroyed':
      return { DateDestroyed: now }
    case 'onMemberAdd':
      return { Reason: 'ADDED', DateCreated: null }
    case 'onMemberAdded':
      return { Reason: 'ADDED' }
    case 'onMemberRemove':
      return { Reason: 'REMOVED', DateCreated: null }
    case 'onMemberRemoved':
      return { Reason: 'REMOVED', DateRemoved: now }
    case 'onChannelUpdated':
    case 'onMemberUpdated':
    case 'onUserUpdate':
    case 'onUserUpdated':
      return { DateUpdated: now }
    case 'onMessageSend':
    case 'onMessageSent':
    case 'onChannelAdd':
    case 'onChannelAdded':
    case 'onChannelUpdate':
    case 'onChannelDestroy':
    case 'onUserAdded':
      return {}
  }
}
