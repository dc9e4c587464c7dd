import { findAuditEntry, listAuditEntries } from '../../../domain/access/audit.ts'
import { nullIfHidden } from '../../../domain/access/authority.ts'
import { JsonText } from '../../../model/json-text.ts'
import { timeOfSid } from '../../../model/sid.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { AuditEntry, Node } from '../refs.ts'

const AuditState = builder.enumType('AuditState', {
  description: 'The state of a recorded change.',
  values: {
    STARTED: {
      value: 'started',
      description:
        'The change is under way. An entry that stays so for longer than a minute is of a process that ended before it could record the outcome: ' +
        'the change may or may not have been made.',
    },
    DONE: { value: 'done', description: 'The change was made.' },
    FAILED: { value: 'failed', description: 'The change was refused; `errorCode` is the reason.' },
  } as const,
})

AuditEntry.implement({
  description:
    'A change that an operator made in the console, or that was refused: who, when, what with which input, and the thing before and after it. Secrets, ' +
    'and the texts and attributes of messages, are never part of an entry. When a user is deleted, what it has said of itself becomes “(erased)”.',
  interfaces: [Node],
  fields: (t) => ({
    mutation: t.exposeString('mutation', { description: 'The field of `Mutation` that was called.' }),
    subjectId: t.exposeID('subjectId', {
      nullable: true,
      description:
        'SID of what was changed: of the user where a connection was closed, and of the account for its signing key. Of a change that ' +
        'was refused before its thing was found, the SID that the input names it by, whether such a thing exists or not; null when the input names none, ' +
        'and when what was changed has none.',
    }),
    identity: t.exposeString('identity', {
      nullable: true,
      description:
        'Identity of the user whom the change concerns: of the user itself, of a member, an invite, a connection, a token, or of the author of a message. ' +
        'Null when it concerns nobody.',
    }),
    input: t.field({
      type: 'JSON',
      description:
        'The fields of `input` with which the mutation was called; `{}` without any. In place of a secret it says that it is not kept, in place of ' +
        'the text or the attributes of a message how many bytes they had. At most 16 KB: what is longer is cut, and then ends with “… (cut: …)”.',
      complexity: points.auditedThing,
      resolve: ({ input }) => new JsonText(input),
    }),
    consoleSessionId: t.exposeID('consoleSessionId', {
      description: 'SID of the console session in which the change was made.',
    }),
    credentialId: t.exposeID('credentialId', {
      description: 'SID with which the operator signed in: of the account, or of an API key.',
    }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'IP address from which the change was requested; null when it is unknown.',
    }),
    state: t.field({ type: AuditState, description: 'The state of the change.', resolve: ({ state }) => state }),
    errorCode: t.exposeString('errorCode', {
      nullable: true,
      description:
        'The error code of a change that FAILED; null otherwise. After UNAVAILABLE the change may or may not have been made.',
    }),
    before: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The fields of the thing before the change, as the API shows them; null when it did not exist. At most 16 KB: what is longer is cut, and ' +
        'then ends with “… (cut: …)”.',
      complexity: points.auditedThing,
      resolve: ({ before }) => (before === null ? null : new JsonText(before)),
    }),
    after: t.field({
      type: 'JSON',
      nullable: true,
      description:
        'The fields of the thing after the change, as the API shows them; null when it no longer exists, or the change was not made. At most 16 KB: what is ' +
        'longer is cut, and then ends with “… (cut: …)”.',
      complexity: points.auditedThing,
      resolve: ({ after }) => (after === null ? null : new JsonText(after)),
    }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'The time at which the change began.',
      resolve: ({ id }) => timeOfSid(id),
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time at which the outcome of the change was recorded; null before.',
    }),
  }),
})

const AuditEntryConnection = builder.connectionObject(
  { type: AuditEntry, name: 'AuditEntryConnection', description: 'A page of audit entries.' },
  { name: 'AuditEntryEdge', description: 'An audit entry and its position in the list.' },
)

builder.queryFields((t) => ({
  auditEntry: t.field({
    type: AuditEntry,
    nullable: true,
    description: 'Backend only: the audit entry with this SID; null when there is none, as after `AUDIT_DAYS`.',
    args: { id: t.arg.id({ required: true, description: 'SID of the audit entry.' }) },
    resolve: (_root, { id }, { app, actor }) => nullIfHidden(() => findAuditEntry(app, actor, id)),
  }),
  auditEntries: t.connection(
    {
      type: AuditEntry,
      description:
        'Backend only: what operators changed in the console, newest first. Backends that call the API themselves are not recorded. Entries are ' +
        'kept for `AUDIT_DAYS`. `first` or `last` is from 1 to 1,000, by default 25.',
      complexity: pageCost(points.auditEntry),
      args: {
        mutation: t.arg.string({
          required: false,
          description: 'Only entries of this field of `Mutation`, such as `deleteChannel`; all by default.',
        }),
        subjectId: t.arg.id({
          required: false,
          description: 'Only changes of the thing with this SID; all by default.',
        }),
        identity: t.arg.string({
          required: false,
          description: 'Only changes that concern users with this identity, in any service; all by default.',
        }),
        credentialId: t.arg.id({
          required: false,
          description:
            'Only changes by operators who signed in with this SID, of the account or an API key; all by default.',
        }),
        consoleSessionId: t.arg.id({
          required: false,
          description: 'Only changes made in the console session with this SID; all by default.',
        }),
        since: t.arg({
          type: 'DateTime',
          required: false,
          description: 'Only changes that began at this time or later; all by default.',
        }),
        until: t.arg({
          type: 'DateTime',
          required: false,
          description: 'Only changes that began before this time; all by default.',
        }),
      },
      resolve: async (
        _root,
        { mutation, subjectId, identity, credentialId, consoleSessionId, since, until, ...page },
        { app, actor },
      ) => {
        const filter = { mutation, subjectId, identity, credentialId, consoleSessionId, since, until }
        return toConnection(await listAuditEntries(app, actor, filter, page), ({ id }) => id)
      },
    },
    AuditEntryConnection,
  ),
}))
