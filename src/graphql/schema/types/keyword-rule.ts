import { dryRunRule } from '../../../domain/moderation/dry-run.ts'
import {
  createKeywordRule,
  deleteKeywordRule,
  listFlagged,
  updateKeywordRule,
} from '../../../domain/moderation/keyword-rule.ts'
import { limits } from '../../../model/limits.ts'
import type { FlaggedMessage as FlaggedMessageRow } from '../../../store/flag.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { OrderDirection, directionDescription } from '../order.ts'
import { pageCost, toConnection } from '../pagination.ts'
import { payloadOf } from '../payload.ts'
import { KeywordRule, Message, Node } from '../refs.ts'

const KeywordAction = builder.enumType('KeywordAction', {
  description: 'The effect of a keyword rule on a message that it matches.',
  values: {
    REFUSE: { value: 'refuse', description: 'The message is refused: FORBIDDEN 50056.' },
    MASK: { value: 'mask', description: 'The message is sent with a star for every character of every match.' },
    FLAG: { value: 'flag', description: 'The message is sent unchanged, and `flaggedMessages` lists it.' },
  } as const,
})

KeywordRule.implement({
  description: 'A rule that a service applies to messages with certain words, without calling a webhook.',
  interfaces: [Node],
  fields: (t) => ({
    name: t.exposeString('name', { description: 'A name for people, from 1 to 64 characters.' }),
    words: t.stringList({
      description: 'Words, each of which is a match.',
      complexity: points.words,
      resolve: ({ words }) => [...words],
    }),
    pattern: t.exposeString('pattern', {
      nullable: true,
      description: 'A regular expression, each match of which is a match of the rule; null when it has none.',
    }),
    action: t.field({
      type: KeywordAction,
      description: 'The effect on a message that matches.',
      resolve: ({ action }) => action,
    }),
  }),
})

const FlaggedMessage = builder.objectRef<FlaggedMessageRow>('FlaggedMessage').implement({
  description: 'A message that was sent although keyword rules match it.',
  fields: (t) => ({
    message: t.field({ type: Message, description: 'The message as it is now.', resolve: ({ message }) => message }),
    keywordRuleIds: t.idList({
      description: 'SIDs of the keyword rules that match the message, also of rules that were deleted since.',
      resolve: ({ keywordRuleIds }) => [...keywordRuleIds],
    }),
  }),
})

const FlaggedMessageConnection = builder.connectionObject(
  { type: FlaggedMessage, name: 'FlaggedMessageConnection', description: 'A page of flagged messages.' },
  { name: 'FlaggedMessageEdge', description: 'A flagged message and its position in the list.' },
)

const serviceArgument = 'SID of the service; the account’s default service when left out.'

const words = {
  required: false,
  description:
    'At most 1,000 words of at most 64 characters each. They match as whole words, whatever their case or width; an entry may be several words in a row. In scripts without spaces between words they match anywhere, exactly as written.',
} as const

const pattern = {
  required: false,
  description:
    'A regular expression in the syntax of RE2, of at most 500 characters, matched whatever the case. It has no back-references ' +
    'and no look-around. It must compile to at most 600 instructions; `a{3}` counts as `aaa`.',
} as const

const KeywordMatch = builder.simpleObject('KeywordMatch', {
  description: 'A part of the body of a message that a keyword rule matches.',
  fields: (t) => ({
    offset: t.int({
      description: 'The place in the body at which the part begins, in UTF-16 code units (`slice` in JavaScript).',
    }),
    length: t.int({ description: 'Its length in UTF-16 code units.' }),
  }),
})

const DryRun = builder.simpleObject('KeywordDryRun', {
  description: 'The result of applying a keyword rule to the history of a service.',
  fields: (t) => ({
    scanned: t.int({ description: 'The number of messages that were searched.' }),
    matched: t.int({ description: 'The number of searched messages that match.' }),
    isComplete: t.boolean({
      description: 'Whether all messages were searched. A search ends after 100,000 messages or 5 seconds.',
    }),
    scannedUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'The time at which the last searched message was sent; null when none was. A search that is not complete goes on with it as `since`, which ' +
        'searches the messages of that millisecond again.',
    }),
    examples: t.field({
      type: [
        builder.simpleObject('KeywordDryRunExample', {
          description: 'A message that the keyword rule matches.',
          fields: (f) => ({
            message: f.field({ type: Message, description: 'The message as it is now.' }),
            matches: f.field({
              type: [KeywordMatch],
              description:
                'The parts of its body that the rule matches, from the beginning to the end. They do not overlap.',
              complexity: { field: points.body, multiplier: 1 },
            }),
            masked: f.string({
              description: 'The body of the message as MASK would send it.',
              complexity: points.body,
            }),
          }),
        }),
      ],
      description: 'The first 25 messages that match.',
      complexity: { field: 1, multiplier: limits.keywordExamples },
    }),
  }),
})

const DryRunRuleInput = builder.inputType('DryRunRuleInput', {
  description: 'A keyword rule that is tried without being created. It has words, a pattern, or both.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    words: t.stringList(words),
    pattern: t.string(pattern),
  }),
})

