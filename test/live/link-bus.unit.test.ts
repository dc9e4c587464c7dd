import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openLinkBus, type LinkBus } from '../../src/live/link-bus.ts'
import { FrameReader, maxFrameBytes } from '../../src/live/link-frame.ts'
import { maxWaitingBytes, toNote } from '../../src/live/link-peer.ts'
import { makeScratch } from '../support/scratch.ts'
import { waitFor } from '../support/wait.ts'
import { busContract, listen } from './bus.contract.ts'

const uniqueName = (name: string): string => `${name}-${randomUUID()}`

async function folder(): Promise<string> {
  const scratch = await makeScratch()
  onTestFinished(() => scratch[Symbol.asyncDispose]())
  return scratch.path
}

const failed = (error: unknown): never => {
  throw error
}

function openWorker(directory: string, worker: number, count = 2, onError: (error: unknown) => void = failed) {
  return openLinkBus({ directory, worker, count, onError })
}

async function openFor(directory: string, worker: number, count?: number): Promise<LinkBus> {
  const bus = await openWorker(directory, worker, count)
  onTestFinished(() => bus.close())
  return bus
}

busContract('between workers', async () => {
  const scratch = await makeScratch()
  const [one, other] = [await openWorker(scratch.path, 1), await openWorker(scratch.path, 2)] as const
  return {
    one,
    other,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([one.close(), other.close()])
      await scratch[Symbol.asyncDispose]()
    },
  }
})

/** Worker 2 by the hand of the test: it says that it is there, and reads when it is told to. */
async function openDeaf(directory: string, worker = 2) {
  const sockets: Socket[] = []
  const owned: Socket[] = []
  const frames: { readonly topic: string; readonly json: string }[] = []
  const reader = new FrameReader()
  const server = createServer((socket) => {
    sockets.push(socket.pause().on('error', () => {}))
    const own = connect(join(directory, 'worker-1'))
    own.on('error', () => {}).write(toNote({ worker, hasGap: false }))
    owned.push(own)
    socket.on('data', (chunk: Buffer) => reader.read(chunk, (topic, json) => frames.push({ topic, json: json() })))
    socket.pause()
  })
  await new Promise<void>((resolve) => server.listen(join(directory, `worker-${worker}`), resolve))
  onTestFinished(() => {
    for (const socket of [...sockets, ...owned]) socket.destroy()
    server.close()
  })
  return {
    frames,
    read: () => sockets.forEach((socket) => socket.resume()),
    cut: () => sockets.splice(0).forEach((socket) => socket.destroy()),
  }
}

