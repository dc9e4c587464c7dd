import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import { TextWriter, type WriterContext } from '../../src/modules/stream-writer.ts'

type Fault = 'none' | 'request lost' | 'answer lost' | 'forgotten'

/** A server with one text, which fails as it is told. */
class TextServer {
  text = ''
  state = 'STREAMING'
  calls: string[] = []
  readonly faults: Fault[]

  constructor(faults: readonly Fault[] = []) {
    this.faults = [...faults]
  }

  async request(document: string, { input }: { readonly input: { offset?: number; text?: string } }): Promise<unknown> {
    await Promise.resolve()
    const { offset, text } = input
    this.calls.push(text === undefined ? /mutation (\w+)/.exec(document)![1]! : `${offset} ${text}`)
    const fault = this.faults.shift() ?? 'none'
    if (fault === 'request lost') throw new ChatError('OFFLINE', 'no answer')
    if (fault === 'forgotten') {
      // What a server that dies had not stored is gone.
      const stored = Math.floor(this.text.length / 2)
      this.text = this.text.slice(0, stored).replace(/[\ud800-\udbff]$/, '')
      throw new ChatError('UNAVAILABLE', 'the server died')
    }
    const answer = this.#answer(document, offset, text)
    if (fault === 'answer lost') throw new ChatError('OFFLINE', 'no answer')
    return answer
  }

  #answer(document: string, offset: number | undefined, text: string | undefined): unknown {
    if (offset !== undefined && offset !== this.text.length)
      throw new ChatError('CONFLICT', 'goes on elsewhere', { currentOffset: this.text.length })
    if (text !== undefined) {
      if (text === '' || /\p{Surrogate}/u.test(text)) throw new ChatError('BAD_USER_INPUT', 'no text')
      this.text += text
      return { appendToMessage: { length: this.text.length } }
    }
    const [state, name] = /Cancel/.test(document) ? ['CANCELLED', 'cancelMessage'] : ['COMPLETED', 'finishMessage']
    this.state = state!
    return { [name!]: { message: { body: this.text, streamState: state } } }
  }
}

function writerOf(server: TextServer, more: Partial<WriterContext> = {}): TextWriter {
  let now = 0
  const context: WriterContext = {
    clock: {
      now: () => now,
      after: (milliseconds, callback) => {
        now += milliseconds
        queueMicrotask(callback)
        return () => {}
      },
    },
    random: () => 0.5,
    request: (document, variables) => server.request(document, variables as never) as never,
    patience: 60_000,
    signal: undefined,
    ...more,
  }
  return new TextWriter(context, 'IM1', '')
}

test('P14: the text is the one that was written, whatever is lost on the way and whatever a server forgets', async () => {
  const piece = fc.constantFrom('a', 'word ', '🦉', '\ud83e', '\udd89', 'e\u0301', '\n', 'x'.repeat(3000))
  const fault = fc.constantFrom<Fault>('none', 'none', 'request lost', 'answer lost', 'forgotten')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 12 }),
      fc.array(fault, { maxLength: 12 }),
      async (pieces, faults) => {
        const server = new TextServer(faults)
        const writer = writerOf(server)
        for (const [text, isAwaited] of pieces) {
          const appended = writer.append(text)
          if (isAwaited) await appended
          else appended.catch(() => {})
        }
        const { body } = await writer.finish()
        const whole = pieces.map(([text]) => text).join('')
        expect(body).toBe(whole.replaceAll(/\p{Surrogate}/gu, '\ufffd'))
        expect(server.state).toBe('COMPLETED')
      },
    ),
    { numRuns: 300 },
  )
})

test('what is appended while a piece is under way is the next one, and beyond 4,096 characters one waits', async () => {
  const server = new TextServer()
  const writer = writerOf(server)
  for (const word of ['To ', 'be, ', 'or ', 'not']) void writer.append(word)
  await writer.finish()
  expect(server.calls).toEqual(['0 To ', '3 be, or not', 'FinishMessage'])
  const slow = writerOf(server)
  server.text = ''
  await slow.append('x'.repeat(5000))
  expect(server.text).toHaveLength(5000)
})

test('a refusal rejects every append and the end; without an answer it is given up in time; another writer is no server that forgets', async () => {
  const refused = writerOf(new TextServer(), {
    request: () => Promise.reject(new ChatError('FORBIDDEN', 'a rule', { chatCode: 50056 })),
  })
  await refused.append('word')
  await expect(refused.finish()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await expect(refused.append('word')).rejects.toMatchObject({ code: 'FORBIDDEN' })
  const offline = writerOf(new TextServer(), { request: () => Promise.reject(new ChatError('OFFLINE', 'no answer')) })
  await offline.append('word')
  await expect(offline.finish()).rejects.toMatchObject({ code: 'OFFLINE' })
  const contrary = writerOf(new TextServer(), {
    request: () => Promise.reject(new ChatError('CONFLICT', 'goes on elsewhere', { currentOffset: 0 })),
  })
  await contrary.append('word')
  await expect(contrary.finish()).rejects.toMatchObject({ code: 'CONFLICT', currentOffset: 0 })
  const server = new TextServer()
  server.text = 'somebody else'
  const second = writerOf(server)
  await second.append('word')
  await expect(second.finish()).rejects.toMatchObject({ code: 'CONFLICT', currentOffset: 13 })
})

test('a text has at most 32 KiB: what is too long is not taken, and it can be ended; cancelling leaves out what waits', async () => {
  const server = new TextServer()
  const writer = writerOf(server)
  await writer.append('é'.repeat(16 * 1024 - 1))
  await expect(writer.append('abc')).rejects.toMatchObject({ code: 'BAD_USER_INPUT', chatCode: 50504 })
  await writer.append('ab')
  expect((await writer.finish()).body).toHaveLength(16 * 1024 + 1)
  await expect(writer.append('c')).rejects.toMatchObject({ code: 'CONFLICT' })
  const other = new TextServer()
  const cancelled = writerOf(other)
  void cancelled.append('one ')
  void cancelled.append('two')
  await cancelled.cancel()
  expect(other.calls).toEqual(['0 one ', 'CancelMessage'])
})
