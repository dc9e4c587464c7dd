import { expect, test } from 'vitest'
import {
  confirmPositions,
  reachedPositions,
  type ReachedPosition,
} from '../../../src/domain/realtime/delivered-position.ts'
import { Progress } from '../../../src/domain/realtime/progress.ts'
import type { ChannelId, MemberId } from '../../../src/model/sid.ts'
import type { DeliveryMove } from '../../../src/store/delivery.ts'

interface Stream {
  readonly progress: Progress
  subscribers(): { progress: Progress; delivery: DeliveryMove & { readonly everything: boolean } }[]
}

function stream(memberId: string, [index, seq]: [number, number], everything: boolean): Stream {
  const progress = new Progress({ index, seq })
  const delivery = {
    channelId: 'CH' as ChannelId,
    memberId: memberId as MemberId,
    deviceId: 'phone',
    index,
    seq,
    everything,
  }
  return { progress, subscribers: () => [{ progress, delivery }] }
}

function movesOf(reached: readonly ReachedPosition[], confirmed: readonly ReachedPosition[] = []) {
  const moves: string[] = []
  const move = ({ memberId, index, seq }: DeliveryMove): void => void moves.push(`${memberId} ${index}/${seq}`)
  confirmPositions({ move }, reached, confirmed)
  return moves
}

test('P4: of several streams of one channel the lowest position counts, and each channel has its own', () => {
  const streams = [stream('MB1', [7, 20], true), stream('MB1', [5, 25], true), stream('MB2', [9, 9], true)]
  expect(movesOf(reachedPositions(streams))).toEqual(['MB1 5/20', 'MB2 9/9'])
})

test('P4: a stream of messages moves the index and says nothing about other changes', () => {
  const messages = stream('MB1', [5, 30], false)
  expect(movesOf(reachedPositions([messages]))).toEqual(['MB1 5/0'])
  expect(movesOf(reachedPositions([messages, stream('MB1', [7, 20], true)]))).toEqual(['MB1 5/20'])
})

test('P4: what was confirmed already is not written again, unless another channel takes its place', () => {
  const [one, two] = [stream('MB1', [5, 5], true), stream('MB2', [5, 5], true)]
  const confirmed = reachedPositions([one, two])
  expect(movesOf(reachedPositions([one, two]), confirmed)).toEqual([])
  expect(movesOf(reachedPositions([two]), confirmed)).toEqual(['MB2 5/5'])
  two.progress.moveTo(7, 7)
  expect(movesOf(reachedPositions([one, two]), confirmed)).toEqual(['MB2 7/7'])
})

test('P8: what was received before its reader went back is not confirmed', () => {
  const { progress, ...one } = stream('MB1', [5, 5], true)
  const reached = reachedPositions([one])
  progress.goBackTo({ index: 3, seq: 3 })
  expect(movesOf(reached)).toEqual([])
})
