import type { GoNameQuery, GoNodeQuery } from '../../generated/types.ts'
import type { Params } from '../../kit/url.ts'

/** A view with what is to be shown in it. */
export interface Place {
  readonly path: string
  readonly params: Params
}

type Node = NonNullable<GoNodeQuery['node']>
type Of<Type extends Node['__typename']> = Extract<Node, { readonly __typename: Type }>

const openIn =
  (path: string) =>
  ({ id }: { readonly id: string }): Place => ({ path, params: { open: id } })

/** Where a thing is shown, by its type. Of another service than the chosen one, that is chosen. */
const places: { readonly [Type in Node['__typename']]?: (node: Of<Type>) => Place } = {
  User: ({ id, serviceId }) => ({ path: '/users', params: { open: id, service: serviceId } }),
  Channel: ({ id, serviceId }) => ({ path: '/channels', params: { open: id, service: serviceId } }),
  Role: ({ id, type, serviceId }) => ({
    path: '/roles',
    params: { role: id, type: type === 'CHANNEL' ? null : type, service: serviceId },
  }),
  Member: ({ id, channel }) => ({
    path: '/members',
    params: { open: id, channel: channel.id, service: channel.serviceId },
  }),
  Message: ({ id, index, channel }) => ({
    path: '/messages',
    params: { open: id, channel: channel.id, at: String(index), replies: 'all', service: channel.serviceId },
  }),
  Invite: ({ id, channel }) => ({
    path: '/invites',
    params: { open: id, channel: channel.id, service: channel.serviceId },
  }),
  Service: ({ id }) => ({ path: `/services/${id}`, params: {} }),
  ApiKey: openIn('/keys'),
  Credential: openIn('/credentials'),
  KeywordRule: ({ id }) => ({ path: '/rules/edit', params: { rule: id } }),
  ScheduledMessage: openIn('/scheduled'),
  WebhookDelivery: openIn('/webhooks'),
  AuditEntry: openIn('/audit'),
  Job: openIn('/jobs'),
  ConsoleSession: () => ({ path: '/sessions', params: {} }),
}

export function placeOfNode(node: Node): Place | undefined {
  return (places[node.__typename] as ((node: Node) => Place) | undefined)?.(node)
}

/** Where a name leads that is a user's or a channel's, whole and in its case. */
export function placeOfName(text: string, { users, channels }: GoNameQuery): Place | undefined {
  const user = users?.nodes.find(({ identity }) => identity === text)
  if (user) return { path: '/users', params: { open: user.id } }
  const channel = channels?.nodes.find(({ uniqueName }) => uniqueName === text)
  return channel && { path: '/channels', params: { open: channel.id } }
}
