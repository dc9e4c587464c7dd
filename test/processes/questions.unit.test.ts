import { onTestFinished, expect, test, vi } from 'vitest'
import { createMemoryExpiringSet } from '../../src/live/memory-expiring-set.ts'
import { Desk } from '../../src/processes/desk.ts'
import { createPrimaryExpiringSet } from '../../src/processes/primary-set.ts'
import { Questions } from '../../src/processes/questions.ts'

/** What a worker sends its primary, which answers when the test lets it. */
function openWorker() {
  const sent: { readonly count: number; readonly onRead: () => void }[] = []
  const questions = new Questions((batch, onRead) => sent.push({ count: batch.length, onRead }))
  onTestFinished(() => questions.close())
  return { sent, questions }
}

/** A primary that answers at once, and two of its workers. */
function openBoth() {
  const workers: Questions[] = []
  const desk = new Desk(createMemoryExpiringSet(), {
    othersThan: () => [],
    askMetrics: () => {},
    answer: (worker, answers) => workers[worker - 1]!.onAnswers(answers),
  })
  for (const worker of [1, 2]) {
    workers.push(
      new Questions((batch, onRead) => {
        desk.onQuestions(worker, batch)
        onRead()
      }),
    )
  }
  onTestFinished(() => workers.forEach((questions) => questions.close()))
  return workers.map(createPrimaryExpiringSet)
}

test('P5: what one worker adds to a set all workers see, until it is removed or expires', async () => {
  const [one, other] = openBoth()
  await one!.add('presence:a', 'one', 25_000)
  await other!.add('presence:a', 'other', 25_000)
  await one!.add('presence:b', 'one', 0)
  expect([await other!.isInhabited('presence:a'), await other!.isInhabited('presence:b')]).toEqual([true, false])
  await one!.remove('presence:a', 'one')
  expect(await one!.isInhabited('presence:a')).toBe(true)
  await other!.remove('presence:a', 'other')
  expect(await one!.isInhabited('presence:a')).toBe(false)
})

test('P5: a primary that stands still fails what it is asked within two seconds, and little waits for it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const { sent, questions } = openWorker()
  const outcomes: string[] = []
  const ask = (): void => {
    questions.ask({ ask: 'isInhabited', set: 'presence:a' }).then(
      () => outcomes.push('answered'),
      () => outcomes.push('failed'),
    )
  }
  for (let turn = 0; turn < 20; turn++) {
    ask()
    ask()
    await new Promise(setImmediate)
  }
  // Two questions of each turn in one message; then nothing more is sent.
  expect(sent.map(({ count }) => count)).toEqual(Array.from({ length: 16 }, () => 2))
  expect(outcomes).toEqual(Array.from({ length: 8 }, () => 'failed'))
  vi.advanceTimersByTime(2500)
  await new Promise(setImmediate)
  expect(outcomes).toHaveLength(40)
  expect(new Set(outcomes)).toEqual(new Set(['failed']))
  for (const { onRead } of sent) onRead()
  ask()
  await new Promise(setImmediate)
  expect(sent).toHaveLength(17)
})
