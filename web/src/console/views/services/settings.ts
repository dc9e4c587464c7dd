import type { ServiceSettingsQuery, WebhookEvent, WebhookMethod } from '../../generated/types.ts'
import { servicesTexts as texts } from '../../texts/en/services.ts'

export type Service = NonNullable<ServiceSettingsQuery['service']>

/** What one event has of its own. One with neither is no target. */
export interface Target {
  readonly url?: string | null
  readonly method?: WebhookMethod | null
}

/** A value of a setting, as the input takes it. */
export type Value =
  | string
  | number
  | boolean
  | null
  | { readonly limit: number; readonly seconds: number }
  | readonly string[]
  | Target

type NamedPath = keyof typeof texts.names

/** Each event is a setting of its own: what somebody else has changed of another one meanwhile stays. */
export type TargetPath = `webhooks.targets.${WebhookEvent}`
type FilterPath = `webhooks.filters.${WebhookEvent}`
export type Path = NamedPath | TargetPath | FilterPath
/** What is not saved. */
export type Edits = ReadonlyMap<Path, Value>

export type GroupName = keyof typeof texts.groups

export interface Setting {
  /** Where it stands in the input of `updateService`. */
  readonly path: NamedPath
  readonly kind: 'text' | 'url' | 'number' | 'switch' | 'choice' | 'rate' | 'role' | 'events'
  /** Of a new service; left out where each has its own. */
  readonly fallback?: Value
  /** Of a role: which kind it must be. */
  readonly roleType?: 'DEPLOYMENT' | 'CHANNEL'
}

const notification = (kind: 'newMessage' | 'addedToChannel' | 'removedFromChannel' | 'invitedToChannel') =>
  [
    { path: `notifications.${kind}.enabled`, kind: 'switch', fallback: false },
    { path: `notifications.${kind}.template`, kind: 'text', fallback: null },
  ] as const

/** All settings of a service, in the order in which they are shown. `web/test/console/services.browser.test.ts` holds the defaults against those of a new service. */
export const settings: Readonly<Record<GroupName, readonly Setting[]>> = {
  general: [
    { path: 'friendlyName', kind: 'text' },
    { path: 'language', kind: 'text', fallback: 'en' },
    { path: 'userDirectory', kind: 'choice', fallback: 'OFF' },
    { path: 'editHistory', kind: 'choice', fallback: 'NONE' },
    { path: 'typingIndicatorTimeout', kind: 'number', fallback: 5 },
  ],
  roles: [
    { path: 'defaultServiceRoleId', kind: 'role', roleType: 'DEPLOYMENT' },
    { path: 'defaultChannelRoleId', kind: 'role', roleType: 'CHANNEL' },
    { path: 'defaultChannelCreatorRoleId', kind: 'role', roleType: 'CHANNEL' },
  ],
  reading: [
    { path: 'readStatusEnabled', kind: 'switch', fallback: true },
    { path: 'readReceiptsMaxMembers', kind: 'number', fallback: 100 },
    { path: 'reachabilityEnabled', kind: 'switch', fallback: false },
    { path: 'consumptionReportInterval', kind: 'number', fallback: 10 },
  ],
  limits: [
    { path: 'limits.channelMembers', kind: 'number', fallback: 100 },
    { path: 'limits.userChannels', kind: 'number', fallback: 250 },
    { path: 'limits.userSends', kind: 'rate', fallback: { limit: 60, seconds: 3 } },
    { path: 'limits.userOperations', kind: 'rate', fallback: { limit: 200, seconds: 4 } },
    { path: 'limits.userTyping', kind: 'rate', fallback: { limit: 20, seconds: 4 } },
    { path: 'limits.userSockets', kind: 'number', fallback: 20 },
    { path: 'limits.userSubscriptions', kind: 'number', fallback: 200 },
  ],
  webhooks: [
    { path: 'webhooks.enabled', kind: 'switch', fallback: true },
    { path: 'webhooks.preUrl', kind: 'url', fallback: null },
    { path: 'webhooks.postUrl', kind: 'url', fallback: null },
    { path: 'webhooks.filters', kind: 'events', fallback: [] },
    { path: 'webhooks.method', kind: 'choice', fallback: 'POST' },
    { path: 'webhooks.bodyFormat', kind: 'choice', fallback: 'FORM' },
    { path: 'webhooks.apiEnabled', kind: 'switch', fallback: true },
    { path: 'webhooks.preTimeoutMilliseconds', kind: 'number', fallback: 5000 },
    { path: 'webhooks.preRequired', kind: 'switch', fallback: false },
  ],
  notifications: [
    ...notification('newMessage'),
    ...notification('addedToChannel'),
    ...notification('removedFromChannel'),
    ...notification('invitedToChannel'),
  ],
}

