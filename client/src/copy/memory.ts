import type { Copy } from './types.ts'

/** Where nothing can be kept on the device: the store alone has it, and each start is a new device. */
export function memoryCopy(createId: () => string): Copy {
  let deviceId = createId()
  return {
    get deviceId() {
      return deviceId
    },
    load: async () => [],
    takeTerm: async () => 1,
    write: async () => {},
    settled: async () => {},
    clear: async () => {
      deviceId = createId()
    },
    remove: async () => {},
    close: async () => {},
  }
}
