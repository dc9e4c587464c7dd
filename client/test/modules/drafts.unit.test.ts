import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../../../test/support/seeded-random.ts'
import type { DraftPlace } from '../../src/modules/later-draft.ts'
import { DraftDevice, DraftServer, places } from '../world/drafts.ts'
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
  where: fc.nat(1),
  wait: fc.constantFrom(0, 5, 100, 300, 900, 5000),
})

test('whatever two devices write, quote, send and lose, in a channel and in a thread: none replaces a text that it never showed, nothing vanishes by itself, and both end with what the server has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fc.nat(), async (steps, seed) => {
      const world = new World(seededRandom(seed))
      const server = new DraftServer()
      const devices = ['desk', 'phone'].map((name) => new DraftDevice(world, server, name))
      /** What each has written last in each place, unless it has decided otherwise since. */
      const written = devices.map(() => places.map((): string | undefined => undefined))
      for (const device of devices) device.connect()
      for (const [number, { kind, who, where, wait }] of steps.entries()) {
        const device = devices[who]!
        const place = places[where]!
        const ofIt = written[who]!
        if (kind === 'write') device.drafts.write(place, (ofIt[where] = `${number}`))
        else if (kind === 'append') device.drafts.write(place, (ofIt[where] = `${device.text(place)}+${number}`))
        else if (kind === 'quote')
          device.drafts.write(place, { quotedMessageId: device.quoted(place) === null ? `q${number}` : null })
        else if (kind === 'flush') device.drafts.flush()
        else if (kind === 'cut' || kind === 'connect') device[kind]()
        // Where there is nothing to choose nothing was given up.
        else if (kind === 'keepMine') device.drafts.keepMine(place)
        else {
          ofIt[where] = undefined
          if (kind === 'erase') device.drafts.write(place, '')
          else if (kind === 'takeTheirs') device.drafts.takeTheirs(place)
          else device.send(place)
        }
        await world.pass(wait)
        for (const [at, texts] of written.entries()) {
          for (const [of, text] of texts.entries()) {
            const isKept = text === undefined || devices[at]!.text(places[of]!) === text || server.texts.has(text)
            const isWithin = [...server.texts].some((saved) => saved.startsWith(text ?? ''))
            expect(isKept || isWithin, `${text} of ${at} vanished at ${number}`).toBe(true)
          }
        }
      }
      for (const device of devices) device.connect()
      await world.pass(20_000)
      // One of them decides.
      for (const place of places) for (const device of devices) device.drafts.keepMine(place)
      await world.pass(20_000)
      for (const place of places) for (const device of devices) device.drafts.takeTheirs(place)
      await world.pass(20_000)
      expect(server.silent).toEqual([])
      for (const place of places) {
        const { body = '', quotedMessageId = null } = server.find(place) ?? {}
        for (const device of devices) {
          expect([device.text(place), device.quoted(place), device.theirs(place)]).toEqual([
            body,
            quotedMessageId,
            null,
          ])
        }
      }
      expect(world.now).toBeGreaterThan(0)
    }),
    { numRuns: Number(process.env['DRAFT_RUNS'] ?? 200) },
  )
}, 120_000)

/** Two devices of one user that are connected. */
async function openTwoDevices(seed: number) {
  const world = new World(seededRandom(seed))
  const server = new DraftServer()
  const [desk, phone] = [new DraftDevice(world, server, 'desk'), new DraftDevice(world, server, 'phone')]
  for (const device of [desk, phone]) device.connect()
  await world.pass(500)
  return { world, server, desk, phone }
}

test.each([0, 200, 3000])(
  'a draft that another device changes and sends stays gone on all devices, whenever that is, where answers come %i ms late',
  async (late) => {
    for (let wait = 0; wait <= 3000; wait += 50) {
      const { world, server, desk, phone } = await openTwoDevices(wait)
      phone.answerMilliseconds = late
      for (const place of places) phone.drafts.write(place, 'at nine')
      phone.drafts.flush()
      await world.pass(250)
      const [inChannel, inThread] = places as [DraftPlace, DraftPlace]
      expect(places.map((place) => desk.text(place))).toEqual(['at nine', 'at nine'])
      await world.pass(wait)
      desk.drafts.write(inThread, 'I do')
      desk.drafts.flush()
      desk.send(inThread)
      await world.pass(20_000)
      for (const device of [desk, phone]) {
        expect([device.text(inChannel), device.text(inThread)], `after ${wait} ms`).toEqual(['at nine', ''])
      }
      expect(server.drafts).toHaveLength(1)
    }
  },
)

test('what a device hears while its own save is answered stands: a newer draft, and that there is none', async () => {
  for (const body of ['theirs', '']) {
    const { world, server, desk, phone } = await openTwoDevices(1)
    phone.answerMilliseconds = 3000
    const place = places[0]!
    phone.drafts.write(place, 'mine')
    phone.drafts.flush()
    await world.pass(250)
    desk.drafts.write(place, body)
    desk.drafts.flush()
    await world.pass(20_000)
    expect([phone.text(place), desk.text(place), server.find(place)?.body ?? '']).toEqual([body, body, body])
  }
})
