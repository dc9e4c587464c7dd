import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

/** A tenth of the weight of a thread that has none. */
const niceness = 10

const { dataDirectory, image } = workerData as {
  dataDirectory: string | undefined
  image: Uint8Array<ArrayBuffer> | undefined
}

giveWay()
const engine = await PGlite.create({
  ...(dataDirectory !== undefined && { dataDir: dataDirectory }),
  ...(image && { loadDataDir: new Blob([image]) }),
})

const port = parentPort!
port.postMessage('ready')

port.on('message', (message: Uint8Array | 'close') => {
  if (message === 'close') {
    void engine.close().then(() => port.close())
    return
  }
  // The engine queues calls itself, so answers leave in the order the requests came.
  void execute(message).then((answer) => {
    // It says so, for example when its log meets a full disk, and then never again anything.
    if (isEnd(Buffer.concat(answer))) process.exit(1)
    for (const chunk of answer) port.postMessage(chunk, [chunk.buffer])
  })
})

/** Whether an answer is the engine's last: an error of this severity, and no readiness for more (`Z`) after it. */
function isEnd(answer: Buffer): boolean {
  if (answer.at(-6) === 0x5a) return false
  return answer.includes('\0VPANIC\0') || answer.includes('\0VFATAL\0')
}

/**
 * What PGlite's `execProtocolRaw` answers it also parses and keeps for as long as it lives (0.5.16). Its stream does neither, but says
 * nothing to the first message of a connection.
 */
async function execute(message: Uint8Array): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  if (message[0] === 0) return [Uint8Array.from(await engine.execProtocolRaw(message))]
  const answer: Uint8Array<ArrayBuffer>[] = []
  await engine.execProtocolRawStream(message, { onRawData: (bytes) => answer.push(Uint8Array.from(bytes)) })
  return answer
}

/**
 * On a machine with one processor to spare, the database would take half of it while messages go out to sockets: a thread on Linux has a
 * priority of its own. Elsewhere there is only that of the process.
 */
function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    const [threadId] = readlinkSync('/proc/thread-self').split('/').slice(-1)
    setPriority(Number(threadId), niceness)
  } catch {
    // No /proc, or not allowed: it goes without.
  }
}
