import type { Change } from '../store/change.ts'
import type { State } from '../store/state.ts'

/**
 * What makes the state of a tab, which may have missed something, what the copy says. A channel at another position than the copy's begins anew
 * from it: what was removed meanwhile cannot be seen in the copy. It may also be ahead: then the stream goes on from the copy's position, or
 * else the copy would lack what lies between.
 */
export function reload(state: State, kept: readonly Change[]): Change[] {
  const moved = kept.flatMap((change): Change[] => {
    if (change.kind !== 'started') return []
    const position = state.channels.get(change.channelId)?.position ?? null
    return position === null || position === change.cursor ? [] : [{ kind: 'reset', channelId: change.channelId }]
  })
  return [...moved, ...kept]
}

/** What no copy keeps, as the leader has it. */
export function liveChanges({ connection, session, clockAhead, channels, outbox, modules }: State): Change[] {
  return [
    { kind: 'session', session, clockAhead },
    ...[...channels].flatMap(([channelId, { typing, threadTyping, messages }]) => [
      ...[...typing, ...threadTyping].map((typist): Change => ({ kind: 'typing', channelId, ...typist })),
      ...messages.flatMap(({ streamState, index, body: text }): Change[] =>
        streamState === 'STREAMING' ? [{ kind: 'appended', channelId, index, offset: 0, text }] : [],
      ),
    ]),
    ...Object.entries(modules).map(([name, kept]): Change => ({ kind: 'module', name, ...kept })),
    { kind: 'outbox', items: outbox },
    { kind: 'connection', connection },
  ]
}

/** The channels that are no longer the user's. The membership is gone, so that joining again is not. */
export function goneChanges({ channels }: State, channelIds: readonly string[]): Change[] {
  const present = new Set(channelIds)
  return [...channels].flatMap(([channelId, { membership }]) =>
    present.has(channelId) ? [] : [{ kind: 'channelGone', channelId, memberId: membership.id }],
  )
}