/** The stored value. Of a role the service has the role, and the input its SID. */
export function storedValue(service: Service, path: Path): Value {
  const event = eventOf(path)
  if (event) return ownOf(service, event)
  if (isFilter(path)) return filtersOf(service).includes(path.slice(filterPrefix.length) as WebhookEvent)
  if (path.endsWith('RoleId')) return service[path.slice(0, -2) as 'defaultChannelRole'].id
  let value: unknown = service
  for (const name of path.split('.')) value = (value as Readonly<Record<string, unknown>> | null)?.[name] ?? null
  return value as Value
}

const filterPath = 'webhooks.filters'
const filterPrefix = `${filterPath}.`
const isFilter = (path: Path): path is FilterPath => path.startsWith(filterPrefix)

const filtersOf = ({ webhooks }: Service): readonly WebhookEvent[] => webhooks?.filters ?? []

/** What a setting is to be. */
export function editedValue(edits: Edits, service: Service, path: NamedPath): Value {
  if (path !== filterPath) return edits.has(path) ? edits.get(path)! : storedValue(service, path)
  const chosen = new Set(filtersOf(service))
  for (const [at, isOn] of edits) {
    if (!isFilter(at)) continue
    const event = at.slice(filterPrefix.length) as WebhookEvent
    if (isOn === true) chosen.add(event)
    else chosen.delete(event)
  }
  return [...chosen]
}

export const isEdited = (edits: Edits, path: NamedPath): boolean =>
  path === filterPath ? [...edits.keys()].some(isFilter) : edits.has(path)

/** The edits with what a setting is to be from now on. */
export function edited(edits: Edits, service: Service, path: Path, value: Value): Edits {
  if (path !== filterPath) return new Map(edits).set(path, value)
  const [before, after] = [editedValue(edits, service, path), value].map((list) => new Set(list as WebhookEvent[]))
  const changed = [...before!.symmetricDifference(after!)]
  return new Map([
    ...edits,
    ...changed.map((event) => [`${filterPrefix}${event}`, after!.has(event)] as const),
  ] as never)
}

const targetPrefix = 'webhooks.targets.'

export const targetPath = (event: WebhookEvent): TargetPath => `${targetPrefix}${event}`

/** The event of which it is the target; undefined for other settings. */
export const eventOf = (path: Path): WebhookEvent | undefined =>
  path.startsWith(targetPrefix) ? (path.slice(targetPrefix.length) as WebhookEvent) : undefined

function ownOf({ webhooks }: Service, event: WebhookEvent): Target | null {
  const target = webhooks?.targets.find((one) => one.event === event)
  return target ? { url: target.url, method: target.method } : null
}

/** Without what is as it is stored. */
export const withoutStored = (edits: Edits, service: Service): Edits =>
  new Map([...edits].filter(([path, value]) => !isSame(value, storedValue(service, path))))

export const isSame = (one: Value, other: Value): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Edits as the input takes them: `{ 'limits.userSockets': 5 }` becomes `{ limits: { userSockets: 5 } }`. */
export function toInput(edits: Edits, service: Service): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  const others = [...edits].filter(([path]) => !isFilter(path))
  if (others.length < edits.size) others.push([filterPath, editedValue(edits, service, filterPath)])
  for (const [path, value] of others) {
    const event = eventOf(path)
    const names = (event ? 'webhooks.targets' : path).split('.')
    let at = input
    for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>
    const last = names.at(-1)!
    if (event) at[last] = [...((at[last] as object[] | undefined) ?? []), { event, ...targetInput(value) }]
    else at[last] = value
  }
  return input
}

const targetInput = (value: Value): Target => (value as Target | null) ?? { url: null, method: null }

/** A value that is a text; nothing for another one. */
export const textOf = (value: Value): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''

/** What an event has of its own, in words. */
export function targetWords(value: Value): string {
  const { url, method } = (value ?? {}) as Target
  if (url == null && method == null) return texts.nothing
  return [method, url ?? texts.ownUrl].filter((part) => part != null).join(' ')
}

/** A value in words. */
export function valueWords(setting: Setting, value: Value, service: Service): string {
  const { kind, path } = setting
  if (value === null || value === '') return texts.nothing
  if (kind === 'switch') return value === true ? texts.on : texts.off
  if (kind === 'choice') return choicesOf(path)[textOf(value)] ?? textOf(value)
  if (kind === 'role') return service.roles.nodes.find(({ id }) => id === value)?.friendlyName ?? textOf(value)
  if (Array.isArray(value)) return value.length === 0 ? texts.none : value.join(', ')
  if (typeof value === 'object')
    return texts.rate((value as { limit: number }).limit, (value as { seconds: number }).seconds)
  return textOf(value)
}

/** Words by value. */
export const choicesOf = (path: NamedPath): Readonly<Record<string, string>> =>
  (texts.choices as Readonly<Record<string, Readonly<Record<string, string>>>>)[path] ?? {}
