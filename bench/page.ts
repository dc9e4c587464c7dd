import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import { startFonechat, type Fonechat } from '../client/src/testing/index.ts'
import { chromiumArguments, chromiumCommand } from '../client/test/browser/chromium.ts'
import { buildWeb } from '../web/build.ts'
import { median, percentile, table } from './report.ts'

/**
 * The page in Chromium, both panes open, on the embedded engine: bytes and time from the navigation to the first message seen, new and
 * known to the device; and frames while Alice’s list is scrolled from its end to its beginning, which loads its messages, and back.
 * A frame scrolls by a screen and a half, from the page itself: it is the work of one that is shown, without the driver’s.
 */
const isQuick = process.argv.includes('--quick')
const messageCount = isQuick ? 1000 : 10_000
const rounds = isQuick ? 1 : 5
const root = fileURLToPath(new URL('..', import.meta.url))
const viewport = { width: 1280, height: 800 }

/** Milliseconds that one scroll through all messages, and anything else that is waited for, may take. */
const scrollLimit = 600_000
const limit = 60_000

const newChannel = 'mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }'
const newMember = 'mutation ($input: AddMemberInput!) { addMember(input: $input) { member { id } } }'
const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { index } } }'

async function fill(fonechat: Fonechat, uniqueName: string): Promise<void> {
  await fonechat.backend(newChannel, { input: { uniqueName } })
  for (const identity of ['alice', 'bob', 'mira'])
    await fonechat.backend(newMember, { input: { channelId: uniqueName, identity } })
  let sent = 0
  const sendAll = async (): Promise<void> => {
    while (sent < messageCount) {
      const body = `number ${sent}${' and some more of it'.repeat(sent++ % 9)}`
      await fonechat.backend(send, { input: { channelId: uniqueName, authorIdentity: 'mira', body } })
    }
  }
  await Promise.all(Array.from({ length: 32 }, sendAll))
}

interface FirstLoad {
  /** Milliseconds from the navigation to the first frame with a message. */
  readonly seen: number
  /** Bytes of bodies as they were transferred. */
  readonly bytes: number
  readonly requests: number
}

/** Opens the page, and answers when a message was first there to be painted. */
async function load(page: Page, url: string): Promise<FirstLoad> {
  const sizes: Promise<number>[] = []
  // Of what comes from the cache the driver subtracts headers that nobody sent.
  page.on('requestfinished', (request) =>
    sizes.push(request.sizes().then(({ responseBodySize }) => Math.max(0, responseBodySize))),
  )
  await page.goto(url, { timeout: limit })
  const seen = await page.waitForFunction(() => (globalThis as unknown as { seenAt?: number }).seenAt, undefined, {
    timeout: limit,
  })
  await page.waitForLoadState('networkidle', { timeout: limit })
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  return { seen: (await seen.jsonValue())!, bytes, requests: sizes.length }
}

/** Notes in `seenAt` when the first message is painted, in milliseconds since the navigation. */
const noteFirstMessage = (): void => {
  const seen = globalThis as unknown as { seenAt?: number }
  const look = (now: number): void => {
    if (document.querySelector('.message-text')) seen.seenAt = now
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport })
  const page = await context.newPage()
  await page.addInitScript(noteFirstMessage)
  return page
}

/** Scrolls the first list until the message `goal` is in the document; answers how long each frame took, in milliseconds. */
function scroll(page: Page, direction: 1 | -1, goal: string): Promise<number[]> {
  return page.evaluate(
    ({ sign, text, within }) => {
      const { promise, resolve, reject } = Promise.withResolvers<number[]>()
      const scroller = document.querySelector('.list-scroller')!
      const step = sign * scroller.clientHeight * 1.5
      const end = performance.now() + within
      const frames: number[] = []
      let last = performance.now()
      const next = (now: number): void => {
        frames.push(now - last)
        last = now
        const isThere = [...scroller.querySelectorAll('.message-text')].some(({ textContent }) => textContent === text)
        if (isThere) return resolve(frames.slice(1))
        if (now > end) return reject(new Error(`after ${within} ms “${text}” is not there`))
        scroller.scrollTop += step
        requestAnimationFrame(next)
      }
      requestAnimationFrame(next)
      return promise
    },
    { sign: direction, text: goal, within: scrollLimit },
  )
}

/** Frames of 60 a second that were not drawn in time. */
const dropped = (frames: readonly number[]): number =>
  frames.reduce((sum, frame) => sum + Math.max(0, Math.round((frame * 60) / 1000) - 1), 0)

const say = (text: string): void => void process.stderr.write(`${text}\n`)

await using stack = new AsyncDisposableStack()
say('building the page')
await buildWeb()
const fonechat = stack.use(await startFonechat({ server: root }))
const browser = await chromium.launch({ executablePath: chromiumCommand(), args: chromiumArguments, timeout: limit })
stack.defer(() => browser.close())
say(`sending ${messageCount} messages`)
await fill(fonechat, 'long')
const url = `${fonechat.url}/chat/long`

const loads: Record<'new' | 'known', FirstLoad[]> = { new: [], known: [] }
const walks: Record<'up' | 'down', number[]> = { up: [], down: [] }
for (let round = 0; round < rounds; round++) {
  say(`round ${round + 1} of ${rounds}`)
  const page = await openPage(browser)
  loads.new.push(await load(page, url))
  page.removeAllListeners('requestfinished')
  loads.known.push(await load(page, url))
  walks.up.push(...(await scroll(page, -1, 'number 0')))
  // The last has all its repetitions.
  const last = messageCount - 1
  walks.down.push(...(await scroll(page, 1, `number ${last}${' and some more of it'.repeat(last % 9)}`)))
  await page.context().close()
}

const loadRow = (name: string, all: readonly FirstLoad[]): string[] => [
  name,
  median(all.map(({ seen }) => seen)).toFixed(0),
  (median(all.map(({ bytes }) => bytes)) / 1000).toFixed(0),
  String(median(all.map(({ requests }) => requests))),
]
process.stdout.write(
  table([
    ['the page', 'first message seen, ms', 'transferred, kB', 'requests'],
    loadRow('new to the device', loads.new),
    loadRow('known to it', loads.known),
  ]),
)
const frameRow = (name: string, frames: readonly number[]): string[] => [
  name,
  String(frames.length),
  percentile(frames, 0.5).toFixed(1),
  percentile(frames, 0.95).toFixed(1),
  Math.max(...frames).toFixed(0),
  `${dropped(frames)} (${((100 * dropped(frames)) / (frames.length + dropped(frames))).toFixed(1)} %)`,
]
process.stdout.write(
  `\n${table([
    [`${messageCount} messages`, 'frames', 'p50, ms', 'p95', 'longest', 'dropped'],
    frameRow('to the beginning, loading', walks.up),
    frameRow('back to the end, loaded', walks.down),
  ])}`,
)
