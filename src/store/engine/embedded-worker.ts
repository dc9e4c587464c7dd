import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

/** A tenth of the weight of a thread without. */
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
    // For example, its log has met a full disk. The engine never answers again.
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
 * PGlite (0.5.16) parses the answers of `execProtocolRaw` and keeps them for ever. Its stream does not, but gives no answer to the first
 * message of a connection.
 */
async function execute(message: Uint8Array): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  if (message[0] === 0) return [Uint8Array.from(await engine.execProtocolRaw(message))]
  const answer: Uint8Array<ArrayBuffer>[] = []
  await engine.execProtocolRawStream(message, { onRawData: (bytes) => answer.push(Uint8Array.from(bytes)) })
  return answer
}

/**
 * Lowers the priority of this thread. With one processor to spare, the database would take half of it while messages go out to sockets. Only
 * Linux has priorities of threads.
 */
function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    const [threadId] = readlinkSync('/proc/thread-self').split('/').slice(-1)
    setPriority(Number(threadId), niceness)
  } catch {
    // Without /proc, or where it is not allowed, the priority stays.
  }
}