describe('the bus between workers', () => {
  test('hands a local listener the object itself, and parses only where somebody listens', async () => {
    const directory = await folder()
    const [one, other] = [await openFor(directory, 1), await openFor(directory, 2)]
    const [topic, wanted] = [uniqueName('topic'), uniqueName('topic')]
    const { received } = await listen(one, topic)
    const far = await listen(other, wanted)
    const payload = { number: 1 }
    one.publish(topic, payload)
    // Synchronously, as on the bus in memory.
    expect(received[0]).toBe(payload)
    one.publish(wanted, 'seen')
    await waitFor(() => far.received.length === 1)
  })

  test('reaches every worker of four, whichever came last', async () => {
    const directory = await folder()
    const buses = await Promise.all([1, 2, 3, 4].map((worker) => openFor(directory, worker, 4)))
    const topic = uniqueName('topic')
    const all = await Promise.all(buses.map((bus) => listen(bus, topic)))
    for (const [at, bus] of buses.entries()) bus.publish(topic, at)
    await waitFor(() => all.every(({ received }) => received.length === 4))
    for (const { received } of all) expect(new Set(received)).toEqual(new Set([0, 1, 2, 3]))
  })

  test('P5: a worker that comes back in the place of a dead one hears and is heard as soon as it is open', async () => {
    const directory = await folder()
    const one = await openFor(directory, 1)
    const dead = await openWorker(directory, 2)
    const topic = uniqueName('topic')
    const near = await listen(one, topic)
    await dead.close()
    await waitFor(() => !existsSync(join(directory, 'worker-2')))
    one.publish(topic, 'lost')
    const again = await openFor(directory, 2)
    const far = await listen(again, topic)
    one.publish(topic, 'seen')
    again.publish(topic, 'answered')
    await waitFor(() => far.received.length === 2 && near.received.length === 3)
    expect([near.received, far.received]).toEqual([
      ['lost', 'seen', 'answered'],
      ['answered', 'seen'],
    ])
  })

  test('P5: a connection that was lost is a gap once it is there again', async () => {
    const directory = await folder()
    const deaf = await openDeaf(directory)
    const bus = await openFor(directory, 1)
    deaf.read()
    await waitFor(() => deaf.frames.length === 1)
    deaf.cut()
    await waitFor(() => {
      deaf.read()
      return deaf.frames.length === 2
    })
    expect(deaf.frames.map(({ json }) => JSON.parse(json) as unknown)).toEqual([
      { worker: 1, hasGap: false },
      { worker: 1, hasGap: true },
    ])
    const gaps: string[] = []
    const stop = bus.onGap(() => gaps.push('stopped'))
    bus.onGap(() => gaps.push('goes on'))
    stop()
    const socket = connect(join(directory, 'worker-1'))
    onTestFinished(() => void socket.destroy())
    socket.write(toNote({ worker: 2, hasGap: true }))
    await waitFor(() => gaps.length > 0)
    expect(gaps).toEqual(['goes on'])
  })

  test('P5: a worker that does not read costs a bounded buffer, then hints to it are dropped, and it gets a gap', async () => {
    const directory = await folder()
    const deaf = await openDeaf(directory)
    const bus = await openFor(directory, 1)
    const hint = { body: 'x'.repeat(30_000) }
    const count = 2000
    for (let sent = 0; sent < count; sent++) {
      bus.publish('channel:stalled', hint)
      if (sent % 10 === 0) await new Promise(setImmediate)
    }
    deaf.read()
    await waitFor(() => deaf.frames.some(({ topic, json }) => topic === '' && json === '{"hasGap":true}'))
    const waited = deaf.frames.reduce((sum, { json }) => sum + json.length, 0)
    // What the kernel holds comes besides. All of it would be 60 MB.
    expect(waited).toBeGreaterThan(maxWaitingBytes)
    expect(waited).toBeLessThan(2 * maxWaitingBytes)
    expect(deaf.frames.at(-1)!.topic).toBe('')
    bus.publish('channel:stalled', 'flows again')
    await waitFor(() => deaf.frames.at(-1)!.json === '"flows again"')
  }, 30_000)

  test('P5: a hint that is too long is a gap to the others, and what follows arrives', async () => {
    const directory = await folder()
    const [one, other] = [await openFor(directory, 1), await openFor(directory, 2)]
    const topic = uniqueName('topic')
    const { received } = await listen(other, topic)
    let gaps = 0
    other.onGap(() => gaps++)
    one.publish(topic, 'x'.repeat(maxFrameBytes))
    one.publish(topic, 'short')
    await waitFor(() => received.length > 0 && gaps > 0)
    expect([received, gaps]).toEqual([['short'], 1])
  })

  test('what is no frame ends that connection alone', async () => {
    const directory = await folder()
    const errors: unknown[] = []
    const one = await openWorker(directory, 1, 2, (error) => errors.push(error))
    onTestFinished(() => one.close())
    const other = await openFor(directory, 2)
    const socket = connect(join(directory, 'worker-1')).on('error', () => {})
    socket.write('GET / HTTP/1.1\r\n\r\n')
    await new Promise((resolve) => socket.once('close', resolve))
    expect(errors).toHaveLength(1)
    const topic = uniqueName('topic')
    const { received } = await listen(one, topic)
    other.publish(topic, 'goes on')
    await waitFor(() => received.length === 1)
  })
})
