// A script of a page that tests the harness itself.
const socket = new WebSocket(`ws://${location.host}/graphql`, 'graphql-transport-ws')
const log: string[] = []
socket.addEventListener('open', () => log.push('open'))
socket.addEventListener('close', () => log.push('close'))
addEventListener('pageshow', (event) => log.push(event.persisted ? 'restored' : 'shown'))
document.addEventListener('freeze', () => log.push('freeze'))
document.addEventListener('resume', () => log.push('resume'))
addEventListener('pagehide', () => socket.close())
Object.assign(globalThis, { log, hasLocks: 'locks' in navigator && isSecureContext })
