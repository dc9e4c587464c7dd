import { OperationTypeNode, type GraphQLError } from 'graphql'
import { countOpening, countRootField, openLimits } from '../../domain/access/rate-limits.ts'
import { PresenceStream } from '../../domain/chat/presence-stream.ts'
import type { Sink } from '../../domain/realtime/group.ts'
import { Stream } from '../../domain/realtime/stream.ts'
import { UserStream } from '../../domain/realtime/user-stream.ts'
import { ViewerStream } from '../../domain/realtime/viewer-stream.ts'
import type { Lease } from '../../domain/share.ts'
import type { Audience, Backend } from '../../model/actor.ts'
import { ChatError } from '../../model/error.ts'
import { Context } from '../schema/context.ts'
import { toCallerError } from '../schema/errors.ts'
import { countOperation } from '../schema/operation-figures.ts'
import type { EventRoot, PresenceEventRoot, UserEventRoot, ViewerEventRoot } from '../schema/refs.ts'
import { SelectionRendering, executeEvent, type Operation } from './event-execution.ts'
import type { Frame } from './frame.ts'
import { selectField, type Selection, wantsViewerEvent } from './selection.ts'
import type { StreamField, UserStreamField } from './stream-field.ts'

/** The stream behind a subscription: of channels, of a user, of the caller itself, or of the presence of users. */
export type OpenStream = Stream<Frame> | UserStream<Frame> | ViewerStream<Frame> | PresenceStream<Frame>

/**
 * Opens the stream behind a subscription, or returns the errors that prevent it. Subscribers of a channel with the same document, variables
 * and authority form a group: an event is executed and serialised once for the group, as seen by any member of the channel. A selection
 * with a field that depends on its viewer puts its subscriber in a group of its own.
 */
export async function openSubscription(
  operation: Operation,
  context: Context,
  sink: Sink<Frame>,
  onEnd: (reason: ChatError) => void,
  gone: AbortSignal,
): Promise<OpenStream | readonly GraphQLError[]> {
  const begunAt = performance.now()
  const opened = await open(operation, context, sink, onEnd, gone)
  const errors = 'close' in opened ? undefined : opened
  countOperation(context, { operation: OperationTypeNode.SUBSCRIPTION }, begunAt, { errors })
  return opened
}

async function open(
  operation: Operation,
  context: Context,
  sink: Sink<Frame>,
  onEnd: (reason: ChatError) => void,
  gone: AbortSignal,
): Promise<OpenStream | readonly GraphQLError[]> {
  const { app, share } = context
  let lease: Lease | undefined
  // Its caller may open another subscription in its place.
  const onGone = (): void => lease?.end()
  gone.addEventListener('abort', onGone)
  try {
    const select = () => selectField(operation, context)
    const selected = await (share ? share.run(0, select) : select())
    if (Array.isArray(selected)) return selected.map((error) => toCallerError(error, app.logger))
    const selection = selected as Selection
    const assertHere = (): void => {
      if (gone.aborted) throw new ChatError('UNAVAILABLE', 'the connection has closed')
    }
    const openHere = () => {
      assertHere()
      return openSelection(operation, context, selection, { sink, lease, onEnd })
    }
    const { viewer } = context
    if (!share || viewer.kind !== 'user') {
      await countRootField(app, viewer, 'operations')
      return await openHere()
    }
    assertHere()
    const { subscriptions } = await openLimits(app, viewer)
    lease = share.openSubscription(selection.points, subscriptions)
    await countOpening(app, viewer, gone)
    assertHere()
    return await share.runSurely(selection.openingPoints, openHere)
  } catch (error) {
    lease?.end()
    return [toCallerError(error, app.logger)]
  } finally {
    gone.removeEventListener('abort', onGone)
  }
}

interface Opening {
  readonly sink: Sink<Frame>
  readonly lease: Lease | undefined
  readonly onEnd: (reason: ChatError) => void
}

async function openSelection(
  operation: Operation,
  context: Context,
  { field, args, isPerViewer, wantedEvents, key, points }: Selection,
  { sink, lease, onEnd }: Opening,
): Promise<OpenStream> {
  const { app, share, viewer } = context
  const renderForViewer = (root: UserEventRoot | ViewerEventRoot | PresenceEventRoot): Frame | Promise<Frame> => {
    const render = () => executeEvent(operation, root, () => new Context(app, viewer))
    return share ? share.runPatiently(points, render) : render()
  }
  if (field.extensions['presenceStream']) {
    const { identities } = args as { readonly identities: readonly string[] }
    const render = (presence: PresenceEventRoot['presence']) => renderForViewer({ presence })
    return PresenceStream.open(app, viewer, { identities, sink, lease, onEnd, render })
  }
  if (field.extensions['viewerStream']) {
    const render = (event: ViewerEventRoot['event'], cursor: string) => renderForViewer({ event, cursor })
    return ViewerStream.open(app, viewer, {
      ...args,
      key,
      wants: wantsViewerEvent(operation.document),
      sink,
      lease,
      onEnd,
      render,
    })
  }
  const ofUser = field.extensions['userStream'] as UserStreamField | undefined
  if (ofUser) {
    const render = (event: UserEventRoot['event']) => renderForViewer({ event })
    return UserStream.open(app, viewer, { ...args, ...ofUser, sink, lease, onEnd, render })
  }
  const { mode, eventTypes } = field.extensions['stream'] as StreamField
  return Stream.open(app, viewer, {
    request: { ...args, mode },
    sink,
    share,
    lease,
    onEnd,
    rendering: (channel, authority) => {
      return new SelectionRendering(operation, {
        key: `${key}|${authorityKey(authority)}${isPerViewer && viewer.kind === 'user' ? viewer.userId : ''}`,
        points,
        eventTypes: eventTypes ?? wantedEvents,
        channelId: channel.id,
        app,
        actor: isPerViewer ? viewer : authority,
      })
    },
    onReady: eventTypes
      ? undefined
      : async (starts) => {
          const root: EventRoot = { event: { type: 'ready' }, starts }
          sink.write(await executeEvent(operation, root, () => new Context(app, viewer)))
        },
  })
}

/** A backend sees more than members do, so the two never share a group. */
function authorityKey(authority: Backend | Audience): string {
  return authority.kind === 'backend' ? authority.accountId : authority.serviceId
}
