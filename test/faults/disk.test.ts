import { expect, test } from 'vitest'
import { diskFindings } from '../../src/domain/deployment/system-probes.ts'
import { mountVolume } from './volume.ts'

test('a disk that is nearly full is found, also when nothing is left of it', async () => {
  await using volume = await mountVolume(64)
  expect(diskFindings(volume.path)).toMatchObject([{ code: 'disk.few', severity: 'error', subject: 'DATA_DIR' }])
  volume.fill()
  expect(diskFindings(volume.path)[0]!.text).toContain('has 0 MB left')
  await using large = await mountVolume(1100)
  expect(diskFindings(large.path)).toEqual([])
})
