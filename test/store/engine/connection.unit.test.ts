import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Connection } from '../../../src/store/engine/connection.ts'
import { StatementFigures } from '../../../src/store/engine/statement-figures.ts'

/** A message of the protocol: its letter, its length, its bytes. */
function message(letter: string, ...bytes: number[]): Buffer {
  const head = Buffer.from([letter.charCodeAt(0), 0, 0, 0, 4 + bytes.length])
  return Buffer.concat([head, Buffer.from(bytes)])
}

const welcome = message('R', 0, 0, 0, 0)
const ready = message('Z', 'I'.charCodeAt(0))
const selected = message('C', ...Buffer.from('SELECT 0\0'))

/** Speaks as much of the protocol as a spec wants: what no real server can be made to do when it is wanted. */
let answerQuery: (socket: Socket, asked: Buffer) => void
let socket: Socket
let connection: Connection
const server = createServer((client) => {
  let isWelcome = false
  client.on('error', () => {})
  client.on('data', (asked) => {
    if (isWelcome) return answerQuery(client, asked)
    isWelcome = true
    client.write(Buffer.concat([welcome, ready]))
  })
})

beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  connection = new Connection(socket, 'here', {
    address: { user: 'me', password: '', database: 'chat' },
    parameters: {},
    prepare: true,
    statementTimeout: 5000,
    figures: new StatementFigures(),
  })
})
afterEach(async () => {
  connection.discard('CLOSED')
  await once(server.close(), 'close')
})

const ask = () => connection.run('SELECT', [], {})

test('an answer has a command tag, and may have no row', async () => {
  answerQuery = (client) => void client.write(Buffer.concat([selected, ready]))
  expect(await ask()).toEqual([])
})

test('readiness without a command tag is no answer, and ends the connection', async () => {
  answerQuery = (client) => void client.write(ready)
  await expect(ask()).rejects.toMatchObject({ code: 'NO_ANSWER', outcome: 'unknown' })
  expect(connection.isLost).toBe(true)
})

test('a fault of the socket is known before the driver knows it: nothing more is sent', async () => {
  answerQuery = (client) => void client.write(Buffer.concat([selected, ready]))
  await ask()
  socket.once('error', () => {})
  // The driver would resolve what comes between this and the close.
  const between = new Promise((resolve) =>
    socket.prependOnceListener('close', () => resolve(ask().catch((error: unknown) => error))),
  )
  socket.destroy(new Error('reset'))
  expect(await between).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'none' })
})

test('a statement leaves whole, up to the word that it is: the server never holds locks while it waits for the rest', async () => {
  const sync = message('S')
  const endings: Buffer[] = []
  answerQuery = (client, asked) => {
    endings.push(asked.subarray(-sync.length))
    client.write(Buffer.concat([message('1'), message('n'), message('2'), selected, ready]))
  }
  for (const prepare of [false, true, true]) await connection.run('SELECT $1', ['value'], { prepare })
  expect(endings).toEqual([sync, sync, sync])
})

test('an answer that cannot be read says nothing of what has happened, and ends the connection', async () => {
  // A row before it was said what rows look like.
  answerQuery = (client) => void client.write(Buffer.concat([message('D', 0, 1, 0, 0, 0, 9), selected, ready]))
  await expect(ask()).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' })
  expect(connection.isLost).toBe(true)
})

test('more parameters than the driver takes are refused, and the connection goes on', async () => {
  answerQuery = (client) => void client.write(Buffer.concat([selected, ready]))
  await ask()
  const tooMany = connection.run('SELECT $1', Array(65_534).fill(1), { prepare: true })
  await expect(tooMany).rejects.toThrow('at most 65533 parameters')
  expect(await ask()).toEqual([])
})
