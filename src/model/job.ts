import type { ChannelType } from './channel.ts'
import type { ErrorCode } from './error.ts'
import type { AccountId, ChannelId, JobId, RoleId, ServiceId } from './sid.ts'

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

/** Which things of a service a job changes: those that are listed, or those that a filter finds. Times are ISO texts: it is stored as JSON. */
export type JobTask =
  | {
      readonly kind: 'deleteMessages'
      readonly channelId: ChannelId
      readonly ids?: readonly string[]
      readonly filter?: MessageJobFilter
    }
  | {
      readonly kind: 'removeMembers'
      readonly channelId: ChannelId
      readonly ids?: readonly string[]
      readonly filter?: MemberJobFilter
    }
  | { readonly kind: 'deleteUsers'; readonly ids?: readonly string[]; readonly filter?: UserJobFilter }
  | { readonly kind: 'deleteChannels'; readonly ids?: readonly string[]; readonly filter?: ChannelJobFilter }

export interface MessageJobFilter {
  readonly authorIdentity?: string
  readonly since?: string
  readonly until?: string
}

export interface MemberJobFilter {
  readonly roleId?: RoleId
}

export interface UserJobFilter {
  readonly search?: string
  readonly identityPrefix?: string
  readonly roleId?: RoleId
  readonly lastSeenBefore?: string
}

export interface ChannelJobFilter {
  readonly name?: string
  readonly uniqueNamePrefix?: string
  readonly types?: readonly ChannelType[]
  readonly onlyFrozen?: boolean
  readonly noMessageSince?: string
}

type JobKind = JobTask['kind']

type FieldsOf<Task> = Task extends { readonly filter?: infer Filter } ? keyof Task | keyof Filter : never

const ofAnyTask = { kind: true, ids: true, filter: true } as const

/**
 * Fields of tasks and of their filters, as far as this version knows them. A job whose task has others is left to a newer process: a condition that was
 * passed over would have it change too much.
 */
export const knownTaskFields: {
  readonly [Kind in JobKind]: Readonly<Record<FieldsOf<Extract<JobTask, { readonly kind: Kind }>>, true>>
} = {
  deleteMessages: { ...ofAnyTask, channelId: true, authorIdentity: true, since: true, until: true },
  removeMembers: { ...ofAnyTask, channelId: true, roleId: true },
  deleteUsers: { ...ofAnyTask, search: true, identityPrefix: true, roleId: true, lastSeenBefore: true },
  deleteChannels: {
    ...ofAnyTask,
    name: true,
    uniqueNamePrefix: true,
    types: true,
    onlyFrozen: true,
    noMessageSince: true,
  },
}

export const jobKinds = Object.keys(knownTaskFields) as readonly JobKind[]

/** What could not be done to one thing. */
export interface JobError {
  readonly subjectId: string
  readonly code: ErrorCode | 'INTERNAL_SERVER_ERROR'
  readonly message: string
}

/** How far a job has come. */
export interface JobCheckpoint {
  /** Where the search goes on, in the order of the things; null at the beginning. */
  readonly position: string | null
  /** Things that were found and are not done yet. They are stored before the first of them is changed, so that a repetition counts each once. */
  readonly pending: readonly string[]
  /** Nothing more is found beyond these. */
  readonly isLast: boolean
  /** Its process left it in order, so nothing of `pending` has been changed. */
  readonly isLeft?: true
}

/** Work on many things, which goes on in the background, whatever becomes of its caller and of the process. */
export interface Job {
  readonly accountId: AccountId
  readonly serviceId: ServiceId
  readonly id: JobId
  readonly task: JobTask
  readonly state: JobState
  readonly isCancelling: boolean
  /** How many things there are, where that was known at its start. */
  readonly total: number | null
  readonly done: number
  readonly failed: number
  /** Things that a filter had found and that no longer fulfilled its conditions when they were to be changed. */
  readonly skipped: number
  /** The first ones. */
  readonly errors: readonly JobError[]
  readonly checkpoint: JobCheckpoint
  /** As of the request that has started it. */
  readonly webhookSwitch: boolean | null
  readonly credentialId: string
  readonly consoleSessionId: string | null
  /** Why it ended before its end. */
  readonly failureCode: string | null
  readonly failureReason: string | null
  /** Counts the claims: whoever writes under an older one has lost the job. */
  readonly claims: number
  /** Claims since the last progress. */
  readonly stalls: number
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

export const jobLimits = {
  /** Jobs of an account that have not ended. */
  open: 20,
  /** Things that one job lists. */
  ids: 1000,
  /** Errors that are kept. */
  errors: 20,
  /** Things that a preview shows. */
  examples: 10,
  /** Claims without progress after which a job is given up. */
  stalls: 10,
} as const
