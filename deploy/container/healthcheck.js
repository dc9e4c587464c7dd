// Exits with 0 when the process answers. Smaller than `fetch`, since it is started every ten seconds.
const { get } = require('node:http')

const { HOST = '0.0.0.0', PORT = '4000' } = process.env
// Every address is listened on: one of them is this machine's own.
const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST

get({ host, port: PORT, path: '/healthz', timeout: 4000 }, (response) =>
  process.exit(response.statusCode === 200 ? 0 : 1),
)
  .on('timeout', () => process.exit(1))
  .on('error', () => process.exit(1))
