import { expect, onTestFinished, test, vi } from 'vitest'
import { ProcessCalls } from '../../src/domain/process-calls.ts'
import { topics, type Bus } from '../../src/live/bus.ts'
import { createMemoryBus } from '../../src/live/memory-bus.ts'
import { isNumber, row } from '../../src/model/shape.ts'

const isCount = row({ count: isNumber })
const isAny = () => true

async function open(bus: Bus, id: string, count?: number) {
  const calls = await ProcessCalls.open(bus, { id, host: `host of ${id}` }, (error) => expect.fail(String(error)))
  onTestFinished(() => calls.close())
  if (count !== undefined) calls.onQuestion('count', isAny, () => ({ count }))
  return calls
}

/** Makes others believe that a process is there, which never answers. */
const pretend = (bus: Bus, id: string) =>
  bus.publish(topics.processes, { type: 'here', id, host: `host of ${id}`, isNew: false })

test('asks all processes, itself included, and ends with the last answer', async () => {
  const bus = createMemoryBus()
  const [one] = [await open(bus, 'one', 1), await open(bus, 'two', 2), await open(bus, 'three', 3)]
  const begun = performance.now()
  const { answers, silent } = await one.askAll<{ count: number }>({ ask: 'count' }, isCount)
  expect(Object.fromEntries(answers)).toEqual({ one: { count: 1 }, two: { count: 2 }, three: { count: 3 } })
  expect(silent).toEqual([])
  expect(performance.now() - begun).toBeLessThan(400)
})

test('one that does not answer is named half a second later, and so is one that does not know the question', async () => {
  const bus = createMemoryBus()
  const [one] = [await open(bus, 'one', 1), await open(bus, 'older')]
  pretend(bus, 'hung')
  const { answers, silent } = await one.askAll({ ask: 'count' }, isCount)
  expect([...answers.keys()]).toEqual(['one'])
  expect(silent).toEqual([
    { id: 'hung', host: 'host of hung', heardAt: expect.any(Date) },
    { id: 'older', host: 'host of older', heardAt: expect.any(Date) },
  ])
})

test('an answer that is enough ends the waiting for those that hang', async () => {
  const bus = createMemoryBus()
  const [one] = [await open(bus, 'one', 1), await open(bus, 'two', 2)]
  pretend(bus, 'hung')
  const begun = performance.now()
  const { answers } = await one.askAll<{ count: number }>({ ask: 'count' }, isCount, {
    isEnough: ({ count }) => count === 2,
  })
  expect(answers.get('two')).toEqual({ count: 2 })
  expect(performance.now() - begun).toBeLessThan(400)
})

test('who comes late knows all others, who stops is not missed, and who is silent for long is forgotten', async () => {
  const bus = createMemoryBus()
  const one = await open(bus, 'one', 1)
  const two = await open(bus, 'two', 2)
  const namesOf = (calls: ProcessCalls) => calls.others.map(({ id }) => id)
  expect([namesOf(one), namesOf(two)]).toEqual([['two'], ['one']])
  two.close()
  expect(namesOf(one)).toEqual([])
  pretend(bus, 'hung')
  expect(namesOf(one)).toEqual(['hung'])
  const now = performance.now()
  using _clock = vi.spyOn(performance, 'now').mockImplementation(() => now + 5 * 60_000 + 1000)
  // The cache looks at the clock once in a millisecond.
  await vi.waitFor(() => expect(namesOf(one)).toEqual([]))
})

test('one process is asked by its id; what it does not answer as expected is no answer', async () => {
  const bus = createMemoryBus()
  const [one, two] = [await open(bus, 'one', 1), await open(bus, 'two', 2)]
  two.onQuestion('wrong', isAny, () => ({ count: 'many' }))
  two.onQuestion('strict', isCount, () => ({ count: 7 }))
  const ask = (question: { ask: string; count?: string }, to = 'two') => one.ask(to, question, isCount)
  const asked = [
    ask({ ask: 'count' }),
    ask({ ask: 'wrong' }),
    ask({ ask: 'strict', count: 'x' }),
    ask({ ask: 'count' }, 'x'),
  ]
  expect(await Promise.all(asked)).toEqual([{ count: 2 }, undefined, undefined, undefined])
})

test('who waits for an answer when the process stops gets none, at once', async () => {
  const bus = createMemoryBus()
  const one = await open(bus, 'one', 1)
  pretend(bus, 'hung')
  const begun = performance.now()
  const [asked, askedAll] = [one.ask('hung', { ask: 'count' }, isCount), one.askAll({ ask: 'count' }, isCount)]
  one.close()
  expect(await asked).toBeUndefined()
  expect((await askedAll).silent.map(({ id }) => id)).toEqual(['hung'])
  expect(performance.now() - begun).toBeLessThan(400)
})

test('a process that has lost hints says that it is there, and hears all others', async () => {
  const bus = createMemoryBus()
  let onGap = (): void => {}
  bus.onGap = (listener) => {
    onGap = listener
    return () => {}
  }
  await open(bus, 'one', 1)
  const heard: unknown[] = []
  await bus.subscribe(topics.processes, (payload) => heard.push(payload))
  onGap()
  expect(heard).toEqual([{ type: 'here', id: 'one', host: 'host of one', isNew: true }])
})
