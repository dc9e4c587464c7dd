import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

const { dataDirectory, image } = workerData as {
  dataDirectory: string | undefined
  image: Uint8Array<ArrayBuffer> | undefined
}

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
  void engine.execProtocolRaw(message).then((answer) => port.postMessage(answer))
})
