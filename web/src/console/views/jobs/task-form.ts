import type { JobKind, JobTask } from '../../generated/types.ts'
import { toIso } from '../../kit/time-filter.tsx'
import { jobsTexts as texts } from '../../texts/en/jobs.ts'

/** What one writes of a job. */
export interface TaskForm {
  readonly kind: JobKind
  readonly values: Readonly<Record<string, string>>
}

interface TaskField {
  /** Of the task, or of its filter. */
  readonly name: string
  readonly label: string
  readonly type?: 'datetime-local'
}

const channel: TaskField = { name: 'channelId', label: texts.channel }

export const fieldsOf: Readonly<Record<JobKind, readonly TaskField[]>> = {
  DELETE_CHANNELS: [
    { name: 'noMessageSince', label: texts.noMessageSince, type: 'datetime-local' },
    { name: 'uniqueNamePrefix', label: texts.namePrefix },
  ],
  DELETE_USERS: [
    { name: 'lastSeenBefore', label: texts.lastSeenBefore, type: 'datetime-local' },
    { name: 'identityPrefix', label: texts.prefix },
    { name: 'roleId', label: texts.serviceRole },
  ],
  DELETE_MESSAGES: [
    channel,
    { name: 'authorIdentity', label: texts.author },
    { name: 'since', label: texts.from, type: 'datetime-local' },
    { name: 'until', label: texts.before, type: 'datetime-local' },
  ],
  REMOVE_MEMBERS: [channel, { name: 'roleId', label: texts.role }],
}

export const kinds = Object.keys(fieldsOf) as readonly JobKind[]

/** `deleteChannels` of `DELETE_CHANNELS`. */
const taskName = (kind: JobKind): string =>
  kind.toLowerCase().replaceAll(/_(.)/gu, (_part, letter: string) => letter.toUpperCase())

/** The conditions that are given. */
function filterOf({ kind, values }: TaskForm): Record<string, string> {
  return Object.fromEntries(
    fieldsOf[kind].flatMap(({ name, type }) => {
      const text = values[name]?.trim() ?? ''
      const value = type === 'datetime-local' ? toIso(text) : text
      return name === 'channelId' || value === null || value === '' ? [] : [[name, value]]
    }),
  )
}

/** Whether there is a channel where one is needed, and a condition: of members all may be meant. */
export function isComplete(form: TaskForm): boolean {
  const needsChannel = fieldsOf[form.kind].includes(channel)
  if (needsChannel && (form.values['channelId'] ?? '').trim() === '') return false
  return form.kind === 'REMOVE_MEMBERS' || Object.keys(filterOf(form)).length > 0
}

export function toTask(form: TaskForm): JobTask {
  const channelId = form.values['channelId']?.trim()
  const filter = filterOf(form)
  return { [taskName(form.kind)]: channelId === undefined ? { filter } : { channelId, filter } }
}
