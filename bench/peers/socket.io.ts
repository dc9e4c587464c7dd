import { Server } from 'socket.io'
import { createServer, serve } from './harness.ts'

/** socket.io: one emit to a room. */
const server = createServer()
const io = new Server(server, { transports: ['websocket'] })
io.on('connection', (socket) => socket.join('channel'))
serve(server, (message) => io.to('channel').emit('message', message))
