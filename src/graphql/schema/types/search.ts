import { searchMessages } from '../../../domain/chat/search.ts'
import type { TextRange as TextRangeModel } from '../../../model/search-query.ts'
import { builder } from '../builder.ts'
import { points } from '../cost.ts'
import { pageCost } from '../pagination.ts'
import { Message } from '../refs.ts'

const TextRange = builder.objectRef<TextRangeModel>('TextRange').implement({
  description: 'A part of a text, from `start` up to but not including `end`, counted in UTF-16 code units.',
  fields: (t) => ({
    start: t.exposeInt('start', { description: 'The first code unit of the part.' }),
    end: t.exposeInt('end', { description: 'The first code unit after the part.' }),
  }),
})

const FoundMessageEdge = builder.edgeObject({
  type: Message,
  name: 'FoundMessageEdge',
  description: 'A message that a search has found.',
  fields: (t) => ({
    highlights: t.field({
      type: [TextRange],
      description:
        'The parts of `body` that match, in their order, at most 100. They do not overlap. Of a word that is found by its beginning ' +
        'it is the whole word.',
      complexity: 10,
      resolve: (edge) => (edge as unknown as { readonly highlights: readonly TextRangeModel[] }).highlights,
    }),
  }),
})

const FoundMessageConnection = builder.connectionObject(
  {
    type: Message,
    name: 'FoundMessageConnection',
    description: 'A page of messages that a search has found.',
    fields: (t) => ({
      isCorrected: t.boolean({
        description:
          'Whether no message matches the query, and these have similar words instead of those of its words that no message has: with one ' +
          'misspelling, with two from 8 characters on, or with the word as a part. `highlights` are the words that were found.',
        resolve: (connection) => (connection as unknown as { readonly isCorrected: boolean }).isCorrected,
      }),
    }),
  },
  FoundMessageEdge,
)

const SearchOrder = builder.enumType('SearchOrder', {
  description: 'The order of messages that a search has found.',
  values: {
    RELEVANCE: {
      value: 'relevance',
      description:
        'The best matches among the newest 2,000, newer ones before older ones that match as well. Of words that are in more than one ' +
        'of a hundred messages, those among the newest 20,000 messages are ranked.',
    },
    RECENT: { value: 'recent', description: 'The newest first.' },
  } as const,
})

const SearchedAddition = builder.enumType('SearchedAddition', {
  description: 'A kind of addition that others make to a message, which a search can ask for.',
  values: {
    REACTIONS: { value: 'reactions', description: 'At least one reaction.' },
    THREAD: { value: 'thread', description: 'At least one reply that is not deleted.' },
  } as const,
})

const MessageSearchFilter = builder.inputType('MessageSearchFilter', {
  description: 'A filter for `searchMessages`. All of its fields must be met.',
  fields: (t) => ({
    channelIds: t.idList({
      required: false,
      description: 'Only messages in these channels, at most 100, each by SID or unique name.',
    }),
    authors: t.stringList({
      required: false,
      description: 'Only messages of these authors, at most 100, by identity. `system` is the backend.',
    }),
    from: t.field({
      type: 'DateTime',
      required: false,
      description: 'Only messages that were committed at this time or later.',
    }),
    to: t.field({
      type: 'DateTime',
      required: false,
      description: 'Only messages that were committed before this time.',
    }),
    parentId: t.id({
      required: false,
      description:
        'Only replies to this message, by its SID, also those that the channel does not show. NOT_FOUND 50500 where there is no such message ' +
        'for the caller.',
    }),
    has: t.field({
      type: [SearchedAddition],
      required: false,
      description: 'Only messages that have all of this now.',
    }),
  }),
})

builder.queryFields((t) => ({
  searchMessages: t.field({
    type: FoundMessageConnection,
    description:
      'Finds messages by their text, in all channels of the caller; for the backend, in all of a service. Deleted messages are never ' +
      'found, edited ones by their present text. A page can be shorter than `first`, or empty, although `hasNextPage` is true: the ' +
      'search has paused after some ten thousand messages, and goes on after `endCursor`. Sends are found at once, by a backend that ' +
      'names no channels within about a second. FORBIDDEN 50400 for a channel that the caller is not a member of.',
    extensions: { perViewer: true },
    complexity: (args) => {
      const { field, multiplier } = pageCost(points.message)(args)
      return { field: field + 100, multiplier }
    },
    args: {
      query: t.arg.string({
        required: true,
        description:
          'The words to look for, of at most 256 characters and 64 words. All words must be in the message, in any order, case and with or ' +
          'without accents; `"…"` is a phrase, `-` before a word or phrase excludes it, and the last word may be the beginning of one ' +
          'while no space follows it. When no message matches, words that no message has are replaced by similar ones, except within ' +
          '`"…"`.',
      }),
      serviceId: t.arg.id({
        required: false,
        description: 'Backend only: SID of the service; the account’s default service when left out.',
      }),
      filter: t.arg({
        type: MessageSearchFilter,
        required: false,
        description: 'Only messages that match this filter; all by default.',
      }),
      orderBy: t.arg({
        type: SearchOrder,
        required: false,
        description:
          'The order of the messages; RELEVANCE by default. A cursor belongs to one query, order and filter, and is refused ' +
          '(BAD_USER_INPUT) with any other.',
      }),
      first: t.arg.int({
        required: false,
        description: 'The number of messages to return, from 1 to 100 (backend: 1,000); 25 by default.',
      }),
      after: t.arg.string({ required: false, description: 'Returns messages after this cursor of the same search.' }),
    },
    resolve: async (_root, args, { app, viewer }) => {
      const { items, isCorrected, hasNextPage, hasPreviousPage, endCursor } = await searchMessages(app, viewer, args)
      const edges = items.map(({ message, highlights, cursor }) => ({ node: message, highlights, cursor }))
      const startCursor = edges[0]?.cursor ?? null
      return { edges, isCorrected, pageInfo: { hasNextPage, hasPreviousPage, startCursor, endCursor } }
    },
  }),
}))
