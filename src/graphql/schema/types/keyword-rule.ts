import {
  createKeywordRule,
  deleteKeywordRule,
  dryRunRule,
  listFlagged,
} from '../../../domain/moderation/keyword-rule.ts'
import { limits } from '../../../model/limits.ts'
import type { FlaggedMessage as FlaggedMessageRow } from '../../../store/flag.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { KeywordRule, Message, Node } from '../refs.ts'

const KeywordAction = builder.enumType('KeywordAction', {
  description: 'What becomes of a message that a rule matches.',
  values: {
    REFUSE: { value: 'refuse', description: 'It is not sent: FORBIDDEN 50056.' },
    MASK: { value: 'mask', description: 'It is sent with a star for every character of every match.' },
    FLAG: { value: 'flag', description: 'It is sent as it is, and `flaggedMessages` lists it.' },
  } as const,
})

KeywordRule.implement({
  description: 'What a service does with messages that contain certain words, without any endpoint.',
  interfaces: [Node],
  fields: (t) => ({
    name: t.exposeString('name', { description: 'For people.' }),
    words: t.stringList({
      description: 'Any of these is a match.',
      complexity: points.words,
      resolve: ({ words }) => [...words],
    }),
    pattern: t.exposeString('pattern', { nullable: true, description: 'What this matches is one, too.' }),
    action: t.field({ type: KeywordAction, description: 'What follows from it.', resolve: ({ action }) => action }),
  }),
})

const FlaggedMessage = builder.objectRef<FlaggedMessageRow>('FlaggedMessage').implement({
  description: 'A message that was sent though rules match it.',
  fields: (t) => ({
    message: t.field({ type: Message, description: 'As it is now.', resolve: ({ message }) => message }),
    keywordRuleIds: t.idList({
      description: 'SIDs of the rules, also of deleted ones.',
      resolve: ({ keywordRuleIds }) => [...keywordRuleIds],
    }),
  }),
})

const FlaggedMessageConnection = builder.connectionObject(
  { type: FlaggedMessage, name: 'FlaggedMessageConnection', description: 'A page of flagged messages.' },
  { name: 'FlaggedMessageEdge', description: 'A flagged message and its place in the list.' },
)

const serviceArgument = 'The account’s default service when left out.'

const words = {
  required: false,
  description:
    'At most 1,000, each of at most 64 characters: matched whole, whatever their case or width, also several in a row. In scripts ' +
    'without spaces between words they match anywhere, as they are written.',
} as const

const pattern = {
  required: false,
  description:
    'A regular expression in the syntax of RE2, at most 500 characters, whatever the case. No back-references and no look-around. It must ' +
    'compile to at most 600 instructions, for which `a{3}` is `aaa`.',
} as const

const DryRun = builder.simpleObject('KeywordDryRun', {
  description: 'What a rule would have matched.',
  fields: (t) => ({
    scanned: t.int({ description: 'How many messages were looked at.' }),
    matched: t.int({ description: 'How many of them match.' }),
    isComplete: t.boolean({ description: 'Whether these are all; at most 100,000 are looked at, for 5 seconds.' }),
    examples: t.field({
      type: [
        builder.simpleObject('KeywordDryRunExample', {
          description: 'A message that matches.',
          fields: (f) => ({
            message: f.field({ type: Message, description: 'As it is.' }),
            masked: f.string({ description: 'Its body as MASK would have it.', complexity: points.body }),
          }),
        }),
      ],
      description: 'The first 25 that match.',
      complexity: { field: 1, multiplier: limits.keywordExamples },
    }),
  }),
})

const DryRunRuleInput = builder.inputType('DryRunRuleInput', {
  description: 'A rule that is only tried: it has words, a pattern, or both.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    words: t.stringList(words),
    pattern: t.string(pattern),
  }),
})

builder.queryFields((t) => ({
  dryRunRule: t.field({
    type: DryRun,
    description: 'Backend only: which messages of a service a rule would have matched. Changes nothing.',
    complexity: 1000,
    args: {
      input: t.arg({ type: DryRunRuleInput, required: true, description: 'What to look for.' }),
      since: t.arg({ type: 'DateTime', required: true, description: 'Messages sent then or later.' }),
    },
    resolve: async (_root, { input, since }, { app, actor }) => {
      const { examples, ...run } = await dryRunRule(app, actor, input, since)
      return { ...run, examples: [...examples] }
    },
  }),
  flaggedMessages: t.connection(
    {
      type: FlaggedMessage,
      description:
        'Backend only: the messages that rules with the action FLAG have matched, oldest first. `first` or `last` from 1 to 1,000, ' +
        '25 by default.',
      complexity: pageCost(points.message),
      args: {
        serviceId: t.arg.id({ required: false, description: serviceArgument }),
        keywordRuleId: t.arg.id({ required: false, description: 'Only those of this rule.' }),
      },
      resolve: async (_root, { serviceId, keywordRuleId, ...page }, { app, actor }) =>
        toConnection(await listFlagged(app, actor, { serviceId, keywordRuleId }, page), ({ message }) => message.id),
    },
    FlaggedMessageConnection,
  ),
}))

const CreateKeywordRuleInput = builder.inputType('CreateKeywordRuleInput', {
  description: 'What a new rule is: it has words, a pattern, or both.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    name: t.string({ required: true, description: 'From 1 to 64 characters.' }),
    words: t.stringList(words),
    pattern: t.string(pattern),
    action: t.field({ type: KeywordAction, required: true, description: 'What becomes of a message it matches.' }),
  }),
})

const DeleteKeywordRuleInput = builder.inputType('DeleteKeywordRuleInput', {
  description: 'Which rule.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    keywordRuleId: t.id({ required: true, description: 'SID of the rule.' }),
  }),
})

const payload = (name: string, description: string, state: string) =>
  builder.simpleObject(name, {
    description,
    fields: (t) => ({ keywordRule: t.field({ type: KeywordRule, description: state }) }),
  })

builder.mutationFields((t) => ({
  createKeywordRule: t.field({
    type: payload('CreateKeywordRulePayload', 'The new rule.', 'As it was made.'),
    description:
      'Backend only: has messages tried on certain words before they are sent or edited, whoever sends them, before any webhook is asked. ' +
      'At most 100 in a service, each in its turn. A message is refused (FORBIDDEN 50056) when the rules take more than a second of processor ' +
      'time. Only patterns can take so long, such as `.*b|a` with MASK, which may read all that is left of a text for each match.',
    args: { input: t.arg({ type: CreateKeywordRuleInput, required: true, description: 'What it is.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ keywordRule: await createKeywordRule(app, actor, input) }),
  }),
  deleteKeywordRule: t.field({
    type: payload('DeleteKeywordRulePayload', 'The deleted rule.', 'As it was.'),
    description: 'Backend only: takes a rule away.',
    args: { input: t.arg({ type: DeleteKeywordRuleInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, { app, actor }) => ({ keywordRule: await deleteKeywordRule(app, actor, input) }),
  }),
}))
