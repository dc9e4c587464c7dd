import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../test/support/seeded-random.ts'
import { DraftDevice, DraftServer } from '../world/drafts.ts'
import { World } from '../world/world.ts'

const kinds = {
  write: 6,
  append: 4,
  erase: 1,
  flush: 1,
  quote: 1,
  send: 2,
  cut: 2,
  connect: 3,
  keepMine: 1,
  takeTheirs: 1,
} as const

const step = fc.record({
  kind: fc.oneof(
    ...Object.entries(kinds).map(([kind, weight]) => ({
      weight,
      arbitrary: fc.constant(kind as keyof typeof kinds),
    })),
  ),
  who: fc.nat(1),
  wait: fc.constantFrom(0, 5, 100, 300, 900, 5000),
})

test('whatever two devices write, quote, send and lose, in a channel or a thread: none replaces a text that it never showed, nothing vanishes by itself, and both end with what the server has', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 5, maxLength: 40 }),
      fc.nat(),
      fc.boolean(),
      async (steps, seed, isThread) => {
        const world = new World(seededRandom(seed))
        const server = new DraftServer(isThread ? 'IM1' : null)
        const { place } = server
        const devices = ['desk', 'phone'].map((name) => new DraftDevice(world, server, name))
        /** What each has written last, unless it has decided otherwise since. */
        const written: (string | undefined)[] = [undefined, undefined]
        for (const device of devices) device.connect()
        for (const [number, { kind, who, wait }] of steps.entries()) {
          const device = devices[who]!
          if (kind === 'write') device.drafts.write(place, (written[who] = `${number}`))
          else if (kind === 'append') device.drafts.write(place, (written[who] = `${device.text}+${number}`))
          else if (kind === 'quote')
            device.drafts.write(place, { quotedMessageId: device.quoted === null ? `q${number}` : null })
          else {
            if (kind !== 'flush' && kind !== 'cut' && kind !== 'connect' && kind !== 'keepMine')
              written[who] = undefined
            if (kind === 'erase') device.drafts.write(place, '')
            else if (kind === 'flush') device.drafts.flush()
            else if (kind === 'keepMine' || kind === 'takeTheirs') {
              // Where there is nothing to choose nothing was given up.
              device.drafts[kind](place)
            } else device[kind]()
          }
          await world.pass(wait)
          for (const [at, text] of written.entries()) {
            const isKept = text === undefined || devices[at]!.text === text || server.texts.has(text)
            const isWithin = [...server.texts].some((saved) => saved.startsWith(text ?? ''))
            expect(isKept || isWithin, `${text} of ${at} vanished at ${number}`).toBe(true)
          }
        }
        for (const device of devices) device.connect()
        await world.pass(20_000)
        // One of them decides.
        for (const device of devices) device.drafts.keepMine(place)
        await world.pass(20_000)
        for (const device of devices) device.drafts.takeTheirs(place)
        await world.pass(20_000)
        expect(server.silent).toEqual([])
        for (const device of devices) {
          const { body = '', quotedMessageId = null } = server.draft ?? {}
          expect([device.text, device.quoted, device.theirs]).toEqual([body, quotedMessageId, null])
        }
        expect(world.now).toBeGreaterThan(0)
      },
    ),
    { numRuns: Number(process.env['DRAFT_RUNS'] ?? 200) },
  )
}, 120_000)