builder.queryFields((t) => ({
  dryRunRule: t.field({
    type: DryRun,
    description:
      'Backend only: searches the messages of a service for what a keyword rule would have matched. Changes nothing.',
    complexity: 1000,
    args: {
      input: t.arg({ type: DryRunRuleInput, required: true, description: 'The keyword rule to try.' }),
      since: t.arg({
        type: 'DateTime',
        required: true,
        description: 'Only messages sent at this time or later are searched.',
      }),
    },
    resolve: async (_root, { input, since }, { app, actor }) => {
      const { examples, ...run } = await dryRunRule(app, actor, input, since)
      const shown = examples.map(({ matches, ...example }) => ({
        ...example,
        matches: matches.map(({ start, end }) => ({ offset: start, length: end - start })),
      }))
      return { ...run, examples: shown }
    },
  }),
  flaggedMessages: t.connection(
    {
      type: FlaggedMessage,
      description:
        'Backend only: the messages that keyword rules with the action FLAG have matched, by the time at which they were sent. `first` or `last` is from 1 ' +
        'to 1,000, by default 25.',
      complexity: pageCost(points.message),
      args: {
        serviceId: t.arg.id({ required: false, description: serviceArgument }),
        keywordRuleId: t.arg.id({
          required: false,
          description:
            'SID of a keyword rule. Only messages flagged by this rule are listed; by default those of all rules.',
        }),
        direction: t.arg({ type: OrderDirection, required: false, description: directionDescription }),
      },
      resolve: async (_root, { serviceId, keywordRuleId, direction, ...page }, { app, actor }) => {
        const filter = { serviceId, keywordRuleId, isNewestFirst: direction === 'desc' }
        return toConnection(await listFlagged(app, actor, filter, page), ({ message }) => message.id)
      },
    },
    FlaggedMessageConnection,
  ),
}))

const CreateKeywordRuleInput = builder.inputType('CreateKeywordRuleInput', {
  description: 'Input of `createKeywordRule`. A rule has words, a pattern, or both.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    name: t.string({ required: true, description: 'A name for people, from 1 to 64 characters.' }),
    words: t.stringList(words),
    pattern: t.string(pattern),
    action: t.field({ type: KeywordAction, required: true, description: 'The effect on a message that matches.' }),
  }),
})

const UpdateKeywordRuleInput = builder.inputType('UpdateKeywordRuleInput', {
  description:
    'Input of `updateKeywordRule`. Fields that are left out keep their values; the rule must keep words, a pattern, or both.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    keywordRuleId: t.id({ required: true, description: 'SID of the keyword rule to change.' }),
    name: t.string({ required: false, description: 'A name for people, from 1 to 64 characters.' }),
    words: t.stringList({ ...words, description: `${words.description} An empty list removes them.` }),
    pattern: t.string({ ...pattern, description: `${pattern.description} Null removes it.` }),
    action: t.field({ type: KeywordAction, required: false, description: 'The effect on a message that matches.' }),
  }),
})

const DeleteKeywordRuleInput = builder.inputType('DeleteKeywordRuleInput', {
  description: 'Input of `deleteKeywordRule`.',
  fields: (t) => ({
    serviceId: t.id({ required: false, description: serviceArgument }),
    keywordRuleId: t.id({ required: true, description: 'SID of the keyword rule to delete.' }),
  }),
})

const payload = payloadOf('keywordRule', KeywordRule)

builder.mutationFields((t) => ({
  createKeywordRule: t.field({
    type: payload('createKeywordRule', 'The created keyword rule.'),
    description:
      'Backend only: creates a keyword rule, which is applied to every message before it is sent or edited and before any webhook ' +
      'is called. A service has at most 100 rules, applied in the order of their creation. A message is refused (FORBIDDEN 50056) ' +
      'when the rules take more than a second of processor time. Only patterns can take so long, such as `.*b|a` with MASK, which ' +
      'may read the rest of the text for each match.',
    args: {
      input: t.arg({ type: CreateKeywordRuleInput, required: true, description: 'The keyword rule to create.' }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ keywordRule: await createKeywordRule(app, actor, input) }),
  }),
  updateKeywordRule: t.field({
    type: payload('updateKeywordRule', 'The keyword rule as it is now.'),
    description:
      'Backend only: changes a keyword rule, which keeps its SID and its place among the others. Messages that were sent before stay as they are.',
    args: {
      input: t.arg({ type: UpdateKeywordRuleInput, required: true, description: 'The keyword rule and its changes.' }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ keywordRule: await updateKeywordRule(app, actor, input) }),
  }),
  deleteKeywordRule: t.field({
    type: payload('deleteKeywordRule', 'The deleted keyword rule, as it was before.'),
    description: 'Backend only: deletes a keyword rule.',
    args: {
      input: t.arg({ type: DeleteKeywordRuleInput, required: true, description: 'The keyword rule to delete.' }),
    },
    resolve: async (_root, { input }, { app, actor }) => ({ keywordRule: await deleteKeywordRule(app, actor, input) }),
  }),
}))
