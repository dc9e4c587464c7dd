import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChannelsDocument } from '../../../schema/generated/graphql.ts'
import { captureLog } from '../../support/captured-log.ts'
import { serverBehindProxy } from '../../support/database-proxy.ts'
import { engineName } from '../../support/engine.ts'
import { Caller, openKit, type Kit } from '../../support/kit.ts'
import { waitFor } from '../../support/wait.ts'

let kit: Kit
beforeAll(async () => {
  kit = await openKit()
})
afterAll(() => kit.close())

test.runIf(engineName === 'cluster')(
  'an outage of the database is logged when it begins and when it ends, with its cause',
  async () => {
    await using behind = await serverBehindProxy(kit, 2)
    const { server, proxy } = behind
    const caller = new Caller(server, kit.backend.authorization)
    await caller.request(ChannelsDocument)
    const log = captureLog(server.app.logger)
    const linesWith = (message: string) =>
      log.lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === message)
    await proxy.cut()
    const answers = await Promise.all(Array.from({ length: 20 }, () => caller.ask(ChannelsDocument)))
    expect(new Set(answers.map(({ errors }) => errors?.[0]?.extensions.code))).toEqual(new Set(['UNAVAILABLE']))
    const away = linesWith('the database does not answer')
    expect(away).toHaveLength(1)
    // That of the first request that has met it, if it was one.
    const { requestId: _requestId, ...line } = away[0]!
    expect(line).toEqual({
      level: 40,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      code: expect.any(String),
      reason: expect.any(String),
      msg: 'the database does not answer',
    })
    await proxy.restore()
    await waitFor(() => linesWith('the database answers again').length > 0)
    await caller.request(ChannelsDocument)
    const [back] = linesWith('the database answers again')
    expect(back).toMatchObject({ level: 30, failures: expect.any(Number), since: expect.stringMatching(/Z$/) })
    expect(Number(back!['failures'])).toBeGreaterThanOrEqual(20)
    expect(log.text).not.toMatch(/select |Failed query|"stack"/i)
    expect(log.faults).toEqual([])
  },
)
