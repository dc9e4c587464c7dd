import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import RelayPlugin from '@pothos/plugin-relay'
import SimpleObjectsPlugin from '@pothos/plugin-simple-objects'
import { badInput } from '../../model/error.ts'
import { auditPlugin } from './audit-plugin.ts'
import type { Context } from './context.ts'
import { costLimitsOf } from './cost.ts'
import { nullableRootsPlugin } from './nullable-roots-plugin.ts'
import { rateLimitPlugin } from './rate-limit-plugin.ts'
import { sharePlugin } from './share-plugin.ts'
import { tracingPlugin } from './tracing-plugin.ts'

export const builder = new SchemaBuilder<{
  Context: Context
  DefaultFieldNullability: false
  Connection: { readonly totalCount?: number | null }
  Scalars: {
    DateTime: { Input: Date; Output: Date }
    JSON: { Input: unknown; Output: unknown }
    ID: { Input: string; Output: string }
  }
}>({
  // The first is asked first.
  plugins: [
    rateLimitPlugin,
    RelayPlugin,
    SimpleObjectsPlugin,
    ComplexityPlugin,
    // What is refused before it begins changes nothing.
    auditPlugin,
    nullableRootsPlugin,
    sharePlugin,
    tracingPlugin,
  ],
  defaultFieldNullability: false,
  relay: {
    cursorType: 'String',
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeFieldOptions: { nullable: false, description: 'The item itself.' },
    edgesFieldOptions: { description: 'The items of the page, each with its cursor.' },
    cursorFieldOptions: { description: 'The position of the item in the list, for `after` and `before`.' },
    pageInfoFieldOptions: { description: 'Whether there are items before and after the page.' },
    pageInfoTypeOptions: { description: 'The position of a page within its list.' },
    hasNextPageFieldOptions: { description: 'Whether the list has items after this page.' },
    hasPreviousPageFieldOptions: { description: 'Whether the list has items before this page.' },
    startCursorFieldOptions: { description: 'The cursor of the first item; null when the page is empty.' },
    endCursorFieldOptions: { description: 'The cursor of the last item; null when the page is empty.' },
    firstArgOptions: {
      description:
        'The number of items to return from the start of the list, or after `after`. Cannot be combined with `last`.',
    },
    afterArgOptions: { description: 'Returns items after this cursor.' },
    lastArgOptions: {
      description:
        'The number of items to return from the end of the list, or before `before`. Cannot be combined with `first`.',
    },
    beforeArgOptions: { description: 'Returns items before this cursor.' },
    nodesOnConnection: { description: 'The items of the page, for clients that do not need the cursor of each.' },
  },
  complexity: {
    // Only connections multiply, by the size of the page; each has a complexity of its own.
    defaultListMultiplier: 1,
    limit: (context) => (context.isShared || context.isPrepared ? {} : costLimitsOf(context)),
    complexityError: (kind, { complexity, depth, maxComplexity, maxDepth }) =>
      badInput(
        `the operation costs too much (${kind.toLowerCase()}): complexity ${complexity} of ${maxComplexity}, ` +
          `depth ${depth} of ${maxDepth}`,
      ),
  },
})

builder.queryType({ description: 'Reads. They need credentials; without them only the schema itself can be read.' })
builder.mutationType({ description: 'Writes. A mutation is committed when it is answered.' })
builder.subscriptionType({
  description:
    'Events as they happen, over WebSocket (graphql-transport-ws) or Server-Sent Events. A subscription delivers everything after ' +
    'its start, once and in order for each channel, or ends with an error that gives the reason.',
})
