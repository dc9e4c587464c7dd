import { WebSocketServer, type WebSocket } from 'ws'
import { createServer, serve } from './harness.ts'

/** The floor of what a WebSocket server in Node does: a loop that sends one string per client. */
const server = createServer()
const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' })
const clients = new Map<WebSocket, string>()
sockets.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { type: string; id: string }
    if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}')
    else if (message.type === 'subscribe') clients.set(socket, message.id)
  })
  socket.on('close', () => clients.delete(socket))
})
serve(server, (messageAdded) => {
  const payload = JSON.stringify({ data: { messageAdded } })
  for (const [socket, id] of clients) socket.send(`{"id":"${id}","type":"next","payload":${payload}}`)
})
